"""The server's start and end (ASGI lifespan): the hub lives in between, and says goodbye before the server hangs up."""

from __future__ import annotations

import asyncio
import logging
import signal
import threading
from typing import Any

from chat.realtime import hub

logger = logging.getLogger(__name__)


async def lifespan(receive: Any, send: Any) -> None:
    """Serve a `lifespan` scope."""
    while True:
        message = await receive()
        if message["type"] == "lifespan.startup":
            await hub.hub()
            _say_goodbye_first(asyncio.get_running_loop())
            await send({"type": "lifespan.startup.complete"})
        else:
            await hub.stop()
            await send({"type": "lifespan.shutdown.complete"})
            return


def _say_goodbye_first(loop: asyncio.AbstractEventLoop) -> None:
    """On SIGTERM and SIGINT drain first, and then let the server do what it would have done.

    uvicorn closes sockets with 1012 before it ends the lifespan: too late to tell anybody when to come back.
    """
    if threading.current_thread() is not threading.main_thread():
        return
    for number in (signal.SIGTERM, signal.SIGINT):
        server = signal.getsignal(number)
        if not callable(server):
            continue

        def drain(number: int, frame: Any, server: Any = server) -> None:
            signal.signal(number, server)
            asyncio.run_coroutine_threadsafe(_drain(number, frame, server), loop)

        signal.signal(number, drain)


async def _drain(number: int, frame: Any, server: Any) -> None:
    try:
        found = hub.running()
        if found is not None:
            await found.say_goodbye()
    except Exception:  # the server ends in any case
        logger.exception("draining failed")
    server(number, frame)
