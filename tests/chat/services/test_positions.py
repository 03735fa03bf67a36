"""Where a person stands: positions in pages, the badge, and what is private to them since an inbox number."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from chat.exceptions import BadRequest
from chat.models import Epoch, Participant
from chat.services import inbox
from chat.services.epoch import epoch
from chat.services.positions import badge, list_inbox, read_positions
from chat.services.receipts import mark_delivered, mark_read
from planb.accounts.models import User
from tests.chat.conversing import row_of, send, send_many, start


@pytest.fixture
def five(awa: User, make_user: Callable[..., User]) -> list[UUID]:
    """Conversations that other people began with Awa, two messages each, oldest first."""
    made = [start(make_user(f"person{number}"), awa) for number in range(5)]
    for conversation in made:
        sender = Participant.objects.filter(conversation=conversation).exclude(user=awa).get().user
        send_many(sender, conversation, 2)
    return made


# --- positions ------------------------------------------------------------------------------------
def test_a_position_says_where_a_conversation_stands(awa: User, koffi: User) -> None:
    talk = start(awa, koffi)
    send_many(awa, talk, 4)
    mark_read(user=koffi, conversation=talk, seq=3)
    mark_delivered(user=awa, marks={talk: 4})
    standing = read_positions(user=koffi)
    position = standing.positions[str(talk)]
    assert (position.seq, position.marks) == (4, 3 + 3 + 4), "marks are the sum of everybody's"
    assert (position.mine.read_seq, position.mine.unread, position.mine.others_delivered_seq) == (3, 1, 4)
    assert standing.inbox_seq == 2
    assert (standing.badge.conversations, standing.badge.messages) == (1, 1)


def test_pages_put_together_are_all_conversations_most_recent_first(awa: User, five: list[UUID], settings: Any) -> None:
    settings.CHAT_POSITIONS_LIMIT = 2
    seen: list[str] = []
    cursor = None
    for _ in range(5):
        standing = read_positions(user=awa, cursor=cursor)
        seen += standing.positions
        cursor = standing.next
        if cursor is None:
            break
    assert seen == [str(key) for key in reversed(five)]


def test_a_foreign_cursor_is_a_bad_request(awa: User) -> None:
    with pytest.raises(BadRequest):
        read_positions(user=awa, cursor="nonsense")


def test_a_stranger_stands_nowhere(yao: User, five: list[UUID]) -> None:
    standing = read_positions(user=yao)
    assert (standing.positions, standing.inbox_seq, standing.badge.messages) == ({}, 0, 0)


def test_the_queries_do_not_grow_with_the_positions(
    awa: User, five: list[UUID], make_user: Callable[..., User]
) -> None:
    def queries() -> int:
        with CaptureQueriesContext(connection) as captured:
            read_positions(user=awa)
        return len(captured)

    read_positions(user=awa)
    few = queries()
    for number in range(20):
        send(awa, start(awa, make_user(f"other{number}")))
    assert queries() == few <= 8


# --- the badge ------------------------------------------------------------------------------------
def test_the_badge_leaves_out_what_is_read_archived_or_muted(awa: User, five: list[UUID]) -> None:
    def counted() -> tuple[int, int]:
        found = badge(awa)
        return found.conversations, found.messages

    mine = Participant.objects.filter(user=awa)
    assert counted() == (5, 10)
    mark_read(user=awa, conversation=five[0], seq=1)
    assert counted() == (5, 9)
    mark_read(user=awa, conversation=five[0], seq=2)
    assert counted() == (4, 8)
    mine.filter(conversation=five[1]).update(archived=True)
    assert counted() == (3, 6)
    mine.filter(conversation=five[2]).update(muted_until="2099-01-01T00:00:00Z")
    assert counted() == (2, 4)
    mine.filter(conversation=five[3]).update(muted_until="2020-01-01T00:00:00Z")
    assert counted() == (2, 4), "muted until a moment that is past is not muted"
    mine.filter(conversation=five[0]).update(marked_unread=True)
    assert counted() == (3, 4)


# --- the inbox ------------------------------------------------------------------------------------
def test_private_changes_are_numbered_without_gaps_and_found_by_number(awa: User, five: list[UUID]) -> None:
    for place, conversation in enumerate(five[:3]):
        mark_read(user=awa, conversation=conversation, seq=2)
        assert inbox.head(awa) == 6 + place
    found = list_inbox(user=awa, after=5)
    assert (found.inbox_seq, found.more, found.removed) == (8, False, [])
    assert [UUID(view.conversation.id) for view in found.changed] == five[:3]
    assert all(view.mine.unread == 0 for view in found.changed)
    assert list_inbox(user=awa, after=8).changed == []
    assert list_inbox(user=awa, after=2**53 - 1).changed == []


def test_a_conversation_that_changed_twice_comes_once(awa: User, five: list[UUID]) -> None:
    mark_read(user=awa, conversation=five[0], seq=1)
    mark_read(user=awa, conversation=five[0], seq=2)
    found = list_inbox(user=awa, after=0)
    assert [UUID(view.conversation.id) for view in found.changed] == [*five[1:], five[0]]


def test_the_inbox_comes_in_pages(awa: User, five: list[UUID]) -> None:
    first = list_inbox(user=awa, after=0, limit=2)
    assert (first.more, first.inbox_seq, len(first.changed)) == (True, 2, 2)
    rest = list_inbox(user=awa, after=first.inbox_seq, limit=3)
    assert (rest.more, rest.inbox_seq, len(rest.changed)) == (False, 5, 3)


def test_a_conversation_that_one_was_removed_from_is_named_and_not_shown(awa: User, five: list[UUID]) -> None:
    number = inbox.bump([awa.pk])[awa.pk]
    Participant.objects.filter(pk=row_of(awa, five[0]).pk).update(
        removed_at="2026-01-01T00:00:00Z", removed_seq=2, removal="removed", inbox_seq=number
    )
    found = list_inbox(user=awa, after=5)
    assert (found.changed, found.removed, found.inbox_seq) == ([], [str(five[0])], 6)
    assert str(five[0]) not in read_positions(user=awa).positions


def test_sending_does_not_touch_the_inbox(awa: User, koffi: User, five: list[UUID]) -> None:
    before = inbox.head(awa)
    send(awa, five[0])
    assert inbox.head(awa) == before


# --- the epoch ------------------------------------------------------------------------------------
def test_the_epoch_stays_until_the_stored_row_is_another(db: None) -> None:
    first = epoch()
    assert epoch() == first
    Epoch.objects.all().delete()
    assert epoch() != first
    assert Epoch.objects.count() == 1
