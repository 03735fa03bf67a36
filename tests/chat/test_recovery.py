"""What the layer loses is read from the database: by a hub of this process, whose sockets we can look into."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest

from chat import broadcast
from chat.auth import Principal
from chat.events import conversation_topic, user_topic
from chat.models import Conversation, Participant
from chat.realtime import hub as hubs
from chat.realtime import recovery
from chat.realtime.connection import Connection
from chat.realtime.greeting import greet
from chat.realtime.hub import Hub
from chat.services import participants, positions
from planb.accounts.models import User
from tests.chat.conversing import row_of, send, send_many, send_unheard, start
from tests.people import Json, messages_of, query


@pytest.fixture
async def hub(transactional_db: None) -> AsyncIterator[Hub]:
    yield await hubs.hub()
    await hubs.stop()


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

    def seqs(self) -> list[int]:
        return [
            item["seq"]
            for frame in self.heard
            if frame["type"] in {"new_message", "changes"}
            for item in messages_of(frame)
        ]


@pytest.fixture
async def listen(hub: Hub) -> AsyncIterator[Callable[[User], Any]]:
    """`await listen(user)`: a socket of theirs after its hello."""
    ears: list[Ear] = []

    async def enter(user: User) -> Ear:
        principal = Principal(user=user, session=None, expires_at=datetime.now(UTC) + timedelta(minutes=5))
        connection = Connection(principal)
        hub.open(connection)
        connection.outbox.release(await greet(hub, connection, 1))
        ears.append(Ear(connection))
        return ears[-1]

    yield enter
    for ear in ears:
        hub.leave(ear.connection)
        ear.reader.cancel()


@pytest.fixture
def talk(awa: User, koffi: User) -> UUID:
    conversation = start(awa, koffi, kind="group")
    send_many(awa, conversation, 3)
    return conversation


Listen = Callable[[User], Any]


# --- holes ----------------------------------------------------------------------------------------
async def test_the_next_event_brings_what_was_lost_before_it(
    awa: User, koffi: User, talk: UUID, listen: Listen
) -> None:
    one, other = await listen(awa), await listen(koffi)
    query(lambda: send_unheard(awa, talk, "lost", "lost too"))
    query(lambda: send(awa, talk, "heard"))
    for ear in (one, other):
        await ear.until(lambda heard: any(frame["type"] == "changes" for frame in heard))
        (frame,) = [frame for frame in ear.heard if frame["type"] != "ready"]
        assert [message["text"] for message in frame["messages"]] == ["lost", "lost too", "heard"]
        assert (frame["type"], frame["after"], frame["seq"]) == ("changes", 3, 6)


async def test_one_read_serves_all_sockets(
    awa: User, koffi: User, talk: UUID, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    reads: list[int] = []
    original = recovery.read_fill

    def counted(conversation: UUID, after: int, users: set[Any]) -> Any:
        reads.append(after)
        return original(conversation, after, users)

    ears = [await listen(user) for user in (awa, koffi) for _ in range(5)]
    monkeypatch.setattr(recovery, "read_fill", counted)
    query(lambda: send_unheard(awa, talk, "lost"))
    query(lambda: [send(awa, talk, f"{number}") for number in range(5)])
    for ear in ears:
        await ear.until(lambda _, ear=ear: ear.seqs()[-1:] == [9])
        assert ear.seqs() == [4, 5, 6, 7, 8, 9] or sorted(set(ear.seqs())) == [4, 5, 6, 7, 8, 9]
    assert len(reads) <= 2


async def test_too_much_for_a_frame_is_named_and_not_sent(awa: User, talk: UUID, listen: Listen) -> None:
    ear = await listen(awa)
    query(lambda: send_unheard(awa, talk, *[f"{number}" for number in range(101)]))
    query(lambda: send(awa, talk, "heard"))
    await ear.until(lambda heard: any(frame["type"] == "behind" for frame in heard))
    assert ear.heard[-1] == {"type": "behind", "conversation": str(talk), "seq": 105}
    query(lambda: send(awa, talk, "and on"))
    await ear.until(lambda _: ear.seqs() == [106])


async def test_large_messages_are_too_much_sooner(awa: User, talk: UUID, listen: Listen) -> None:
    ear = await listen(awa)
    # In characters it would be half of what a frame may hold.
    query(lambda: send_unheard(awa, talk, *["😀" * 4000] * 12))
    query(lambda: send(awa, talk, "heard"))
    await ear.until(lambda heard: any(frame["type"] == "behind" for frame in heard))


@pytest.mark.parametrize("missing", [99, 98])
async def test_a_hundred_messages_still_fit(awa: User, talk: UUID, listen: Listen, missing: int) -> None:
    ear = await listen(awa)
    query(lambda: send_unheard(awa, talk, *[f"{number}" for number in range(missing)]))
    query(lambda: send(awa, talk, "heard"))
    await ear.until(lambda heard: any(frame["type"] == "changes" for frame in heard))
    assert ear.seqs() == list(range(4, missing + 5))


async def test_an_event_that_comes_while_a_hole_is_read_hides_nothing(
    awa: User, talk: UUID, listen: Listen, hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    ear = await listen(awa)
    topic = hub.topics[conversation_topic(talk)]
    loop = asyncio.get_running_loop()
    original = recovery.read_fill

    def interrupted(conversation: UUID, after: int, users: set[Any]) -> Any:
        found = original(conversation, after, users)
        # The late event arrives after the read and before its answer is used.
        asyncio.run_coroutine_threadsafe(deliver(), loop).result()
        return found

    async def deliver() -> None:
        if topic.cursor == 3:
            topic.take(4, json.dumps({"type": "new_message", "message": {"seq": 4, "text": "late"}}))

    monkeypatch.setattr(recovery, "read_fill", interrupted)
    query(lambda: send_unheard(awa, talk, "late", "lost"))
    await recovery.fill(hub, topic)
    await ear.until(lambda _: 5 in ear.seqs())
    assert topic.cursor == 5


async def test_a_person_who_was_removed_does_not_get_the_fill(
    awa: User, koffi: User, talk: UUID, listen: Listen, hub: Hub
) -> None:
    one, gone = await listen(awa), await listen(koffi)
    query(lambda: send_unheard(awa, talk, "lost"))
    removed = {"removed_at": datetime.now(UTC), "removed_seq": 4, "removal": "removed"}
    query(lambda: Participant.objects.filter(pk=row_of(koffi, talk).pk).update(**removed))
    query(lambda: send(awa, talk, "secret"))
    await one.until(lambda _: one.seqs()[-1:] == [5])
    query(lambda: send(awa, talk, "secret too"))
    await one.until(lambda _: one.seqs()[-1:] == [6])
    assert gone.seqs() == []
    assert conversation_topic(talk) not in gone.connection.topics


# --- joins ----------------------------------------------------------------------------------------
async def test_what_is_written_between_ready_and_the_cursor_is_not_dropped(
    awa: User, koffi: User, talk: UUID, hub: Hub, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    original = positions.read_positions

    def interrupted(**given: Any) -> Any:
        standing = original(**given)
        send(koffi, talk, "in between")
        return standing

    monkeypatch.setattr(positions, "read_positions", interrupted)
    ear = await listen(awa)
    monkeypatch.undo()
    assert ear.heard or await ear.until(bool)
    assert ear.heard[0]["positions"][str(talk)]["seq"] == 3
    await ear.until(lambda _: ear.seqs() == [4])


async def test_who_is_added_misses_nothing_that_is_said_at_that_moment(
    awa: User, koffi: User, yao: User, talk: UUID, listen: Listen
) -> None:
    one = await listen(awa)
    late = await listen(yao)
    for turn in range(5):
        words = [f"{turn}/{number}" for number in range(3)]
        await added_and_removed(awa, yao, koffi, talk, words, one, late)


async def added_and_removed(
    awa: User, yao: User, koffi: User, talk: UUID, words: list[str], one: Ear, late: Ear
) -> None:
    query(lambda: participants.add_participants(user=awa, conversation=talk, users=[str(yao.pk)]))
    query(lambda: [send(koffi, talk, word) for word in words])
    await one.until(lambda _: words[-1] in texts(one))
    await late.until(lambda _: words[-1] in texts(late))
    assert [text for text in texts(late) if text in words] == words
    before = len(late.heard)
    query(lambda: participants.remove_participant(user=awa, conversation=talk, other=str(yao.pk)))
    await late.until(lambda heard: any(frame["type"] == "conversation_removed" for frame in heard[before:]))


def texts(ear: Ear) -> list[str]:
    found = [
        item["text"]
        for frame in ear.heard
        if frame["type"] in {"new_message", "changes"}
        for item in messages_of(frame)
    ]
    return [*dict.fromkeys(found)]


async def test_who_is_added_and_removed_in_one_breath_hears_nothing_after(
    awa: User, koffi: User, yao: User, talk: UUID, hub: Hub, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, gone = await listen(awa), await listen(yao)
    original = hub.subscribe
    held, removed = asyncio.Event(), asyncio.Event()

    async def late(*given: Any) -> bool:
        """The join waits, until the removal has been heard."""
        held.set()
        await removed.wait()
        return await original(*given)

    monkeypatch.setattr(hub, "subscribe", late)
    query(lambda: participants.add_participants(user=awa, conversation=talk, users=[str(yao.pk)]))
    async with asyncio.timeout(5):
        await held.wait()
    query(lambda: participants.remove_participant(user=awa, conversation=talk, other=str(yao.pk)))
    await gone.until(lambda heard: any(frame["type"] == "conversation_removed" for frame in heard))
    await one.until(lambda heard: sum(frame["type"] == "conversation_updated" for frame in heard) == 2)
    removed.set()
    query(lambda: send(awa, talk, "secret"))
    await one.until(lambda _: "secret" in texts(one))
    async with asyncio.timeout(5):
        while conversation_topic(talk) in gone.connection.topics:  # noqa: ASYNC110 (what the hub decides sets no event)
            await asyncio.sleep(0.01)
    query(lambda: send(awa, talk, "secret too"))
    await one.until(lambda _: "secret too" in texts(one))
    assert "secret too" not in texts(gone)
    assert "secret" not in texts(gone)


async def test_who_was_removed_unheard_while_being_added_is_let_go(
    awa: User, yao: User, talk: UUID, hub: Hub, listen: Listen, monkeypatch: pytest.MonkeyPatch
) -> None:
    gone = await listen(yao)
    added = hub._added
    joined = asyncio.Event()

    def remove_unheard() -> None:
        with patch("chat.broadcast.send"):
            participants.remove_participant(user=awa, conversation=talk, other=str(yao.pk))

    async def late(*given: Any) -> None:
        await asyncio.to_thread(query, remove_unheard)
        await added(*given)
        joined.set()

    monkeypatch.setattr(hub, "_added", late)
    query(lambda: participants.add_participants(user=awa, conversation=talk, users=[str(yao.pk)]))
    async with asyncio.timeout(10):
        await joined.wait()
    assert conversation_topic(talk) not in gone.connection.topics


async def test_a_socket_that_left_while_it_was_joined_is_let_go(
    awa: User, talk: UUID, hub: Hub, listen: Listen
) -> None:
    ear = await listen(awa)
    hub.leave(ear.connection)
    await hub.subscribe([ear.connection], [conversation_topic(talk), user_topic(awa.pk)])
    assert all(ear.connection not in topic.connections for topic in hub.topics.values())
    assert ear.connection.topics == set()


# --- heads ----------------------------------------------------------------------------------------
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
