"""Taking the next number: every durable change goes through here or through the write path, under the same lock."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models.expressions import RawSQL

from chat.exceptions import NotFound
from chat.models import AbstractConversation, AbstractMessage, Participant
from chat.services.membership import participant_of
from chat.swap import conversation_model, message_model


class Locked:
    """A conversation under its row lock, as one member changes it. `now` is PostgreSQL's clock."""

    def __init__(self, conversation: AbstractConversation, participant: Participant, now: datetime) -> None:
        self.conversation = conversation
        self.participant = participant
        self.now = now

    def change_message(self, message: AbstractMessage, *fields: str) -> None:
        """Give the message the next number and store these fields with it."""
        self.conversation.seq += 1
        message.changed_seq = self.conversation.seq
        message.save(update_fields=[*fields, "changed_seq"])
        self.conversation.save(update_fields=["seq"])

    def change_conversation(self, *fields: str, said: dict[str, Any] | None = None) -> AbstractMessage | None:
        """Give the conversation the next number; with `said`, a system message takes its place there: one change."""
        row = self.conversation
        row.seq += 1
        row.changed_seq = row.seq
        message = None
        if said is not None:
            row.last_message_seq, row.last_message_at = row.seq, max(self.now, row.last_message_at)
            message = message_model().objects.create(
                conversation_id=row.pk,
                seq=row.seq,
                changed_seq=row.seq,
                kind="system",
                data=said,
                created_at=row.last_message_at,
            )
        row.save(update_fields=[*fields, "seq", "changed_seq", "last_message_seq", "last_message_at"])
        return message


def lock(user: Any, conversation: UUID) -> Locked:
    """Lock a conversation for one of its members. Raises NotFound for everybody else.

    Membership is read under the lock: who was removed a moment ago changes nothing any more.
    """
    row: Any = (
        conversation_model()
        .objects.select_for_update(no_key=True)
        .annotate(read_at=RawSQL("clock_timestamp()", ()))
        .filter(pk=conversation)
        .first()
    )
    if row is None:
        raise NotFound("There is no such conversation.")
    return Locked(row, participant_of(user, conversation), row.read_at)


def lock_message(user: Any, message: UUID) -> tuple[Locked, AbstractMessage]:
    """Lock the conversation of a message, and read the message under that lock. Raises NotFound for strangers."""
    found = message_model().objects.visible_to(user).filter(pk=message).values_list("conversation", flat=True).first()
    if found is None:
        raise NotFound("There is no such message.")
    locked = lock(user, found)
    row: AbstractMessage = message_model().objects.get(pk=message)
    return locked, row
