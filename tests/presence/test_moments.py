"""Sockets that open, live and close, without a server: what is kept in Redis and what is announced."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import override_settings

from chat import broadcast
from chat.auth import Principal
from chat.conf import conf as chat_conf
from chat.realtime.connection import Connection
from chat.realtime.protocol import CloseCode
from presence import checks, moments, store, watching
from tests.presence.conftest import state, until

pytestmark = pytest.mark.usefixtures("redis")


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str]]:
    """Who was announced as what, in order."""
    heard: list[tuple[str, str]] = []

    async def asend(events: Any) -> None:
        heard.extend((event.frame.user, event.frame.state) for event in events)

    monkeypatch.setattr(broadcast, "asend", asend)
    return heard


@pytest.fixture(autouse=True)
def nobody_else() -> Iterator[None]:
    watching._open.clear()
    yield
    watching._open.clear()


def socket_of(user: str) -> Connection:
    expires = datetime.now(UTC) + timedelta(hours=1)
    return Connection(Principal(user=SimpleNamespace(pk=user), session=None, expires_at=expires))


async def test_opening_announces_and_closing_does_after_the_grace_time(told: list[tuple[str, str]]) -> None:
    connection = socket_of("awa")
    await moments.enter(connection)
    assert told == [("awa", "online")]
    connection.close(1000, "bye")
    await moments.leave(connection)
    assert told == [("awa", "online")]
    await until(lambda: _swept(told, 2))
    assert told == [("awa", "online"), ("awa", "offline")]


async def test_a_socket_that_we_send_away_keeps_its_entry(told: list[tuple[str, str]], settings: Any) -> None:
    settings.PRESENCE_TTL = 60
    settings.PRESENCE_GRACE = 0
    connection, other = socket_of("awa"), socket_of("koffi")
    for each in (connection, other):
        await moments.enter(each)
    connection.close(CloseCode.RESTARTING, "restarting")
    for each in (connection, other):
        await moments.leave(each)
    await until(lambda: _swept(told, 3))
    assert told[2:] == [("koffi", "offline")]
    assert await state("awa") == "online"


async def test_a_socket_that_never_got_in_leaves_nothing(told: list[tuple[str, str]]) -> None:
    connection = socket_of("awa")
    connection.close(CloseCode.UNAUTHENTICATED, "unauthenticated")
    await moments.enter(connection)
    await moments.leave(connection)
    assert told == []
    assert await state("awa") == "offline"


async def test_a_refresh_leaves_out_sockets_that_have_closed_meanwhile(told: list[tuple[str, str]]) -> None:
    connection = socket_of("awa")
    await moments.enter(connection)
    await moments.leave(connection)
    await until(lambda: _swept(told, 2))
    await moments.refresh([connection])
    assert await state("awa") == "offline"
    assert told == [("awa", "online"), ("awa", "offline")]


async def test_after_an_outage_everybody_is_entered_again_before_anybody_is_swept(
    told: list[tuple[str, str]], settings: Any, nobody_listens: str, redis: Any
) -> None:
    settings.PRESENCE_TTL = 0.3
    connection = socket_of("awa")
    await moments.enter(connection)
    with override_settings(CHAT_REDIS_URL=nobody_listens):
        await moments.sweep()
        assert store.health.down
    # Longer than an entry lives, as Redis sees it.
    await until(lambda: _ended(redis))
    settings.PRESENCE_TTL = 60
    store.health._again_at = 0
    await moments.sweep()
    assert not store.health.down
    store.health._settles_at = 0
    await moments.sweep()
    assert told == [("awa", "online")]
    assert await state("awa") == "online"


async def test_a_process_without_sockets_finds_out_too_that_redis_is_back(nobody_listens: str) -> None:
    with override_settings(CHAT_REDIS_URL=nobody_listens):
        await moments.sweep()
    assert store.health.down
    store.health._again_at = 0
    await moments.sweep()
    assert not store.health.down


async def test_one_tick_sweeps_everybody_who_is_due(told: list[tuple[str, str]], settings: Any, redis: Any) -> None:
    settings.PRESENCE_SWEEP_LIMIT = 10
    settings.PRESENCE_TTL = 60
    sockets = [socket_of(f"user-{number}") for number in range(45)]
    for each in sockets:
        await moments.enter(each)
    for each in sockets:
        await moments.leave(each)
    told.clear()
    await until(lambda: _ended(redis))
    await moments.sweep()
    assert sorted(told) == sorted((f"user-{number}", "offline") for number in range(45))


def test_an_entry_must_outlive_a_lost_refresh_and_the_grace_time(settings: Any) -> None:
    settings.PRESENCE_TTL = 75
    settings.PRESENCE_GRACE = 10
    assert checks.check_times() == []
    settings.PRESENCE_TTL = 2 * chat_conf().ping_interval - 1
    assert [message.id for message in checks.check_times()] == ["presence.E001"]
    settings.PRESENCE_TTL = 75
    settings.PRESENCE_GRACE = 76
    assert [message.id for message in checks.check_times()] == ["presence.E002"]


async def _swept(told: list[tuple[str, str]], count: int) -> bool:
    await moments.sweep()
    return len(told) >= count


async def _ended(redis: Any) -> bool:
    """Whether Redis' clock has passed all that was due."""
    seconds, micros = await redis.time()
    ((_, due),) = await redis.zrange(store._key("due"), -1, -1, withscores=True)
    return bool(seconds * 1000 + micros / 1000 > due)
