"""Mounted below `api/v1/`."""

from django.urls import path

from planb.accounts import views

urlpatterns = [
    path("auth/register", views.RegisterView.as_view()),
    path("auth/token", views.TokenView.as_view()),
    path("auth/token/refresh", views.RefreshView.as_view()),
    path("auth/token/revoke", views.RevokeView.as_view()),
    path("auth/sessions", views.SessionsView.as_view()),
    path("auth/sessions/<str:session>", views.SessionView.as_view()),
    path("auth/password", views.PasswordView.as_view()),
    path("me", views.MeView.as_view()),
]
