"""The application for any ASGI server: HTTP to Django, `/ws/v1` to chat, and a hub that ends with the process."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "planb.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from chat.realtime.routing import with_chat  # noqa: E402 (Django must be set up first)

application: Any = with_chat(django_application)
