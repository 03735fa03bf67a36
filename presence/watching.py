"""What this app keeps of each open socket: its mode, whom it watches, where it types. And telling watchers."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID
from weakref import WeakKeyDictionary

from chat import broadcast, database
from chat.conf import conf as chat_conf
from chat.exceptions import ChatError
from chat.realtime.connection import Connection
from chat.realtime.hub import Hub, hub
from chat.services import privacy
from presence import people, rules
from presence.conf import conf
from presence.store import Change, Entry
from presence.wire import Mode, presence_event, presence_topic

logger = logging.getLogger(__name__)

_KEY = "presence"
_AT_ONCE = 100


@dataclass(slots=True)
class Standing:
    """`listed` are watched by `watch_presence`, `beside` by the conversation on screen; both are wire user ids."""

    mode: Mode = "active"
    version: int = 0
    closed: bool = False
    listed: frozenset[str] = frozenset()
    beside: frozenset[str] = frozenset()
    # Counts changes of the two, so that a recheck of an older set does nothing.
    turn: int = 0
    checked_at: float = 0.0
    # Conversation → when it was last said, in the loop's time.
    typing: dict[UUID, float] = field(default_factory=dict)
    # Not one of `connection.order`: those are named by what clients send.
    lock: asyncio.Lock = field(default_factory=asyncio.Lock)

    @property
    def watched(self) -> frozenset[str]:
        return self.listed | self.beside


# The open sockets of each loop; a server process has one loop.
_open: WeakKeyDictionary[asyncio.AbstractEventLoop, set[Connection]] = WeakKeyDictionary()


def standing_of(connection: Connection) -> Standing:
    found = connection.state.get(_KEY)
    if found is None:
        found = connection.state[_KEY] = Standing()
    assert isinstance(found, Standing)
    return found


def entry_of(connection: Connection) -> Entry:
    standing = standing_of(connection)
    return Entry(connection.user_id, connection.id, standing.mode, standing.version)


def opened() -> set[Connection]:
    """The sockets that are open in the running loop; the set itself."""
    return _open.setdefault(asyncio.get_running_loop(), set())


async def follow(
    connection: Connection,
    *,
    listed: Iterable[str] | None = None,
    beside: Iterable[str] | None = None,
) -> None:
    """Hear of these people from now on, and of those who were in the replaced set no longer.

    Returns once the layer has confirmed it: who reads after that misses no change. Call it under `standing.lock`.
    """
    standing = standing_of(connection)
    before = standing.watched
    if listed is not None:
        standing.listed = frozenset(listed)
    if beside is not None:
        standing.beside = frozenset(beside)
    standing.turn += 1
    standing.checked_at = asyncio.get_running_loop().time()
    if standing.watched == before:
        return
    here = await hub()
    added = _topics(standing.watched - before)
    if added:
        await here.subscribe([connection], added)
        if connection not in here.connections:
            # It closed while the layer was asked; the hub has let go of it already.
            here.unsubscribe(connection, added)
            return
    _leave(here, connection, before - standing.watched)


def _topics(users: Iterable[str]) -> list[str]:
    return [presence_topic(user) for user in users]


def _leave(here: Hub, connection: Connection, users: Iterable[str]) -> None:
    topics = _topics(users)
    if topics:
        here.unsubscribe(connection, topics)


async def recheck() -> None:
    """Stop hearing of people with whom nothing is shared any more: one query for all sockets of the process."""
    now = asyncio.get_running_loop().time()
    due: list[tuple[Connection, int]] = []
    pairs: set[tuple[Any, str]] = set()
    for connection in opened():
        standing = standing_of(connection)
        if standing.watched and now - standing.checked_at >= conf().recheck_interval:
            due.append((connection, standing.turn))
            pairs.update((connection.user.pk, user) for user in standing.watched)
    if not due:
        return
    shared = await database.run(people.still_shared, pairs)
    for connection, turn in due:
        standing = standing_of(connection)
        # Whoever holds the lock has just read who may be seen.
        if standing.turn != turn or standing.lock.locked() or connection not in opened():
            continue
        kept = {user for user in standing.watched if (connection.user.pk, user) in shared}
        async with standing.lock:
            await follow(connection, listed=standing.listed & kept, beside=standing.beside & kept)


async def announce(changes: Sequence[Change]) -> None:
    """Tell whoever watches these people. Bounded in time, and never raises for Redis."""
    try:
        # Who is online has no last visit to tell: the usual change costs no query.
        visits = {change.user for change in changes if change.presence.last_seen is not None}
        hiding = await database.run(privacy.hiding_last_seen, visits) if visits else set()
    except ChatError:
        hiding = visits
    hints = [
        presence_event(change.user, rules.without_visit(change.presence, hidden=change.user in hiding))
        for change in changes
    ]
    try:
        async with asyncio.timeout(5 * chat_conf().redis_timeout):
            for start in range(0, len(hints), _AT_ONCE):
                await asyncio.gather(*(broadcast.asend([hint]) for hint in hints[start : start + _AT_ONCE]))
    except TimeoutError:
        logger.warning("presence of %d people could not be told in time", len(hints))
