"""How far people have read and been delivered: marks that only grow, and never pass the conversation's head.

Others see a mark (`seen_by_others`) that stays behind what was read in private. In a large conversation
(`conf().receipts_limit`) they see counts of one message instead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db import connection
from msgspec import structs

from chat import database, events, wire
from chat.conf import conf
from chat.models import AbstractConversation, Participant
from chat.services import inbox, privacy
from chat.services.membership import participant_of
from chat.services.messages import delivered_only, receipts_of
from chat.services.views import standings
from chat.swap import conversation_model, message_model


def mark_read(*, user: Any, conversation: UUID, seq: int) -> wire.Mine:
    """Read up to `seq`, the newest message shown. A mark that is not news changes and tells nothing.

    Raises NotFound for everybody but current members.
    """
    with database.writing():
        row = participant_of(user, conversation)
        place = _places([conversation])[conversation]
        read = min(seq, place.seq)
        if read <= row.read_seq and not row.marked_unread:
            return standings([row])[row.pk][2]
        # The inbox row first, everywhere: whoever holds it holds this person's private changes.
        number = inbox.bump([user.pk])[user.pk]
        private = privacy.lacks(user, "reads")
        row = participant_of(user, conversation, lock=True)
        before = row.seen_by_others, row.delivered_seq
        if read > row.read_seq:
            row.shown_read_seq = row.seen_by_others if private else None
            row.read_seq = read
        row.delivered_seq = max(row.delivered_seq, row.read_seq)
        row.marked_unread = False
        row.inbox_seq = number
        row.save(update_fields=["read_seq", "shown_read_seq", "delivered_seq", "marked_unread", "inbox_seq"])
        if row.seen_by_others > before[0]:
            _tell([_Moved(row, "read", row.seen_by_others, place)])
        elif row.delivered_seq > before[1]:
            _tell([_Moved(row, "delivered", row.delivered_seq, place)])
        return inbox.changed_mine(row)


def mark_delivered(*, user: Any, marks: Mapping[UUID, int]) -> None:
    """Delivered up to these places. Conversations that are not this person's are passed over: a device that
    was offline may not know yet that it left."""
    with database.writing():
        places = _places(marks)
        rows = (
            Participant.objects.select_for_update(no_key=True)
            .filter(user=user, conversation__in=marks, removed_at=None, listed=True)
            .order_by("pk")
        )
        moved = []
        for row in rows:
            place = places[row.conversation_id]
            delivered = min(marks[row.conversation_id], place.seq)
            if delivered > row.delivered_seq:
                row.delivered_seq = delivered
                moved.append(_Moved(row, "delivered", delivered, place))
        if not moved:
            return
        Participant.objects.bulk_update([each.row for each in moved], ["delivered_seq"])
        _tell(moved)


@dataclass(frozen=True, slots=True)
class Receipts:
    """All marks by user, or, in a large conversation, none. `counts` where they were asked for or stand instead."""

    receipts: Mapping[str, wire.Receipt]
    counts: wire.ReceiptCounts | None


def list_receipts(*, user: Any, conversation: UUID, message_seq: int | None = None) -> Receipts:
    """The marks of every current member, and how many of them have reached the message at `message_seq`.

    In a large conversation without `message_seq`: the newest message. Raises NotFound for everybody but members.
    """
    with database.snapshot():
        participant_of(user, conversation)
        row: AbstractConversation = conversation_model().objects.get(pk=conversation)
        found = receipts_of(row)
        counts = None
        if message_seq is not None or row.participant_count > conf().receipts_limit:
            asked = row.seq if message_seq is None else message_seq
            counts = _counts({conversation: asked}).get(conversation)
        if privacy.lacks(user, "reads"):
            found = delivered_only(found)
            counts = structs.replace(counts, read=0) if counts is not None else None
        return Receipts(found, counts)


@dataclass(frozen=True, slots=True)
class _Place:
    seq: int
    counted: bool


@dataclass(frozen=True, slots=True)
class _Moved:
    row: Participant
    kind: str
    seq: int
    place: _Place


def _places(conversations: Any) -> dict[UUID, _Place]:
    rows = conversation_model().objects.filter(pk__in=conversations).values_list("pk", "seq", "participant_count")
    return {key: _Place(seq, count > conf().receipts_limit) for key, seq, count in rows}


def _tell(moved: Sequence[_Moved]) -> None:
    """Tell the members; of large conversations how many have reached the message that this mark has just reached."""
    counts = _counts({each.row.conversation_id: each.seq for each in moved if each.place.counted})
    for each in moved:
        key = each.row.conversation_id
        if not each.place.counted:
            events.publish(
                events.MarkMoved(kind=each.kind, conversation=str(key), user=str(each.row.user_id), seq=each.seq)
            )
        elif key in counts:
            events.publish(events.CountsChanged(conversation=str(key), counts=counts[key]))


def _counts(marks: Mapping[UUID, int]) -> dict[UUID, wire.ReceiptCounts]:
    """Of the newest message at or below each mark. One query for all."""
    if not marks:
        return {}
    people = connection.ops.quote_name(Participant._meta.db_table)
    messages = connection.ops.quote_name(message_model()._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT w.conversation, m.seq,
                   count(*) FILTER (WHERE coalesce(p.shown_read_seq, p.read_seq) >= m.seq),
                   count(*) FILTER (WHERE p.delivered_seq >= m.seq)
            FROM unnest(%s::uuid[], %s::bigint[]) AS w(conversation, mark)
            CROSS JOIN LATERAL (
                SELECT seq, sender_id FROM {messages}
                WHERE conversation_id = w.conversation AND seq <= w.mark ORDER BY seq DESC LIMIT 1
            ) AS m
            LEFT JOIN {people} p ON p.conversation_id = w.conversation AND p.removed_at IS NULL
                AND p.user_id IS DISTINCT FROM m.sender_id
            GROUP BY w.conversation, m.seq
            """,  # noqa: S608
            [list(marks), list(marks.values())],
        )
        return {row[0]: wire.ReceiptCounts(message_seq=row[1], read=row[2], delivered=row[3]) for row in cursor}
