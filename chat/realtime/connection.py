"""One socket after its hello: who it is, what it hears, and the only way to say something to it."""

from __future__ import annotations

import asyncio
from collections import deque
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from chat.auth import Principal
from chat.realtime.outbox import Outbox, Overflow
from chat.realtime.protocol import CloseCode


class Connection:
    """`topics` are what the hub passes on to it; `state` is for handlers and hooks of other apps."""

    def __init__(self, principal: Principal, *, device: UUID | None = None) -> None:
        self.id = str(uuid7())
        self.principal = principal
        self.device = device
        self.outbox = Outbox()
        self.topics: set[str] = set()
        # Conversation topics that the person was removed from meanwhile, with the `seq` of it.
        self.removals: dict[str, int] = {}
        self.state: dict[str, Any] = {}
        self.opened_at = asyncio.get_running_loop().time()
        self.alive_at = self.opened_at
        # The conversation on screen, as told by `watch_conversation`.
        self.watching: str | None = None
        # What they do not see of others, since they hide their own: `last_seen`, `typing`, `reads`.
        self.lacking: frozenset[str] = frozenset()
        # The last events that come by several topics and are told once.
        self._told: deque[str] = deque(maxlen=16)
        # Set when `refresh` brought a later expiry.
        self.renewed = asyncio.Event()
        self._orders: dict[str, asyncio.Lock] = {}

    @property
    def user(self) -> Any:
        return self.principal.user

    @property
    def user_id(self) -> str:
        return self.principal.user_id

    @property
    def session(self) -> str | None:
        return self.principal.session

    def seconds_left(self) -> float:
        """Until the access token expires."""
        return (self.principal.expires_at - datetime.now(UTC)).total_seconds()

    def send(self, text: str) -> None:
        """Queue a frame. A socket whose outbox overflows closes; nobody else notices."""
        if self.outbox.closing is not None:
            return
        try:
            self.outbox.put(text)
        except Overflow:
            self.outbox.drop()
            self.close(CloseCode.SLOW_CONSUMER, "slow_consumer")

    def hears_first(self, key: str) -> bool:
        """Whether an event that comes by several topics has not come before."""
        if key in self._told:
            return False
        self._told.append(key)
        return True

    def close(self, code: int, reason: str) -> None:
        self.outbox.close(code, reason)

    def order(self, key: str) -> asyncio.Lock:
        """Commands of one conversation run one after the other, in the order they came."""
        if len(self._orders) > 64:
            self._orders = {name: lock for name, lock in self._orders.items() if lock.locked()}
        return self._orders.setdefault(key, asyncio.Lock())
