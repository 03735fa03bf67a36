"""One topic in one process: who hears it here, and how far it has been told. Pure, so that orders can be tested."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from enum import Enum

from chat.realtime.connection import Connection

# A frame's text, and the users who hear nothing after it.
Told = tuple[str, Collection[str]]


class Step(Enum):
    """What a sequenced event means for a topic."""

    TOLD = "told"
    OLD = "old"
    HOLE = "hole"


@dataclass(slots=True)
class Topic:
    """`cursor` is the last `seq` told to the sockets here; None until it was read from the database.

    Commit and publish invert between processes and threads, so events may come out of order: those beyond
    a hole wait in `waiting` until it is filled.
    """

    name: str
    connections: set[Connection] = field(default_factory=set)
    cursor: int | None = None
    waiting: dict[int, Told] = field(default_factory=dict)
    filling: bool = False

    def tell(self, text: str) -> None:
        for connection in self.connections:
            connection.send(text)

    def take(self, seq: int, text: str, drop: Collection[str] = ()) -> Step:
        """`drop` are the users who hear this and nothing after it: they were removed with this change."""
        if self.cursor is not None and seq <= self.cursor:
            return Step.OLD
        self.waiting[seq] = (text, drop)
        return self.flush()

    def flush(self) -> Step:
        """Tell what follows the cursor without a hole."""
        if self.cursor is None:
            return Step.HOLE
        while (told := self.waiting.pop(self.cursor + 1, None)) is not None:
            self.cursor += 1
            text, drop = told
            self.tell(text)
            if drop:
                self.let_go(drop)
        return Step.HOLE if self.waiting else Step.TOLD

    def let_go(self, users: Collection[str]) -> None:
        for connection in [item for item in self.connections if item.user_id in users]:
            self.connections.discard(connection)
            connection.topics.discard(self.name)

    def advance(self, seq: int) -> Step:
        """The sockets know everything up to `seq`; forget what waited below and go on."""
        self.cursor = max(seq, self.cursor or 0)
        for place in [place for place in self.waiting if place <= self.cursor]:
            del self.waiting[place]
        return self.flush()
