"""Where a person's conversations stand: what `ready` brings, and how heads are compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Q
from django.db.models.functions import Now

from chat import cards, database, wire
from chat.conf import conf
from chat.cursors import Cursor
from chat.models import Participant
from chat.services import inbox, views
from chat.services.epoch import epoch
from chat.services.membership import participants_of


@dataclass(frozen=True, slots=True)
class Standing:
    """`positions` by conversation: a page of the most recently active; `next` leads on."""

    epoch: str
    inbox_seq: int
    badge: wire.Badge
    positions: dict[str, wire.Position]
    next: str | None


def read_positions(*, user: Any, cursor: str | None = None) -> Standing:
    """One page of positions, most recently active first. Raises BadRequest for a foreign cursor."""
    limit = conf().positions_limit
    rows = participants_of(user)
    after = Cursor.decode(cursor) if cursor else None
    if after is not None:
        rows = rows.filter(
            Q(conversation__last_message_at__lt=after.moment)
            | Q(conversation__last_message_at=after.moment, conversation__lt=after.id)
        )
    identity = epoch()
    with database.snapshot():
        page = list(rows.order_by("-conversation__last_message_at", "-conversation_id")[: limit + 1])
        more, page = len(page) > limit, page[:limit]
        found = views.standings(page)
        seq = inbox.head(user)
        counted = badge(user)
    last = found[page[-1].pk][0] if page else None
    return Standing(
        epoch=identity,
        inbox_seq=seq,
        badge=counted,
        positions={
            str(row.conversation_id): wire.Position(seq=conversation.seq, marks=marks.total, mine=mine)
            for row in page
            for conversation, marks, mine in (found[row.pk],)
        },
        next=Cursor(last.last_message_at, last.pk).encode() if more and last else None,
    )


def as_body(standing: Standing) -> wire.Json:
    """The body of the `positions` command and of its REST twin."""
    return {
        "epoch": standing.epoch,
        "inbox_seq": standing.inbox_seq,
        "badge": standing.badge,
        "positions": standing.positions,
        "next": standing.next,
    }


def inbox_head(user: Any) -> int:
    return inbox.head(user)


def list_heads(user: Any) -> dict[UUID, int]:
    """The seq of every conversation of a person."""
    return dict(participants_of(user).values_list("conversation", "conversation__seq"))


def badge(user: Any) -> wire.Badge:
    """Conversations with something unread, and unread messages in all; muted and archived ones left out.

    Looks at the `positions_limit` most recently active ones: a badge beyond is no longer read.
    """
    muted = Q(muted_until__gt=Now())
    rows = participants_of(user).filter(~muted, archived=False).order_by("-conversation__last_message_at")
    page = list(rows[: conf().positions_limit])
    marks = views.marks_of(page)
    unread = [marks[row.pk].unread for row in page]
    return wire.Badge(
        conversations=sum(1 for row, count in zip(page, unread, strict=True) if count or row.marked_unread),
        messages=sum(unread),
    )


@dataclass(frozen=True, slots=True)
class InboxChanges:
    inbox_seq: int
    changed: Sequence[wire.ConversationView]
    removed: Sequence[str]
    users: Sequence[wire.User]
    more: bool


def list_inbox(*, user: Any, after: int, limit: int = 100) -> InboxChanges:
    """What is private to a person and changed after an inbox number, as it is now."""
    with database.snapshot():
        head = inbox.head(user)
        rows = list(
            Participant.objects.filter(user=user, inbox_seq__gt=after, listed=True).order_by("inbox_seq")[: limit + 1]
        )
        more, rows = len(rows) > limit, rows[:limit]
        current = [row for row in rows if row.removed_at is None]
        shown = views.for_participants(current)
        return InboxChanges(
            inbox_seq=rows[-1].inbox_seq if more else head,
            changed=[shown[row.pk].body for row in current],
            removed=[str(row.conversation_id) for row in rows if row.removed_at is not None],
            users=cards.cards(entry.user_id for view in shown.values() for entry in view.participants),
            more=more,
        )
