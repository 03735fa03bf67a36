"""The list: newest message first, in pages that neither lose nor repeat, in a fixed number of queries."""

from __future__ import annotations

import base64
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID, uuid4

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from chat.cursors import Cursor
from chat.exceptions import BadRequest
from chat.models import Participant
from chat.services.conversations import Listing, list_conversations
from planb.accounts.models import User
from tests.chat.conversing import send, start
from tests.stored import Conversation


def listing(user: User, folder: str = "inbox", cursor: str | None = None, limit: int = 50) -> Listing:
    return list_conversations(user=user, folder=folder, cursor=cursor, limit=limit)


def ids(found: Listing) -> list[UUID]:
    return [UUID(item.conversation.id) for item in found.items]


@pytest.fixture
def many(awa: User, make_user: Callable[..., User]) -> list[UUID]:
    """Seven conversations of Awa's, the first three with a message of one and the same moment, newest first."""
    made = [start(awa, make_user(f"person{number}")) for number in range(7)]
    now = timezone.now()
    for place, conversation in enumerate(made):
        send(awa, conversation, f"{place}")
        moment = now - timedelta(minutes=max(0, place - 2))
        Conversation.objects.filter(pk=conversation).update(last_message_at=moment)
    return sorted(made[:3], reverse=True) + made[3:]


def test_the_newest_message_comes_first(awa: User, many: list[UUID]) -> None:
    found = listing(awa)
    assert ids(found) == many
    assert found.next is None
    assert [item.conversation.last_message is not None for item in found.items] == [True] * 7


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8])
def test_pages_put_together_are_the_whole_list(awa: User, many: list[UUID], size: int) -> None:
    seen: list[UUID] = []
    cursor = None
    for _ in range(20):
        page = listing(awa, cursor=cursor, limit=size)
        assert len(page.items) <= size
        seen += ids(page)
        cursor = page.next
        if cursor is None:
            break
    assert seen == many


def test_a_conversation_that_moves_up_between_two_pages_hides_no_other(awa: User, many: list[UUID]) -> None:
    first = listing(awa, limit=3)
    send(awa, many[5], "back to the top")
    rest = listing(awa, cursor=first.next)
    assert ids(rest) == [many[3], many[4], many[6]]


def test_folders_divide_a_persons_conversations(awa: User, many: list[UUID]) -> None:
    mine = Participant.objects.filter(user=awa)
    mine.filter(conversation=many[0]).update(archived=True)
    mine.filter(conversation=many[1]).update(state="request")
    mine.filter(conversation=many[2]).update(state="ignored")
    assert ids(listing(awa)) == many[3:]
    assert ids(listing(awa, "archived")) == [many[0]]
    assert ids(listing(awa, "requests")) == [many[1]]


@pytest.mark.parametrize("folder", ["", "INBOX", "all", "inbox\x00", "trash"])
def test_an_unknown_folder_is_a_bad_request(awa: User, folder: str) -> None:
    with pytest.raises(BadRequest):
        listing(awa, folder)


def foreign_cursors() -> list[str]:
    def coded(text: str) -> str:
        return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")

    moment = timezone.now().isoformat()
    return [
        "x",
        "!!!!",
        "é",
        "\x00",
        "A" * 10_000,
        coded(moment),
        coded(f"{moment}|"),
        coded(f"{moment}|nobody"),
        coded(f"yesterday|{uuid4()}"),
        coded(f"2026-01-01T00:00:00|{uuid4()}"),
        coded(f"{moment}|{uuid4()}|more"),
        base64.urlsafe_b64encode(b"\xff\xfe").decode(),
        coded(f"{moment}|{uuid4()}") + "=",
        # PostgreSQL does not know these offsets.
        coded(f"0001-01-01T00:00:00+23:59|{uuid4()}"),
        coded(f"9999-12-31T23:59:59.999999-23:59|{uuid4()}"),
        coded(f"2026-01-01T00:00:00+00:00:00.000001|{uuid4()}"),
    ]


@pytest.mark.parametrize("cursor", foreign_cursors())
def test_a_cursor_that_we_did_not_make_is_a_bad_request(awa: User, cursor: str) -> None:
    with pytest.raises(BadRequest) as caught:
        listing(awa, cursor=cursor)
    assert caught.value.fields == {"cursor": "not one of ours"}


@pytest.mark.parametrize(("year", "left"), [(1, 0), (9999, 7)])
def test_a_cursor_at_the_end_of_time_is_harmless(awa: User, many: list[UUID], year: int, left: int) -> None:
    cursor = Cursor(datetime(year, 1, 1, tzinfo=UTC), uuid4()).encode()
    assert len(listing(awa, cursor=cursor).items) == left


def test_a_cursor_survives_its_own_coding() -> None:
    made = Cursor(timezone.now(), uuid4())
    assert Cursor.decode(made.encode()) == made


def test_a_stranger_sees_nothing_of_it(yao: User, many: list[UUID]) -> None:
    assert listing(yao).items == []


def test_the_people_who_are_named_come_with_it(awa: User, koffi: User, yao: User) -> None:
    conversation = start(awa, koffi, yao)
    send(koffi, conversation)
    assert {user.display_name for user in listing(awa).users} == {"Awa", "Koffi", "Yao"}


def test_the_queries_do_not_grow_with_the_list(
    awa: User, koffi: User, yao: User, make_user: Callable[..., User]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            listing(awa, limit=100)
        return len(captured)

    for other in (koffi, yao):
        send(awa, start(awa, other))
    few = queries()
    for number in range(48):
        send(awa, start(awa, make_user(f"person{number}")))
    assert len(listing(awa, limit=100).items) == 50
    assert queries() == few <= 8
