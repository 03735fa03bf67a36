"""Where the socket lives. A project wraps its application with `with_chat`, or mounts the parts itself."""

from __future__ import annotations

from typing import Any

from chat.conf import conf
from chat.realtime.consumer import ChatConsumer
from chat.realtime.lifespan import lifespan

_consumer: Any = ChatConsumer.as_asgi()


async def socket_application(scope: Any, receive: Any, send: Any) -> None:
    """The consumer at `CHAT_SOCKET_PATH`; any other handshake is refused."""
    if scope["path"].removeprefix(scope.get("root_path", "")) == conf().socket_path:
        await _consumer(scope, receive, send)
    else:
        await receive()
        await send({"type": "websocket.close"})


def with_chat(inner: Any) -> Any:
    """An ASGI application: sockets and the server's start and end are chat's, all else is `inner`'s."""

    async def application(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] == "websocket":
            await socket_application(scope, receive, send)
        elif scope["type"] == "lifespan":
            await lifespan(receive, send)
        else:
            await inner(scope, receive, send)

    return application
