"""Where the socket lives. A project mounts `socket_application` for its websocket scopes, or routes to the consumer."""

from __future__ import annotations

from typing import Any

from chat.conf import conf
from chat.realtime.consumer import ChatConsumer

_consumer: Any = ChatConsumer.as_asgi()


async def socket_application(scope: Any, receive: Any, send: Any) -> None:
    """The consumer at `CHAT_SOCKET_PATH`; any other handshake is refused."""
    if scope["path"].removeprefix(scope.get("root_path", "")) == conf().socket_path:
        await _consumer(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close"})
