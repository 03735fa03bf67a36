"""`path("api/v1/", include("chat.schema.urls"))`: the contract, to be read by programs and by people."""

from __future__ import annotations

from django.urls import path

from chat.schema import views

urlpatterns = [
    path("schema", views.SchemaView.as_view(), name="chat-schema"),
    path("asyncapi", views.AsyncApiView.as_view(), name="chat-asyncapi"),
    path("docs", views.docs, name="chat-docs"),
    path("docs/socket", views.socket_docs, name="chat-socket-docs"),
]
