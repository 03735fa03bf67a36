"""The floor: a bare ASGI socket that passes each frame on to everybody in memory. Nothing is saved or checked."""

from __future__ import annotations

from typing import Any

_sends: set[Any] = set()


async def application(scope: Any, receive: Any, send: Any) -> None:
    if scope["type"] == "lifespan":
        while True:
            message = await receive()
            await send({"type": message["type"] + ".complete"})
            if message["type"] == "lifespan.shutdown":
                return
    if scope["type"] == "http":
        await send({"type": "http.response.start", "status": 200, "headers": []})
        await send({"type": "http.response.body", "body": b"ok"})
        return
    await receive()
    await send({"type": "websocket.accept"})
    _sends.add(send)
    try:
        while (message := await receive())["type"] == "websocket.receive":
            for other in list(_sends):
                await other({"type": "websocket.send", "text": message["text"]})
    finally:
        _sends.discard(send)
