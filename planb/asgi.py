"""The application for any ASGI server: HTTP to Django, `/ws/v1` to chat's consumer, a hub that ends with the process."""

from __future__ import annotations

import os
from typing import Any

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "planb.settings")

from django.core.asgi import get_asgi_application

django_application = get_asgi_application()

from chat.realtime import hub  # noqa: E402 (Django must be set up first)
from chat.realtime.routing import socket_application  # noqa: E402


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "websocket":
        await socket_application(scope, receive, send)
    elif scope["type"] == "lifespan":
        await _lifespan(receive, send)
    else:
        await django_application(scope, receive, send)


async def _lifespan(receive: Any, send: Any) -> None:
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await hub.hub()
            await send({"type": "lifespan.startup.complete"})
        else:
            await hub.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return
