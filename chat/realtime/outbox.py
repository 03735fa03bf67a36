"""What waits to leave through one socket: bounded, so that a reader who stops costs a known amount."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable

from chat.conf import conf


class Overflow(Exception):
    """The other end does not read: close with 4509."""


class Outbox:
    """Frames in order. While `held`, they gather (before `ready`); `text` counts in code points ≈ bytes."""

    def __init__(self) -> None:
        self._frames: deque[str] = deque()
        self._size = 0
        self._held = True
        self._news = asyncio.Event()
        self.closing: tuple[int, str] | None = None
        self.ending = asyncio.Event()

    def put(self, text: str) -> None:
        """Raises Overflow beyond 256 frames or 1 MiB; a single frame always fits."""
        limits = conf()
        if self._frames and (len(self._frames) >= limits.outbox_frames or self._size + len(text) > limits.outbox_bytes):
            raise Overflow
        self._frames.append(text)
        self._size += len(text)
        if not self._held:
            self._news.set()

    def release(self, first: str) -> None:
        """Send `first`, then what gathered, then go on as it comes."""
        self._frames.appendleft(first)
        self._size += len(first)
        self._held = False
        self._news.set()

    def close(self, code: int, reason: str) -> None:
        """Send what is there and then close; with 4509 what is there is dropped. The first call counts."""
        if self.closing is None:
            self.closing = (code, reason)
            self._news.set()
            self.ending.set()

    def drop(self) -> None:
        self._frames.clear()
        self._size = 0

    async def drain(self, send: Callable[[str], Awaitable[None]]) -> tuple[int, str]:
        """Send until `close`; returns the code and reason to close with."""
        while True:
            if self._held and self.closing is not None:
                # Nothing precedes `ready`, not even on the way out.
                self.drop()
            while self._frames and not self._held:
                text = self._frames.popleft()
                self._size -= len(text)
                await send(text)
            if self.closing is not None:
                return self.closing
            self._news.clear()
            await self._news.wait()
