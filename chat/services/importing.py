"""Bring history from another system: messages with their own times, in order, before anybody writes new ones."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db.models import F
from django.db.models.functions import Greatest
from uuid_utils.compat import uuid7

from chat import database
from chat.drafts import clean_text, digest
from chat.exceptions import BadRequest, NotFound
from chat.models import Participant
from chat.swap import conversation_model, message_model

CHUNK = 1_000


@dataclass(frozen=True, slots=True)
class Entry:
    """One message as it was; `sender` must take part in the conversation."""

    sender: Any
    text: str
    created_at: datetime


def import_messages(*, conversation: UUID, entries: Sequence[Entry], read_by_all: bool = True) -> int:
    """Append entries in order of time; returns the new head. Tells nobody: open clients see it when they next compare.

    Raises NotFound for a conversation or sender that is not there, BadRequest where times run backwards.
    """
    with database.writing():
        row = conversation_model().objects.select_for_update(no_key=True).filter(pk=conversation).first()
        if row is None:
            raise NotFound()
        members = set(Participant.objects.filter(conversation=conversation).values_list("user", flat=True))
        rows = []
        last = row.last_message_at if row.last_message_seq else None
        for entry in entries:
            if entry.sender.pk not in members:
                raise NotFound(f"{entry.sender} does not take part.")
            if last is not None and entry.created_at < last:
                raise BadRequest(fields={"created_at": "runs backwards"})
            last = entry.created_at
            row.seq += 1
            text = clean_text(entry.text)
            rows.append(
                message_model()(
                    conversation_id=row.pk,
                    seq=row.seq,
                    changed_seq=row.seq,
                    client_id=uuid7(),
                    draft_hash=digest(text, "", [], {}),
                    sender_id=entry.sender.pk,
                    text=text,
                    created_at=entry.created_at,
                )
            )
        if not rows or last is None:
            return int(row.seq)
        for start in range(0, len(rows), CHUNK):
            message_model().objects.bulk_create(rows[start : start + CHUNK])
        row.last_message_seq, row.last_message_at = row.seq, last
        row.save(update_fields=["seq", "last_message_seq", "last_message_at"])
        people = Participant.objects.filter(conversation=conversation)
        people.update(listed=True)
        if read_by_all:
            people.update(
                read_seq=Greatest(F("read_seq"), row.seq), delivered_seq=Greatest(F("delivered_seq"), row.seq)
            )
        return int(row.seq)
