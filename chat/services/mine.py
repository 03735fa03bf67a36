"""What of a conversation is one person's alone, on all their devices: mute, archive, pin, unread mark, draft."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from msgspec import UnsetType

from chat import database, wire
from chat.drafts import clean_text
from chat.exceptions import BadRequest
from chat.services import inbox
from chat.services.membership import participant_of
from chat.services.views import standings


def update_mine(*, user: Any, command: wire.UpdateMine) -> wire.Mine:
    """Change what is given; what is so already changes and tells nothing.

    Raises NotFound for everybody but current members, BadRequest or TooLarge for a draft that cannot be one.
    """
    wanted: dict[str, Any] = {
        name: value
        for name in ("muted_until", "archived", "pinned", "marked_unread")
        if not isinstance(value := getattr(command, name), UnsetType)
    }
    if isinstance(command.muted_until, datetime):
        wanted["muted_until"] = _utc(command.muted_until)
    if not isinstance(command.draft, UnsetType):
        wanted["draft"] = clean_text(command.draft or "", name="draft", required=False)
    with database.writing():
        row = participant_of(user, command.conversation)
        if all(getattr(row, name) == value for name, value in wanted.items()):
            return standings([row])[row.pk][2]
        # The inbox row first, as everywhere.
        number = inbox.bump([user.pk])[user.pk]
        row = participant_of(user, command.conversation, lock=True)
        for name, value in wanted.items():
            setattr(row, name, value)
        row.inbox_seq = number
        row.save(update_fields=[*wanted, "inbox_seq"])
        return inbox.changed_mine(row)


def _utc(moment: datetime) -> datetime:
    """Raises BadRequest at the ends of time, and for offsets that PostgreSQL does not know."""
    try:
        return moment.astimezone(UTC)
    except OverflowError as error:
        raise BadRequest(fields={"muted_until": "beyond the calendar"}) from error
