"""Who is typing where: by Redis' clock, one entry a person."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest

from presence import store
from tests.presence.conftest import until

pytestmark = pytest.mark.usefixtures("redis")


@pytest.fixture
def conversation() -> UUID:
    return uuid4()


async def test_typing_is_listed_with_its_kind_and_the_time_left(conversation: UUID, settings: Any) -> None:
    settings.CHAT_TYPING_EXPIRE = 6
    await store.start_typing(conversation=conversation, user="awa", connection="c1", kind="text")
    await store.start_typing(conversation=conversation, user="koffi", connection="c2", kind="voice")
    found = {entry.user: entry for entry in await store.list_typing(conversation)}
    assert {user: entry.kind for user, entry in found.items()} == {"awa": "text", "koffi": "voice"}
    assert all(0 < entry.expires_in <= 6 for entry in found.values())
    assert await store.list_typing(uuid4()) == []


async def test_typing_ends_by_itself_and_leaves_nothing(conversation: UUID, redis: Any) -> None:
    await store.start_typing(conversation=conversation, user="awa", connection="c1", kind="text")

    async def gone() -> bool:
        return not await store.list_typing(conversation) and not await redis.exists(store._key("typing", conversation))

    await until(gone)
    assert await store.stop_typing(conversation=conversation, user="awa", connection="c1") is None


async def test_one_who_stopped_is_not_kept_by_one_who_goes_on(conversation: UUID, settings: Any, redis: Any) -> None:
    settings.CHAT_TYPING_EXPIRE = 0.1
    await store.start_typing(conversation=conversation, user="awa", connection="c1", kind="text")
    settings.CHAT_TYPING_EXPIRE = 60
    await store.start_typing(conversation=conversation, user="koffi", connection="c2", kind="text")

    async def only_koffi() -> bool:
        return [entry.user for entry in await store.list_typing(conversation)] == ["koffi"]

    await until(only_koffi)
    await store.start_typing(conversation=conversation, user="koffi", connection="c2", kind="text")
    assert await redis.hkeys(store._key("typing", conversation)) == ["koffi"]


async def test_stopping_says_what_ended_once(conversation: UUID) -> None:
    await store.start_typing(conversation=conversation, user="awa", connection="c1", kind="voice")
    assert await store.stop_typing(conversation=conversation, user="awa", connection="c1") == "voice"
    assert await store.stop_typing(conversation=conversation, user="awa", connection="c1") is None
    assert await store.list_typing(conversation) == []


async def test_one_device_does_not_end_what_another_goes_on_typing(conversation: UUID) -> None:
    await store.start_typing(conversation=conversation, user="awa", connection="phone", kind="text")
    await store.start_typing(conversation=conversation, user="awa", connection="laptop", kind="text")
    assert await store.stop_typing(conversation=conversation, user="awa", connection="phone") is None
    assert [entry.user for entry in await store.list_typing(conversation)] == ["awa"]
