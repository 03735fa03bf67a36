"""The caller's own row in a conversation: the first step of every use case, and where a stranger ends."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from chat.exceptions import NotFound
from chat.models import Participant


def participant_of(user: Any, conversation: UUID, *, lock: bool = False) -> Participant:
    """Raises NotFound for strangers, former members, and where there is no such conversation."""
    rows = Participant.objects.filter(conversation=conversation, user=user, removed_at=None, listed=True)
    if lock:
        rows = rows.select_for_update(no_key=True)
    row: Participant | None = rows.first()
    if row is None:
        raise NotFound("There is no such conversation.")
    return row


def participants_of(user: Any) -> Any:
    """QuerySet of the person's current rows."""
    return Participant.objects.filter(user=user, removed_at=None, listed=True)
