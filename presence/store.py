"""What Redis holds of presence and typing: the only module that talks to it.

Every entry ends by itself, by Redis' own clock; nothing is counted and no `disconnect` is relied on. Without Redis
everybody is offline and nobody types: nothing here raises for that, and a dead Redis is asked every two seconds only.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import redis

from chat.conf import conf as chat_conf
from chat.redis import async_client, sync_client
from presence import scripts
from presence.conf import conf
from presence.wire import Mode, Presence, TypingEntry, TypingKind, presence_of

logger = logging.getLogger(__name__)

PAUSE = 2.0
# Entries that one script takes: Redis does nothing else meanwhile.
_AT_ONCE = 200


@dataclass(frozen=True, slots=True)
class Entry:
    """One socket of a person. Of two writes the one with the greater `version` counts, whichever comes first."""

    user: str
    connection: str
    mode: Mode
    version: int = 0


@dataclass(frozen=True, slots=True)
class Change:
    """What watchers have not been told yet. Redis hands it out once."""

    user: str
    presence: Presence


class _Script:
    def __init__(self, text: str) -> None:
        self.text = text
        self.sha = hashlib.sha1(text.encode(), usedforsecurity=False).hexdigest()


_WRITE, _SWEEP, _READ = _Script(scripts.WRITE), _Script(scripts.SWEEP), _Script(scripts.READ)
_TYPE, _STOP, _TYPING = _Script(scripts.TYPE), _Script(scripts.STOP), _Script(scripts.TYPING)


class Health:
    """Whether Redis answered last time, so that an outage costs one time-out per pause and one line in the log."""

    def __init__(self) -> None:
        self.down = False
        # An outage has ended and entries may be lost: whoever reads True refreshes, and sets it back.
        self.returned = False
        self._again_at = 0.0
        self._settles_at = 0.0

    def allows(self) -> bool:
        return not self.down or time.monotonic() >= self._again_at

    @property
    def settled(self) -> bool:
        """False during an outage and shortly after, while the other processes enter their people again."""
        return not self.down and time.monotonic() >= self._settles_at

    def failed(self, error: BaseException) -> None:
        if not self.down:
            logger.warning("presence goes without Redis: %r", error)
        self.down = True
        self._again_at = time.monotonic() + PAUSE

    def succeeded(self) -> None:
        if self.down:
            logger.info("presence has Redis again")
            self.down, self.returned = False, True
            self._settles_at = time.monotonic() + 2 * PAUSE + 1


health = Health()

_FAILURES = (redis.RedisError, OSError)


def _key(*parts: object) -> str:
    return ":".join([chat_conf().redis_prefix, "presence", *map(str, parts)])


def _milliseconds(seconds: float) -> int:
    return round(seconds * 1000)


async def _run(script: _Script, keys: Sequence[str], calls: Sequence[Sequence[Any]]) -> list[Any]:
    """One script, called with each list of arguments, in one round trip. Empty where Redis does not answer."""
    if not calls or not health.allows():
        return []
    try:
        async with asyncio.timeout(chat_conf().redis_timeout):
            client = async_client()
            answers = await _pipeline(client, script, keys, calls)
            missing = [place for place, answer in enumerate(answers) if _is_unknown(answer)]
            if missing:
                # A Redis that was started or flushed since: teach it the script, and call again what it refused.
                await client.script_load(script.text)
                again = await _pipeline(client, script, keys, [calls[place] for place in missing])
                for place, answer in zip(missing, again, strict=True):
                    answers[place] = answer
        for answer in answers:
            if isinstance(answer, BaseException):
                raise answer
    except _FAILURES as error:
        health.failed(error)
        return []
    health.succeeded()
    return answers


async def _pipeline(client: Any, script: _Script, keys: Sequence[str], calls: Sequence[Sequence[Any]]) -> list[Any]:
    pipeline = client.pipeline(transaction=False)
    for arguments in calls:
        pipeline.evalsha(script.sha, len(keys), *keys, *arguments)
    answers: list[Any] = await pipeline.execute(raise_on_error=False)
    return answers


def _is_unknown(answer: Any) -> bool:
    return isinstance(answer, redis.exceptions.NoScriptError)


# --- presence -----------------------------------------------------------------------------------
async def refresh(entries: Iterable[Entry]) -> list[Change]:
    """These sockets are open: their entries live for another `ttl`. Returns whose state changed with that.

    With none it only finds out whether Redis is there.
    """
    return await _write(entries, conf().ttl)


async def close(entry: Entry) -> list[Change]:
    """This socket is closed for good: its entry ends after the grace time at the latest."""
    closed = Entry(user=entry.user, connection=entry.connection, mode=entry.mode, version=scripts.CLOSED)
    return await _write([closed], conf().grace)


async def _write(entries: Iterable[Entry], seconds: float) -> list[Change]:
    rows = [(each.user, each.connection, each.mode, each.version, _milliseconds(seconds)) for each in entries]
    head = (_key("user", ""), _milliseconds(max(conf().remember, conf().ttl)))
    calls = [
        [*head, *(value for row in rows[start : start + _AT_ONCE] for value in row)]
        for start in range(0, max(len(rows), 1), _AT_ONCE)
    ]
    answers = await _run(_WRITE, [_key("due")], calls)
    return [change for answer in answers for change in _changes(answer)]


async def sweep() -> tuple[list[Change], bool]:
    """Look at people whose entries have ended. Returns whose state changed, each to one caller only, and whether
    more may be due."""
    limit = conf().sweep_limit
    answers = await _run(_SWEEP, [_key("due")], [[_key("user", ""), limit]])
    if not answers:
        return [], False
    count, changes = answers[0]
    return _changes(changes), int(count) >= limit


async def read(users: Iterable[str]) -> dict[str, Presence]:
    """People as they are now. Empty without Redis."""
    wanted = list(users)
    answers = await _run(_READ, [], [[_key("user", ""), *wanted]] if wanted else [])
    return _presences(answers[0]) if answers else {}


def read_blocking(users: Iterable[str]) -> dict[str, Presence]:
    """`read` for threads."""
    wanted = list(users)
    if not wanted or not health.allows():
        return {}
    try:
        client = sync_client()
        arguments = [_key("user", ""), *wanted]
        try:
            answer = client.evalsha(_READ.sha, 0, *arguments)
        except redis.exceptions.NoScriptError:
            answer = client.eval(_READ.text, 0, *arguments)
    except _FAILURES as error:
        health.failed(error)
        return {}
    health.succeeded()
    return _presences(answer)


def _changes(answer: Any) -> list[Change]:
    return [Change(user=user, presence=presence) for user, presence in _presences(answer).items()]


def _presences(answer: Any) -> dict[str, Presence]:
    return {user: presence_of(state, int(seen) if seen else None) for user, state, seen in answer}


# --- typing -------------------------------------------------------------------------------------
async def start_typing(*, conversation: UUID, user: str, connection: str, kind: TypingKind) -> None:
    arguments = [user, kind, connection, _milliseconds(chat_conf().typing_expire)]
    await _run(_TYPE, [_key("typing", conversation)], [arguments])


async def stop_typing(*, conversation: UUID, user: str, connection: str) -> str | None:
    """Returns the kind of typing that ended, None where this socket was not typing there."""
    answers = await _run(_STOP, [_key("typing", conversation)], [[user, connection]])
    kind: str | None = answers[0] if answers else None
    return kind


async def list_typing(conversation: UUID) -> list[TypingEntry]:
    answers = await _run(_TYPING, [_key("typing", conversation)], [[]])
    return [
        TypingEntry(user=user, kind=kind, expires_in=int(left) / 1000)
        for user, kind, left in (answers[0] if answers else [])
    ]
