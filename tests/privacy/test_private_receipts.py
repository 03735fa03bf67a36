"""Who reads in private: others learn that it was delivered, and the reader learns no more of them."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any
from unittest.mock import patch
from uuid import UUID

from chat.models import Participant
from chat.services.privacy import update_privacy
from chat.wire import UpdatePrivacy
from planb.accounts.models import User
from tests.chat.conversing import send_many, send_unheard
from tests.people import Json, Person, Socket, query
from tests.privacy.conftest import Circle, hide


def receipts(person: Person, conversation: str) -> dict[str, tuple[int, int]]:
    found = person.get(f"conversations/{conversation}/receipts")["receipts"]
    return {user: (marks["read_seq"], marks["delivered_seq"]) for user, marks in found.items()}


def position(person: Person, conversation: str) -> Json:
    found: Json = person.get("positions")["positions"][conversation]
    return found


def changed(person: Person, conversation: str) -> dict[str, Any]:
    found: dict[str, Any] = person.get(f"conversations/{conversation}/changes?after=0")["receipts"]
    return found


def assert_consistent(person: Person, conversation: str) -> None:
    """`marks`, `receipts`, `mine` and a changes body tell one person the same."""
    mine, marks = position(person, conversation)["mine"], position(person, conversation)["marks"]
    found = receipts(person, conversation)
    assert marks == sum(read + delivered for read, delivered in found.values())
    others = [value for user, value in found.items() if user != person.id]
    assert mine["others_read_seq"] == min(read for read, _ in others)
    assert mine["others_delivered_seq"] == min(delivered for _, delivered in others)
    for body in (changed(person, conversation), synced(person, conversation)):
        assert {user: (value["read_seq"], value["delivered_seq"]) for user, value in body.items()} == found


def synced(person: Person, conversation: str) -> dict[str, Any]:
    (body,) = person.post("sync", {"cursors": {conversation: 0}})["changes"]
    found: dict[str, Any] = body["receipts"]
    return found


async def test_what_is_read_in_private_is_told_as_delivered(circle: Circle) -> None:
    hide(circle.koffi, private_receipts=True)
    async with circle.awa.socket() as one, circle.koffi.socket() as own:
        mine = (await own.data("mark_read", conversation=circle.direct, seq=1))["mine"]
        assert (mine["read_seq"], mine["unread"]) == (1, 0), "the reader's own count goes on"
        assert (await one.hear("delivered"))["delivered_seq"] == 1
        await settled(one, own)
        assert one.events("read") == []
        assert [event["mine"]["read_seq"] for event in own.events("mine")] == [1]
    assert receipts(circle.awa, circle.direct)[circle.koffi.id] == (0, 1)
    for person in (circle.awa, circle.koffi):
        assert_consistent(person, circle.direct)
    assert query(lambda: Participant.objects.get(conversation=circle.direct, user=circle.koffi.user).read_seq) == 1


async def test_who_reads_in_private_is_not_told_what_others_read(circle: Circle) -> None:
    circle.koffi.send(circle.group, "Qui vient ?")
    async with circle.awa.socket() as one, circle.koffi.socket() as own, circle.fatou.socket() as three:
        await asyncio.to_thread(hide, circle.koffi, private_receipts=True)
        await settled(own)
        await three.data("mark_read", conversation=circle.group, seq=1)
        assert (await one.hear("read"))["user"] == circle.fatou.id
        assert (await own.hear("delivered"))["delivered_seq"] == 1
        await settled(own)
        assert own.events("read") == []
        watched = await own.data("watch_conversation", conversation=circle.group)
        assert {mark["read_seq"] for mark in watched["receipts"].values()} == {0}
    assert receipts(circle.awa, circle.group)[circle.fatou.id] == (1, 1)
    assert receipts(circle.koffi, circle.group)[circle.fatou.id] == (0, 1)
    for person in (circle.awa, circle.koffi, circle.fatou):
        assert_consistent(person, circle.group)


async def test_it_holds_from_the_next_socket_on_too(circle: Circle) -> None:
    hide(circle.koffi, private_receipts=True)
    async with circle.koffi.socket() as own, circle.awa.socket() as one:
        await one.data("mark_read", conversation=circle.direct, seq=1)
        await own.hear("delivered")
        await settled(own)
        assert own.events("read") == []


async def test_a_change_whose_event_was_lost_holds_from_the_next_refresh_on(circle: Circle) -> None:
    def change_unheard() -> None:
        with patch("chat.broadcast.send"):
            update_privacy(user=circle.koffi.user, command=UpdatePrivacy(private_receipts=True))

    async with circle.koffi.socket() as own, circle.awa.socket() as one:
        await asyncio.to_thread(query, change_unheard)
        await own.data("refresh", token=circle.koffi.token)
        await one.data("mark_read", conversation=circle.direct, seq=1)
        await own.hear("delivered")
        await settled(own)
        assert own.events("read") == []


async def test_what_was_told_before_stays_told_and_marks_never_go_back(circle: Circle) -> None:
    query(lambda: send_many(circle.awa.user, UUID(circle.direct), 4))
    circle.koffi.post(f"conversations/{circle.direct}/read", {"seq": 2})
    seen = [receipts(circle.awa, circle.direct)[circle.koffi.id]]
    for change, seq in (({"private_receipts": True}, 4), ({"private_receipts": False}, 5)):
        hide(circle.koffi, **change)
        seen.append(receipts(circle.awa, circle.direct)[circle.koffi.id])
        circle.koffi.post(f"conversations/{circle.direct}/read", {"seq": seq})
        seen.append(receipts(circle.awa, circle.direct)[circle.koffi.id])
        assert_consistent(circle.awa, circle.direct)
    assert seen == [(2, 2), (2, 2), (2, 4), (2, 4), (5, 5)]


async def test_what_a_hub_makes_up_for_keeps_the_secret_too(circle: Circle) -> None:
    circle.awa.send(circle.group, "Deux")
    circle.fatou.post(f"conversations/{circle.group}/read", {"seq": 1})
    hide(circle.koffi, private_receipts=True)
    async with circle.awa.socket() as one, circle.koffi.socket() as own:
        query(lambda: send_unheard(circle.awa.user, UUID(circle.group), "perdu"))
        circle.awa.send(circle.group, "Trois")
        for socket, told in ((one, 1), (own, 0)):
            frame = await socket.hear("changes")
            assert frame["receipts"][circle.fatou.id] == {"read_seq": told, "delivered_seq": 1}


async def settled(*sockets: Socket) -> None:
    """All that was told before has come."""
    from chat import broadcast
    from chat.events import Hint, user_topic

    for place, socket in enumerate(sockets):
        key = f"{id(socket)}-{place}-{len(socket.heard)}"
        hint = Hint(topic=user_topic(socket.person.id), frame={"type": "marker", "key": key})
        await asyncio.to_thread(broadcast.send, [hint])
        await socket.hear(lambda frame, key=key: frame.get("key") == key)  # type: ignore[misc]


def test_nobody_is_shown_as_having_read_more_than_they_did(make_user: Callable[[str], User]) -> None:
    import pytest
    from django.db import IntegrityError, transaction

    from tests.chat.conversing import row_of, start

    awa, koffi = make_user("awa"), make_user("koffi")
    row = row_of(koffi, start(awa, koffi))
    for wrong in (1, -1):
        row.shown_read_seq = wrong
        with pytest.raises(IntegrityError, match="shown_was_read"), transaction.atomic():
            row.save()
