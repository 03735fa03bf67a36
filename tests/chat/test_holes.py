"""What the layer lost before an event is read from the database, once for all sockets."""

from __future__ import annotations

import asyncio
import json
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import pytest

from chat.events import conversation_topic
from chat.models import Participant
from chat.realtime import recovery
from chat.realtime.hub import Hub
from planb.accounts.models import User
from tests.chat.conversing import row_of, send, send_many, send_unheard, start
from tests.chat.listening import Listen
from tests.people import query


@pytest.fixture
def talk(awa: User, koffi: User) -> UUID:
    conversation = start(awa, koffi, kind="group")
    send_many(awa, conversation, 3)
    return conversation


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
