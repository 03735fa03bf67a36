"""The application for any ASGI server: HTTP to Django, `/ws/v1` to chat, and a hub that ends with the process."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "planb.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from chat.realtime.lifespan import lifespan  # noqa: E402 (Django must be set up first)
from chat.realtime.routing import socket_application  # noqa: E402


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await socket_application(scope, receive, send)
    elif scope["type"] == "lifespan":
        await lifespan(receive, send)
    else:
        await django_application(scope, receive, send)
