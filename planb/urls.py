"""Every address of the project."""

from __future__ import annotations

from django.contrib import admin
from django.urls import include, path, re_path

from chat.api.urls import nowhere
from planb import health, views

urlpatterns = [
    path("healthz", health.healthz),
    path("readyz", health.readyz),
    path("admin/", admin.site.urls),
    path(
        "api/v1/",
        include(
            [
                path("", include("planb.accounts.urls")),
                path("", include("presence.urls")),
                path("", include("chat.schema.urls")),
                path("", include("chat.api.urls")),
                nowhere,
            ]
        ),
    ),
    # The client has routes of its own: `/`, `/c/<conversation>`.
    path("", views.client, name="client"),
    re_path(r"^c/[0-9a-f-]+$", views.client),
]
