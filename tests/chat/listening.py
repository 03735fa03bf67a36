"""A connection of a hub in this process, of which a test reads what would leave through its socket."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from typing import Any

from chat.realtime.connection import Connection
from planb.accounts.models import User
from tests.people import Json, messages_of


class Ear:
    """A connection of which we read what would leave through its socket."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.heard: list[Json] = []
        self.news = asyncio.Event()
        self.reader = asyncio.ensure_future(connection.outbox.drain(self._take))

    async def _take(self, text: str) -> None:
        self.heard.append(json.loads(text))
        self.news.set()

    async def until(self, fits: Callable[[list[Json]], Any], seconds: float = 10) -> list[Json]:
        async with asyncio.timeout(seconds):
            while not fits(self.heard):
                self.news.clear()
                await self.news.wait()
        return self.heard

    def _messages(self) -> list[Json]:
        return [
            item for frame in self.heard if frame["type"] in {"new_message", "changes"} for item in messages_of(frame)
        ]

    def seqs(self) -> list[int]:
        return [item["seq"] for item in self._messages()]

    def texts(self) -> list[str]:
        """What was said, each once."""
        return [*dict.fromkeys(item["text"] for item in self._messages())]


Listen = Callable[[User], Any]
