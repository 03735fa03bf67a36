"""A person's private sequence: what only they see of their conversations, dense like any other."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from django.db import connection

from chat import cards, events, wire
from chat.models import Inbox, Participant
from chat.services import views


def bump(users: Iterable[Any]) -> dict[Any, int]:
    """Take the next inbox number of each, in order of user id, so that two bumps never wait in a circle."""
    wanted = sorted(set(users), key=str)
    Inbox.objects.bulk_create([Inbox(user_id=user) for user in wanted], ignore_conflicts=True)
    table = connection.ops.quote_name(Inbox._meta.db_table)
    numbers: dict[Any, int] = {}
    with connection.cursor() as cursor:
        for user in wanted:
            cursor.execute(f"UPDATE {table} SET seq = seq + 1 WHERE user_id = %s RETURNING seq", [user])  # noqa: S608
            numbers[user] = cursor.fetchone()[0]
    return numbers


def head(user: Any) -> int:
    """The person's last inbox number; 0 before the first."""
    seq: int | None = Inbox.objects.filter(user=user).values_list("seq", flat=True).first()
    return seq or 0


def list_for_all(conversation: UUID) -> None:
    """A direct conversation got its first message: it shows to the other side from now on, who hear of it."""
    hidden = list(Participant.objects.filter(conversation=conversation, removed_at=None, listed=False))
    if hidden:
        announce(hidden)


def announce(participants: Sequence[Participant]) -> None:
    """Put one conversation into these people's inboxes and tell their devices."""
    numbers = bump(participant.user_id for participant in participants)
    for participant in participants:
        participant.listed = True
        participant.inbox_seq = numbers[participant.user_id]
        participant.save(update_fields=["listed", "inbox_seq"])
    shown = views.for_participants(participants)
    users = cards.cards(entry.user_id for view in shown.values() for entry in view.participants)
    for participant in participants:
        view = shown[participant.pk]
        events.publish(
            events.ConversationAdded(
                user=str(participant.user_id),
                inbox_seq=participant.inbox_seq,
                state=view.conversation,
                mine=view.mine,
                users=users,
            )
        )


def changed_mine(participant: Participant) -> wire.Mine:
    """Tell a person's devices that a private fact changed; returns it. `inbox_seq` must be taken already."""
    mine = views.for_participants([participant])[participant.pk].mine
    events.publish(
        events.MineChanged(
            user=str(participant.user_id),
            inbox_seq=participant.inbox_seq,
            conversation=str(participant.conversation_id),
            mine=mine,
        )
    )
    return mine
