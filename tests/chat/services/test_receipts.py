"""Read and delivered: marks that only grow, stay within the conversation, and are told when they move."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID, uuid4

import pytest

from chat.events import Event, MarkMoved, MineChanged
from chat.exceptions import NotFound
from chat.models import Inbox, Participant
from chat.services.conversations import get_conversation
from chat.services.receipts import list_receipts, mark_delivered, mark_read
from planb.accounts.models import User
from tests.chat.conversing import row_of, send, send_many, start
from tests.stored import Message

Untold = Callable[[], list[Event]]
HUGE = 2**53 - 1


@pytest.fixture
def talk(awa: User, koffi: User, untold: Untold) -> UUID:
    """Ten messages of Awa's."""
    conversation = start(awa, koffi)
    send_many(awa, conversation, 10)
    untold()
    return conversation


def marks(user: User, conversation: UUID) -> tuple[int, int]:
    row = row_of(user, conversation)
    return row.read_seq, row.delivered_seq


def moved(events: list[Event]) -> list[tuple[str, str, int]]:
    return [(event.kind, event.user, event.seq) for event in events if isinstance(event, MarkMoved)]


# --- read -----------------------------------------------------------------------------------------
def test_reading_moves_both_marks_and_is_told_to_all_and_privately(koffi: User, talk: UUID, untold: Untold) -> None:
    mine = mark_read(user=koffi, conversation=talk, seq=4)
    assert (mine.read_seq, mine.unread, mine.as_of) == (4, 6, 10)
    assert marks(koffi, talk) == (4, 4), "read implies delivered"
    told = untold()
    assert moved(told) == [("read", str(koffi.pk), 4)]
    (private,) = [event for event in told if isinstance(event, MineChanged)]
    assert (private.user, private.mine, private.inbox_seq) == (str(koffi.pk), mine, 2)
    assert row_of(koffi, talk).inbox_seq == 2


@pytest.mark.parametrize("seq", [0, 3, 6])
def test_a_mark_that_is_no_news_changes_and_tells_nothing(koffi: User, talk: UUID, untold: Untold, seq: int) -> None:
    before = mark_read(user=koffi, conversation=talk, seq=6)
    untold()
    assert mark_read(user=koffi, conversation=talk, seq=seq) == before
    assert marks(koffi, talk) == (6, 6)
    assert untold() == []
    assert Inbox.objects.get(user=koffi).seq == 2


@pytest.mark.parametrize("seq", [11, HUGE])
def test_nobody_reads_beyond_the_head(koffi: User, talk: UUID, untold: Untold, seq: int) -> None:
    assert mark_read(user=koffi, conversation=talk, seq=seq).read_seq == 10
    assert moved(untold()) == [("read", str(koffi.pk), 10)]
    assert mark_read(user=koffi, conversation=talk, seq=HUGE).read_seq == 10
    assert untold() == []


def test_what_was_marked_unread_is_read_again_without_moving_the_mark(koffi: User, talk: UUID, untold: Untold) -> None:
    mark_read(user=koffi, conversation=talk, seq=10)
    Participant.objects.filter(pk=row_of(koffi, talk).pk).update(marked_unread=True)
    untold()
    assert not mark_read(user=koffi, conversation=talk, seq=10).marked_unread
    told = untold()
    assert moved(told) == []
    assert len(told) == 1


def test_reading_does_not_undo_what_was_delivered_beyond(koffi: User, talk: UUID) -> None:
    mark_delivered(user=koffi, marks={talk: 9})
    mark_read(user=koffi, conversation=talk, seq=5)
    assert marks(koffi, talk) == (5, 9)


# --- delivered ------------------------------------------------------------------------------------
def test_delivery_is_told_for_each_conversation_where_it_is_news(
    awa: User, koffi: User, talk: UUID, untold: Untold
) -> None:
    other = start(awa, koffi, subject=None, kind="group")
    send_many(awa, other, 3)
    untold()
    mark_delivered(user=koffi, marks={talk: 7, other: HUGE})
    assert sorted(moved(untold())) == [("delivered", str(koffi.pk), 3), ("delivered", str(koffi.pk), 7)]
    assert (marks(koffi, talk), marks(koffi, other)) == ((0, 7), (0, 3))
    mark_delivered(user=koffi, marks={talk: 6, other: 3})
    assert untold() == []
    assert marks(koffi, talk) == (0, 7)


def test_delivery_takes_no_number_of_the_inbox(koffi: User, talk: UUID) -> None:
    mark_delivered(user=koffi, marks={talk: 7})
    assert Inbox.objects.get(user=koffi).seq == 1


def test_conversations_that_are_not_ones_own_are_passed_over(
    koffi: User, yao: User, talk: UUID, untold: Untold
) -> None:
    mark_delivered(user=yao, marks={talk: 5, uuid4(): 5})
    assert untold() == []
    assert set(Participant.objects.values_list("delivered_seq", flat=True)) == {0}
    mark_delivered(user=koffi, marks={uuid4(): 3, talk: 5})
    assert marks(koffi, talk) == (0, 5)


# --- who may --------------------------------------------------------------------------------------
def test_a_stranger_marks_and_sees_nothing(yao: User, talk: UUID, untold: Untold) -> None:
    for conversation in (talk, uuid4()):
        with pytest.raises(NotFound):
            mark_read(user=yao, conversation=conversation, seq=5)
        with pytest.raises(NotFound):
            list_receipts(user=yao, conversation=conversation)
    assert untold() == []
    assert not Inbox.objects.filter(user=yao).exists()


# --- what others and oneself see of it --------------------------------------------------------------
def test_the_least_mark_of_the_others_is_what_a_tick_shows(awa: User, koffi: User, yao: User) -> None:
    group = start(awa, koffi, yao)
    send_many(awa, group, 10)
    mark_read(user=koffi, conversation=group, seq=8)
    mark_delivered(user=yao, marks={group: 5})
    mark_read(user=yao, conversation=group, seq=3)

    def seen(user: User) -> tuple[int, int]:
        mine = get_conversation(user=user, conversation=group).view.mine
        return mine.others_read_seq, mine.others_delivered_seq

    assert seen(awa) == (3, 5)
    mark_read(user=awa, conversation=group, seq=10)
    assert seen(koffi) == (3, 5)
    assert seen(yao) == (8, 8)
    assert {
        key: (mark.read_seq, mark.delivered_seq)
        for key, mark in list_receipts(user=awa, conversation=group).receipts.items()
    } == {
        str(awa.pk): (10, 10),
        str(koffi.pk): (8, 8),
        str(yao.pk): (3, 5),
    }


def test_unread_counts_live_messages_of_others_up_to_a_hundred(awa: User, koffi: User, talk: UUID) -> None:
    def unread(user: User) -> int:
        return get_conversation(user=user, conversation=talk).view.mine.unread

    assert (unread(awa), unread(koffi)) == (0, 10), "one's own are never unread"
    send(koffi, talk)
    assert (unread(awa), unread(koffi)) == (1, 10)
    rows = Message.objects.filter(conversation=talk)
    rows.filter(seq=1).update(text="", deleted_at="2026-01-01T00:00:00Z", deleted_by="author")
    rows.filter(seq=2).update(hidden_at="2026-01-01T00:00:00Z")
    assert unread(koffi) == 8
    mark_read(user=koffi, conversation=talk, seq=5)
    assert unread(koffi) == 5
    send_many(awa, talk, 120)
    assert unread(koffi) == 100
