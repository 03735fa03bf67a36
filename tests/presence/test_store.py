"""Entries that end by themselves, and changes that are handed out once: against a real Redis."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chat.redis import async_client
from presence import scripts, store
from presence.store import Change
from tests.presence.conftest import device, state, states, until, until_swept

pytestmark = pytest.mark.usefixtures("redis")


async def test_somebody_whom_nobody_has_seen_is_offline() -> None:
    found = await store.read(["awa"])
    assert found["awa"].state == "offline"
    assert found["awa"].last_seen is None


async def test_the_first_device_puts_a_person_online_and_the_others_announce_nothing() -> None:
    assert states(await store.refresh([device()])) == [("awa", "online")]
    assert await store.refresh([device(), device()]) == []
    assert await state() == "online"


async def test_the_same_person_twice_in_one_refresh_is_announced_once() -> None:
    assert states(await store.refresh([device(), device(), device("koffi")])) == [
        ("awa", "online"),
        ("koffi", "online"),
    ]


async def test_a_person_is_online_while_one_of_several_devices_is_open(settings: Any) -> None:
    settings.PRESENCE_TTL = 60
    phone, laptop, desk = device(), device(), device()
    await store.refresh([phone, laptop, desk])
    for closed in (phone, desk):
        assert await store.close(closed) == []
        await until(lambda closed=closed: _swept_away(closed.connection))  # type: ignore[misc]
        assert await state() == "online"
    await store.close(laptop)
    assert states(await until_swept()) == [("awa", "offline")]


async def test_a_person_is_away_only_when_every_device_is() -> None:
    phone, laptop = device(), device()
    await store.refresh([phone, laptop])
    assert await store.refresh([replace(phone, mode="away", version=1)]) == []
    assert states(await store.refresh([replace(laptop, mode="away", version=1)])) == [("awa", "away")]
    assert await state() == "away"
    assert states(await store.refresh([replace(phone, mode="active", version=2)])) == [("awa", "online")]


async def test_an_active_device_that_closes_leaves_the_person_away_on_the_other(settings: Any) -> None:
    settings.PRESENCE_TTL = 60
    phone, laptop = device(mode="away"), device()
    await store.refresh([phone, laptop])
    assert await store.close(laptop) == [], "the grace time"
    assert states(await until_swept()) == [("awa", "away")]
    assert await state() == "away"


async def test_a_closed_device_counts_for_the_grace_time_and_is_announced_once(settings: Any) -> None:
    settings.PRESENCE_TTL = 60
    # Long beside what a busy machine may take to ask.
    settings.PRESENCE_GRACE = 2
    phone = device()
    await store.refresh([phone])
    assert await store.close(phone) == []
    assert await store.sweep() == ([], False)
    assert await state() == "online"
    assert states(await until_swept()) == [("awa", "offline")]
    assert await store.sweep() == ([], False)


async def test_a_quick_reconnection_announces_nothing(settings: Any) -> None:
    settings.PRESENCE_TTL = 60
    settings.PRESENCE_GRACE = 0.15
    before, after = device(), device()
    await store.refresh([before])
    assert await store.close(before) == []
    assert await store.refresh([after]) == []

    await until(lambda: _swept_away(before.connection))
    assert await state() == "online"


async def test_a_process_that_is_killed_leaves_nobody_online_and_it_is_told_exactly_once() -> None:
    everybody = [device(f"user-{number}") for number in range(300)]
    assert len(await store.refresh(everybody)) == 300
    told: list[Change] = []

    async def sweeper() -> None:
        while len(told) < 300:
            told.extend((await store.sweep())[0])
            await asyncio.sleep(0)

    async with asyncio.timeout(20):
        await asyncio.gather(*(sweeper() for _ in range(4)))
        for _ in range(10):
            told.extend((await store.sweep())[0])
    assert sorted(states(told)) == sorted((entry.user, "offline") for entry in everybody)


async def test_a_sweep_looks_at_a_bounded_number_of_people_and_says_that_there_are_more(settings: Any) -> None:
    settings.PRESENCE_SWEEP_LIMIT = 3
    settings.PRESENCE_TTL = 0.05
    await store.refresh([device(f"user-{number}") for number in range(5)])
    await until(lambda: _all_offline([f"user-{number}" for number in range(5)]))
    changes, more = await store.sweep()
    assert (len(changes), more) == (3, True)
    changes, more = await store.sweep()
    assert (len(changes), more) == (2, False)


async def test_the_last_sign_of_life_is_told_of_those_who_are_offline_only() -> None:
    phone = device()
    started = datetime.now(UTC)
    await store.refresh([phone])
    assert (await store.read(["awa"]))["awa"].last_seen is None
    await store.close(phone)
    (change,) = await until_swept()
    assert change.presence.last_seen is not None
    seen = datetime.fromisoformat(change.presence.last_seen)
    # Redis and this process share a machine's clock; milliseconds are cut.
    assert started - timedelta(seconds=1) <= seen <= datetime.now(UTC)
    assert (await store.read(["awa"]))["awa"] == change.presence


async def test_it_is_forgotten_in_the_end_when_somebody_was_last_seen(settings: Any, redis: Any) -> None:
    settings.PRESENCE_TTL = 0.05
    settings.PRESENCE_REMEMBER = 0.3
    await store.refresh([device()])
    await until_swept()
    await until(lambda: _nothing_left(redis))
    assert (await store.read(["awa"]))["awa"].last_seen is None


async def test_an_older_write_that_arrives_late_does_not_win() -> None:
    phone = device()
    await store.refresh([replace(phone, mode="away", version=2)])
    assert await store.refresh([replace(phone, mode="active", version=1)]) == []
    assert await state() == "away"


async def test_a_refresh_under_way_does_not_bring_a_closed_socket_back(settings: Any) -> None:
    settings.PRESENCE_TTL = 60
    phone = device()
    await store.refresh([phone])
    await store.close(phone)
    assert await store.refresh([phone]) == []
    assert states(await until_swept()) == [("awa", "offline")]


async def test_closing_never_lengthens_an_entry(settings: Any) -> None:
    settings.PRESENCE_TTL = 0.1
    settings.PRESENCE_GRACE = 60
    phone = device()
    await store.refresh([phone])
    await store.close(phone)
    assert states(await until_swept()) == [("awa", "offline")]


async def test_closing_a_socket_whose_entry_has_ended_announces_nothing() -> None:
    phone = device()
    await store.refresh([phone])
    await until_swept()
    assert await store.close(phone) == []
    assert await state() == "offline"


async def test_after_redis_lost_everything_the_next_refresh_brings_it_back(redis: Any) -> None:
    phone, laptop = device(), device(mode="away")
    await store.refresh([phone, laptop])
    await _flush(redis)
    assert await state() == "offline"
    assert states(await store.refresh([phone, laptop])) == [("awa", "online")]
    assert await state() == "online"


async def test_after_redis_lost_everything_a_person_who_leaves_is_still_announced(redis: Any) -> None:
    phone = device()
    await store.refresh([phone])
    await _flush(redis)
    await store.close(phone)
    assert states(await until_swept()) == [("awa", "offline")]


async def test_somebody_of_whom_redis_lost_all_but_the_appointment_is_not_announced(redis: Any, settings: Any) -> None:
    settings.PRESENCE_TTL = 0.05
    await store.refresh([device()])
    await redis.delete(store._key("user", "awa"))

    async def looked_at() -> bool:
        assert await store.sweep() == ([], False)
        return not await redis.exists(store._key("due"))

    await until(looked_at)


async def test_redis_that_forgot_the_scripts_is_taught_them_again(redis: Any) -> None:
    await redis.script_flush()
    everybody = [device(f"user-{number}") for number in range(450)]
    assert len(await store.refresh(everybody)) == 450
    await redis.script_flush()
    assert store.read_blocking(["user-449"])["user-449"].state == "online"


async def test_a_refresh_of_many_is_one_round_trip(redis: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    everybody = [device(f"user-{number}") for number in range(450)]
    await store.refresh(everybody)
    trips: list[int] = []
    pipeline = store._pipeline

    async def counted(client: Any, script: Any, keys: Any, calls: Any) -> Any:
        trips.append(len(calls))
        return await pipeline(client, script, keys, calls)

    monkeypatch.setattr(store, "_pipeline", counted)
    await store.refresh(everybody)
    assert trips == [3]


async def test_what_another_program_wrote_there_ends_nobody(redis: Any) -> None:
    await redis.hset(store._key("user", "awa"), mapping={"rubbish": "not an entry", "more": ""})
    assert states(await store.refresh([device()])) == [("awa", "online")]
    assert not await redis.hexists(store._key("user", "awa"), "rubbish")


async def test_names_that_look_like_something_else_are_only_names() -> None:
    hostile = ["told", "seen", "a b", "é\n:*", "user:awa", "9" * 64]
    await store.refresh([device(name) for name in hostile])
    assert {name: await state(name) for name in hostile} == dict.fromkeys(hostile, "online")
    assert await state("awa") == "offline"


def test_the_version_of_a_closed_socket_is_exact_in_lua() -> None:
    assert int(float(scripts.CLOSED)) == scripts.CLOSED
    assert "9007199254740991" in scripts.WRITE


async def _all_offline(users: list[str]) -> bool:
    return all(presence.state == "offline" for presence in (await store.read(users)).values())


async def _swept_away(connection: str) -> bool:
    """Whether sweeping has removed an entry; nothing may be announced for it."""
    assert await store.sweep() == ([], False)
    return not await async_client().hexists(store._key("user", "awa"), connection)


async def _nothing_left(redis: Any) -> bool:
    return not await redis.exists(store._key("user", "awa"))


async def _flush(redis: Any) -> None:
    """What `FLUSHALL` does, for this test's keys only."""
    async for key in redis.scan_iter(match=store._key("*"), count=1000):
        await redis.delete(key)
    await redis.script_flush()
