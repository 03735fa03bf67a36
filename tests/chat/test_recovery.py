"""What no event tells: heads that ran away, a layer that is deaf, and messages that mean nothing."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from typing import Any
from uuid import UUID

import pytest

from chat import broadcast
from chat.events import conversation_topic
from chat.models import Conversation
from chat.realtime.hub import Hub
from planb.accounts.models import User
from tests.chat.conversing import send, send_many, send_unheard, start
from tests.chat.listening import Listen
from tests.people import query


@pytest.fixture
def talk(awa: User, koffi: User) -> UUID:
    conversation = start(awa, koffi, kind="group")
    send_many(awa, conversation, 3)
    return conversation


async def test_a_lost_last_message_is_found_by_comparing_heads(
    awa: User, koffi: User, talk: UUID, listen: Listen, settings: Any
) -> None:
    settings.CHAT_HEADS_INTERVAL = 1
    ear = await listen(koffi)
    query(lambda: send_unheard(awa, talk, "lost"))
    await ear.until(lambda _: ear.seqs() == [4])
    assert ear.heard[-1]["type"] == "changes"


async def test_a_process_that_went_deaf_hears_again(
    awa: User, talk: UUID, hub: Hub, listen: Listen, settings: Any
) -> None:
    settings.CHAT_HEADS_INTERVAL = 1
    settings.CHAT_REDIS_TIMEOUT = 0.5
    ear = await listen(awa)
    listener = hub._listener
    # Redis is there and takes what we say; nothing of it comes back.
    hub._layer._get_layer()._shards[0]._receive_task.cancel()
    query(lambda: send(awa, talk, "unheard"))
    await ear.until(lambda _: 4 in ear.seqs())
    assert ear.heard[-1]["type"] == "changes"
    async with asyncio.timeout(10):
        while hub._listener is listener or hub.deaf:  # noqa: ASYNC110 (a rebuild sets no event)
            await asyncio.sleep(0.01)
    query(lambda: send(awa, talk, "heard"))
    await ear.until(lambda _: 5 in ear.seqs())
    assert ear.heard[-1]["type"] == "new_message"


async def test_a_backup_that_was_restored_sends_everybody_away_to_start_anew(
    awa: User, talk: UUID, listen: Listen, settings: Any
) -> None:
    settings.CHAT_HEADS_INTERVAL = 1
    ear = await listen(awa)
    query(lambda: Conversation.objects.filter(pk=talk).update(seq=1, last_message_seq=1))
    async with asyncio.timeout(10):
        assert await ear.reader == (4510, "resync")


async def test_events_that_are_old_or_of_nobody_are_harmless(awa: User, talk: UUID, hub: Hub, listen: Listen) -> None:
    ear = await listen(awa)
    topic = conversation_topic(talk)
    for message in (
        {"type": "hub", "topic": topic, "seq": 1, "text": '{"type":"old"}'},
        {"type": "hub", "topic": "c.nobody", "seq": 1, "text": '{"type":"nobody"}'},
        {"type": "hub", "topic": topic},
        {"type": "hub", "probe": "unknown"},
    ):
        hub.take(message)
    query(lambda: send(awa, talk, "on"))
    await ear.until(lambda _: ear.seqs() == [4])
    assert [frame["type"] for frame in ear.heard] == ["ready", "new_message"]


async def test_a_message_of_nonsense_does_not_end_the_hearing(awa: User, talk: UUID, hub: Hub, listen: Listen) -> None:
    ear = await listen(awa)
    await hub._layer.group_send(conversation_topic(talk), {"type": "hub", "neither": "topic", "nor": "probe"})
    query(lambda: send(awa, talk, "on"))
    await ear.until(lambda _: ear.seqs() == [4])


async def test_publishing_fails_in_silence_and_is_counted(
    awa: User, talk: UUID, monkeypatch: pytest.MonkeyPatch, hub: Hub
) -> None:
    class Broken:
        async def group_send(self, *_: Any) -> None:
            raise ConnectionError("no Redis")

    monkeypatch.setattr(broadcast, "get_channel_layer", Broken)
    before = broadcast.failures
    sent = query(lambda: send(awa, talk, "committed"))
    assert sent.seq == 4
    async with asyncio.timeout(5):
        while broadcast.failures == before:  # noqa: ASYNC110 (a counter sets no event)
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("end", ["stop", "rebuild"])
async def test_a_reader_of_the_layer_that_swallows_a_cancellation_does_not_hold_up_the_hub(
    hub: Hub, awa: User, listen: Listen, end: str
) -> None:
    await listen(awa)
    shard = hub._layer._get_layer()._shards[0]
    swallowed = asyncio.Event()

    async def reader() -> None:
        with suppress(asyncio.CancelledError):
            await asyncio.Event().wait()
        swallowed.set()
        await asyncio.Event().wait()

    shard._receive_task.cancel()
    shard._receive_task = asyncio.create_task(reader())
    await asyncio.sleep(0)
    async with asyncio.timeout(10):
        await getattr(hub, end)()
    assert swallowed.is_set()
    assert not hub.deaf
