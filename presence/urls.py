from __future__ import annotations

from django.urls import path

from presence.api import PresenceView

urlpatterns = [path("presence", PresenceView.as_view())]
