"""Above `receipts_limit` members marks are counted: what is told and read does not grow with the group."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.utils import timezone

from chat import wire
from chat.events import CountsChanged, Event, MarkMoved
from chat.exceptions import NotFound
from chat.models import Participant
from chat.services.messages import list_changes, sync
from chat.services.positions import read_positions
from chat.services.privacy import update_privacy
from chat.services.receipts import list_receipts, mark_delivered, mark_read
from planb.accounts.models import User
from tests.chat.conversing import send_many, start
from tests.stored import Conversation

Untold = Callable[[], list[Event]]


def fill(group: UUID, count: int) -> list[User]:
    """So many more members."""
    made = User.objects.bulk_create([User(username=f"m{n}", display_name=f"M {n}") for n in range(count)])
    rows = [Participant(conversation_id=group, user=user, joined_at=timezone.now()) for user in made]
    Participant.objects.bulk_create(rows)
    total = Participant.objects.filter(conversation=group).count()
    Conversation.objects.filter(pk=group).update(participant_count=total)
    return made


@pytest.fixture
def large(awa: User, koffi: User, untold: Untold) -> UUID:
    """101 people, and three messages of Awa's."""
    group = start(awa, koffi, kind="group", title="Tous")
    fill(group, 99)
    send_many(awa, group, 3)
    untold()
    return group


def counted(events: list[Event]) -> list[tuple[int, int, int]]:
    assert not [event for event in events if isinstance(event, MarkMoved)]
    return [
        (event.counts.message_seq, event.counts.read, event.counts.delivered)
        for event in events
        if isinstance(event, CountsChanged)
    ]


def test_marks_are_told_as_counts_of_the_message_reached(koffi: User, large: UUID, untold: Untold) -> None:
    other = User.objects.get(username="m7")
    mark_delivered(user=other, marks={large: 3})
    assert counted(untold()) == [(3, 0, 1)]
    mark_read(user=koffi, conversation=large, seq=2)
    assert counted(untold()) == [(2, 1, 2)]
    mark_read(user=koffi, conversation=large, seq=2)
    assert counted(untold()) == []


def test_the_frame_is_the_one_of_the_contract(koffi: User, large: UUID, untold: Untold) -> None:
    mark_read(user=koffi, conversation=large, seq=3)
    (event,) = [event for event in untold() if isinstance(event, CountsChanged)]
    frame = {"type": "receipt_counts", "conversation": str(large), "message_seq": 3, "read": 1, "delivered": 1}
    assert wire.builtins(event.payload()) == frame
    variant = event.variant()
    assert (variant.lacking, wire.builtins(variant.frame)) == ("reads", frame | {"read": 0})


def test_the_sender_does_not_count(awa: User, large: UUID) -> None:
    mark_read(user=awa, conversation=large, seq=3)
    assert list_receipts(user=awa, conversation=large).counts == wire.ReceiptCounts(message_seq=3, read=0, delivered=0)


def test_counts_can_be_asked_for_in_any_group(awa: User, koffi: User) -> None:
    group = start(awa, koffi, kind="group", title="Peu")
    send_many(awa, group, 2)
    mark_read(user=koffi, conversation=group, seq=1)
    found = list_receipts(user=awa, conversation=group, message_seq=1)
    assert found.counts == wire.ReceiptCounts(message_seq=1, read=1, delivered=1)
    assert set(found.receipts) == {str(awa.pk), str(koffi.pk)}
    assert list_receipts(user=awa, conversation=group).counts is None
    assert list_receipts(user=awa, conversation=group, message_seq=0).counts is None


def test_only_members_count_and_only_they_may_ask(awa: User, koffi: User, yao: User, large: UUID) -> None:
    mark_read(user=koffi, conversation=large, seq=3)
    gone = {"removed_at": timezone.now(), "removed_seq": 3, "removal": "left"}
    Participant.objects.filter(user=koffi).update(**gone)
    counts = list_receipts(user=awa, conversation=large).counts
    assert counts == wire.ReceiptCounts(message_seq=3, read=0, delivered=0)
    for person in (koffi, yao):
        with pytest.raises(NotFound):
            list_receipts(user=person, conversation=large, message_seq=3)


def test_who_reads_in_private_is_counted_as_delivered_and_counts_no_reads(
    awa: User, koffi: User, large: UUID, untold: Untold
) -> None:
    update_privacy(user=koffi, command=wire.UpdatePrivacy(private_receipts=True))
    untold()
    mark_read(user=koffi, conversation=large, seq=3)
    assert counted(untold()) == [(3, 0, 1)]
    mark_read(user=User.objects.get(username="m7"), conversation=large, seq=3)
    assert list_receipts(user=awa, conversation=large).counts == wire.ReceiptCounts(message_seq=3, read=1, delivered=2)
    own = list_receipts(user=koffi, conversation=large).counts
    assert own == wire.ReceiptCounts(message_seq=3, read=0, delivered=2)


def test_a_large_group_has_no_map_of_receipts_and_no_sum_of_them(awa: User, koffi: User, large: UUID) -> None:
    mark_read(user=koffi, conversation=large, seq=3)
    assert list_receipts(user=awa, conversation=large).receipts == {}
    assert list_changes(user=awa, conversation=large, after=0).receipts == {}
    assert [body.receipts for body in sync(user=awa, cursors={large: 0})] == [{}]
    assert read_positions(user=awa).positions[str(large)].marks == 0
    Participant.objects.filter(conversation=large, user__username="m7").delete()
    Conversation.objects.filter(pk=large).update(participant_count=100)
    assert len(list_receipts(user=awa, conversation=large).receipts) == 100
    assert read_positions(user=awa).positions[str(large)].marks == 6


@pytest.mark.parametrize(
    "use_case",
    [
        lambda user, group: mark_read(user=user, conversation=group, seq=3),
        lambda user, group: mark_delivered(user=user, marks={group: 3}),
        lambda user, group: list_receipts(user=user, conversation=group, message_seq=3),
        lambda user, group: list_changes(user=user, conversation=group, after=0),
        lambda user, group: read_positions(user=user),
    ],
    ids=["mark_read", "mark_delivered", "list_receipts", "list_changes", "read_positions"],
)
def test_the_number_of_queries_does_not_grow_with_the_group(
    use_case: Callable[[User, UUID], Any], koffi: User, large: UUID
) -> None:
    from django.db import connection, transaction
    from django.test.utils import CaptureQueriesContext

    def cost() -> int:
        with CaptureQueriesContext(connection) as queries:
            use_case(koffi, large)
        return len(queries)

    cost()
    savepoint = transaction.savepoint()
    Participant.objects.filter(user=koffi).update(read_seq=0, delivered_seq=0)
    before = cost()
    transaction.savepoint_rollback(savepoint)
    many = [User(username=f"more{n}", display_name="More") for n in range(60)]
    rows = [Participant(conversation_id=large, user=user, joined_at=timezone.now()) for user in many]
    User.objects.bulk_create(many)
    Participant.objects.bulk_create(rows)
    Conversation.objects.filter(pk=large).update(participant_count=161)
    Participant.objects.filter(user=koffi).update(read_seq=0, delivered_seq=0)
    assert cost() == before
