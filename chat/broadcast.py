"""From events to the channel layer: one encode per event, best effort, bounded in time.

In a server process the hub's loop publishes. Elsewhere (commands, admin under WSGI) a background loop does:
`async_to_sync(group_send)` would open a Redis connection per call.
"""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Sequence
from typing import Any

from channels.layers import get_channel_layer

from chat import wire
from chat.conf import conf
from chat.events import Event, SessionsEnded

logger = logging.getLogger(__name__)

# Publishes that failed since the start, for the operator's metrics.
failures = 0
_server_loop: asyncio.AbstractEventLoop | None = None
_own_loop: asyncio.AbstractEventLoop | None = None
_lock = threading.Lock()


def serve_from(loop: asyncio.AbstractEventLoop | None) -> None:
    """The hub says which loop publishes for this process; None when it stops."""
    global _server_loop  # noqa: PLW0603 (one per process, set by the hub alone)
    _server_loop = loop


def envelope(event: Event) -> dict[str, Any]:
    """What crosses the layer, but for the topic: the frame as ready-made text, and what hubs need beside it."""
    message: dict[str, Any] = {"type": "hub"}
    text = frame_text(event)
    if text is not None:
        message["text"] = text
    if event.place is not None:
        message["seq"] = event.place
    variant = event.variant()
    if variant is not None:
        message["lacking"] = variant.lacking
        message["variant"] = wire.encode(variant.frame) if variant.frame is not None else None
    control = event.control()
    if control is not None:
        message["control"] = control
    return message


def frame_text(event: Event) -> str | None:
    """The frame's JSON text; None where there is nothing to say to clients."""
    payload = event.payload()
    return None if payload is None else wire.encode(payload)


def send(events: Sequence[Event]) -> None:
    """From synchronous code after its commit. Waits for Redis only outside a server process, and never raises."""
    loop = _server_loop
    if loop is not None and loop.is_running():
        loop.call_soon_threadsafe(_start, events)
        return
    future = asyncio.run_coroutine_threadsafe(asend(events), _background())
    try:
        future.result(timeout=conf().redis_timeout + 1)
    except TimeoutError:
        logger.warning("publishing timed out")


# The loop keeps weak references to tasks: hold them until done.
_tasks: set[asyncio.Task[None]] = set()


def _start(events: Sequence[Event]) -> None:
    task = asyncio.ensure_future(asend(events))
    _tasks.add(task)
    task.add_done_callback(_tasks.discard)


async def asend(events: Sequence[Event]) -> None:
    """Publish; failures are counted and logged, since the database holds the truth."""
    global failures  # noqa: PLW0603 (a counter)
    layer = get_channel_layer()
    assert layer is not None, "CHANNEL_LAYERS has no default layer"
    for event in events:
        message = envelope(event)
        for topic in event.topics():
            try:
                async with asyncio.timeout(conf().redis_timeout):
                    await layer.group_send(topic, message | {"topic": topic})
            except Exception as error:  # whatever the layer raises, the write stands
                failures += 1
                logger.warning("publish to %s failed: %r", topic, error)


def end_sessions(user_id: str, sessions: list[str]) -> None:
    """Close the sockets of these logins, wherever they are (close code 4401)."""
    send([SessionsEnded(user=user_id, sessions=sessions)])


def _background() -> asyncio.AbstractEventLoop:
    global _own_loop  # noqa: PLW0603 (made once, under the lock)
    with _lock:
        if _own_loop is None or _own_loop.is_closed():
            _own_loop = asyncio.new_event_loop()
            threading.Thread(target=_own_loop.run_forever, name="chat-publish", daemon=True).start()
        return _own_loop
