"""Without Redis everybody is offline and nothing breaks; when it is back, everybody is there again."""

from __future__ import annotations

import time
from typing import Any
from uuid import uuid4

import pytest
from django.test import override_settings

from presence import store
from presence.store import PAUSE, Health
from tests.presence.conftest import device, state, states

pytestmark = pytest.mark.usefixtures("redis")

down = pytest.mark.parametrize("without_redis", ["nobody_listens", "nobody_answers"], indirect=True)


@down
@pytest.mark.usefixtures("without_redis")
async def test_every_question_is_answered_with_nothing() -> None:
    phone, conversation = device(), uuid4()
    assert await store.refresh([phone]) == []
    assert await store.close(phone) == []
    assert await store.sweep() == ([], False)
    assert await store.read(["awa"]) == {}
    assert store.read_blocking(["awa"]) == {}
    await store.start_typing(conversation=conversation, user="awa", connection="c", kind="text")
    assert await store.stop_typing(conversation=conversation, user="awa", connection="c") is None
    assert await store.list_typing(conversation) == []
    assert store.health.down


@down
@pytest.mark.usefixtures("without_redis")
async def test_each_question_alone_finds_out_for_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    for ask in (
        lambda: store.refresh([device()]),
        lambda: store.close(device()),
        store.sweep,
        lambda: store.read(["awa"]),
        lambda: store.list_typing(uuid4()),
    ):
        monkeypatch.setattr(store, "health", Health())
        assert not any(await ask() or ()), "no pause hides what it does"
        assert store.health.down
    monkeypatch.setattr(store, "health", Health())
    assert store.read_blocking(["awa"]) == {}
    assert store.health.down


async def test_a_dead_redis_is_not_asked_again_before_the_pause_is_over(
    nobody_listens: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = 0
    pipeline = store._pipeline

    async def counted(*arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return await pipeline(*arguments)

    monkeypatch.setattr(store, "_pipeline", counted)
    now = time.monotonic()
    monkeypatch.setattr(time, "monotonic", lambda: now)
    with override_settings(CHAT_REDIS_URL=nobody_listens):
        for _ in range(5):
            await store.read(["awa"])
        assert asked == 1
        now += PAUSE
        await store.read(["awa"])
        assert asked == 2


async def test_one_outage_is_one_line_in_the_log(nobody_listens: str, caplog: pytest.LogCaptureFixture) -> None:
    with override_settings(CHAT_REDIS_URL=nobody_listens):
        for _ in range(3):
            store.health._again_at = 0
            await store.read(["awa"])
    assert sum("goes without Redis" in record.message for record in caplog.records) == 1


async def test_a_refresh_of_nobody_finds_out_that_redis_is_back(nobody_listens: str) -> None:
    with override_settings(CHAT_REDIS_URL=nobody_listens):
        await store.sweep()
    assert store.health.down
    store.health._again_at = 0
    assert await store.refresh([]) == []
    assert not store.health.down
    assert store.health.returned
    assert not store.health.settled, "the other processes need a moment to enter their people again"


async def test_who_came_during_an_outage_is_there_after_the_next_refresh(nobody_listens: str) -> None:
    phone = device()
    with override_settings(CHAT_REDIS_URL=nobody_listens):
        await store.refresh([phone])
    store.health._again_at = 0
    assert states(await store.refresh([phone])) == [("awa", "online")]
    assert await state() == "online"
