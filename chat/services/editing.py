"""Changing what was said: edit, delete, hide. What it said before is kept for moderators."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from msgspec import UNSET, UnsetType

from chat import database, events, render, wire
from chat.drafts import clean_text
from chat.exceptions import Conflict
from chat.models import AbstractMessage, MessageVersion
from chat.policy import policy
from chat.services.sequence import Locked, lock_message


def edit_message(*, user: Any, message: UUID, text: str, if_edited_at: str | UnsetType | None = UNSET) -> wire.Message:
    """Replace the text. The same text again changes nothing.

    Raises NotFound, Forbidden (another's, or too late), Conflict (somebody edited in between), BadRequest, TooLarge.
    """
    clean = clean_text(text)
    with database.writing():
        locked, row = lock_message(user, message)
        policy().may_edit(conversation=locked.conversation, participant=locked.participant, message=row, now=locked.now)
        if not isinstance(if_edited_at, UnsetType) and if_edited_at != wire.stamp_or_none(row.edited_at):
            raise Conflict("It was edited in between.")
        if clean == row.text:
            return render.messages([row])[0]
        _keep_version(row, user, locked.now)
        row.text, row.edited_at = clean, locked.now
        locked.change_message(row, "text", "edited_at")
        return _told(row)


def delete_message(*, user: Any, message: UUID) -> wire.Message:
    """Empty it; it keeps its place. Deleting it again changes nothing. Raises NotFound, Forbidden."""
    with database.writing():
        locked, row = lock_message(user, message)
        by = policy().may_delete(conversation=locked.conversation, participant=locked.participant, message=row)
        if row.deleted_at is not None:
            return render.messages([row])[0]
        _empty(locked, row, user, by)
        return _told(row, deleted=True)


def _empty(locked: Locked, row: AbstractMessage, user: Any, by: str) -> None:
    _keep_version(row, user, locked.now)
    row.text, row.deleted_at, row.deleted_by = "", locked.now, by
    locked.change_message(row, "text", "deleted_at", "deleted_by")


def _keep_version(row: AbstractMessage, user: Any, now: datetime) -> None:
    if row.text:
        MessageVersion.objects.create(message_id=row.pk, text=row.text, replaced_at=now, replaced_by=user)


def _told(row: AbstractMessage, *, deleted: bool = False) -> wire.Message:
    message = render.messages([row])[0]
    events.publish(events.MessageChanged(message=message, deleted=deleted))
    return message
