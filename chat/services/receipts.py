"""How far people have read and been delivered: marks that only grow, and never pass the conversation's head."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from chat import database, events, wire
from chat.models import Participant
from chat.services import inbox
from chat.services.membership import participant_of
from chat.services.messages import receipt_of
from chat.services.views import standings
from chat.swap import conversation_model


def mark_read(*, user: Any, conversation: UUID, seq: int) -> wire.Mine:
    """Read up to `seq`, the newest message shown. A mark that is not news changes and tells nothing.

    Raises NotFound for everybody but current members.
    """
    with database.writing():
        row = participant_of(user, conversation)
        read = min(seq, _head(conversation))
        if read <= row.read_seq and not row.marked_unread:
            return standings([row])[row.pk][2]
        # The inbox row first, everywhere: whoever holds it holds this person's private changes.
        number = inbox.bump([user.pk])[user.pk]
        row = participant_of(user, conversation, lock=True)
        moved = read > row.read_seq
        row.read_seq = max(row.read_seq, read)
        row.delivered_seq = max(row.delivered_seq, row.read_seq)
        row.marked_unread = False
        row.inbox_seq = number
        row.save(update_fields=["read_seq", "delivered_seq", "marked_unread", "inbox_seq"])
        if moved:
            events.publish(
                events.MarkMoved(kind="read", conversation=str(conversation), user=str(user.pk), seq=row.read_seq)
            )
        return inbox.changed_mine(row)


def mark_delivered(*, user: Any, marks: Mapping[UUID, int]) -> None:
    """Delivered up to these places. Conversations that are not this person's are passed over: a device that
    was offline may not know yet that it left."""
    with database.writing():
        heads = dict(conversation_model().objects.filter(pk__in=marks).values_list("pk", "seq"))
        rows = (
            Participant.objects.select_for_update(no_key=True)
            .filter(user=user, conversation__in=marks, removed_at=None, listed=True)
            .order_by("pk")
        )
        moved = []
        for row in rows:
            delivered = min(marks[row.conversation_id], heads[row.conversation_id])
            if delivered > row.delivered_seq:
                row.delivered_seq = delivered
                moved.append(row)
        if not moved:
            return
        Participant.objects.bulk_update(moved, ["delivered_seq"])
        events.publish(
            *(
                events.MarkMoved(
                    kind="delivered",
                    conversation=str(row.conversation_id),
                    user=str(user.pk),
                    seq=row.delivered_seq,
                )
                for row in moved
            )
        )


def list_receipts(*, user: Any, conversation: UUID) -> dict[str, wire.Receipt]:
    """The marks of every current member, by user. Raises NotFound for everybody but members."""
    participant_of(user, conversation)
    rows = Participant.objects.filter(conversation=conversation, removed_at=None).order_by("pk")
    return {str(row.user_id): receipt_of(row) for row in rows}


def _head(conversation: UUID) -> int:
    seq: int = conversation_model().objects.values_list("seq", flat=True).get(pk=conversation)
    return seq
