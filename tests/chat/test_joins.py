"""Who comes into a conversation while it goes on misses nothing, and who is sent out hears nothing more."""

from __future__ import annotations

import asyncio
from typing import Any
from unittest.mock import patch
from uuid import UUID

import pytest

from chat.events import conversation_topic, user_topic
from chat.realtime.hub import Hub
from chat.services import participants, positions
from planb.accounts.models import User
from tests.chat.conversing import send, send_many, start
from tests.chat.listening import Ear, Listen
from tests.people import query


@pytest.fixture
def talk(awa: User, koffi: User) -> UUID:
    conversation = start(awa, koffi, kind="group")
    send_many(awa, conversation, 3)
    return conversation


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
    await one.until(lambda _: words[-1] in one.texts())
    await late.until(lambda _: words[-1] in late.texts())
    assert [text for text in late.texts() if text in words] == words
    before = len(late.heard)
    query(lambda: participants.remove_participant(user=awa, conversation=talk, other=str(yao.pk)))
    await late.until(lambda heard: any(frame["type"] == "conversation_removed" for frame in heard[before:]))


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
    await one.until(lambda _: "secret" in one.texts())
    async with asyncio.timeout(5):
        while conversation_topic(talk) in gone.connection.topics:  # noqa: ASYNC110 (what the hub decides sets no event)
            await asyncio.sleep(0.01)
    query(lambda: send(awa, talk, "secret too"))
    await one.until(lambda _: "secret too" in one.texts())
    assert "secret too" not in gone.texts()
    assert "secret" not in gone.texts()


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
