"""Who takes part in a group: add, remove, leave, hand over. Each is one change with one system message."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from chat import cards, database, events, render, wire
from chat.conf import conf
from chat.exceptions import BadRequest, Conflict, Forbidden, NotFound
from chat.models import AbstractMessage, Participant
from chat.policy import policy
from chat.services import inbox, views
from chat.services.membership import participant_of
from chat.services.sequence import Locked, lock

Role = Participant.Role


@dataclass(frozen=True, slots=True)
class Participants:
    participants: Sequence[wire.ParticipantEntry]
    users: Sequence[wire.User]
    next: str | None


def list_participants(*, user: Any, conversation: UUID, after: int | None, limit: int) -> Participants:
    """A page in order of joining; `after` is the last page's `next`. Raises NotFound for strangers."""
    with database.snapshot():
        participant_of(user, conversation)
        rows = Participant.objects.filter(conversation=conversation, removed_at=None).order_by("pk")
        if after is not None:
            rows = rows.filter(pk__gt=after)
        page = list(rows[: limit + 1])
        more, page = len(page) > limit, page[:limit]
        return Participants(
            participants=render.participant_entries(page),
            users=cards.cards(row.user_id for row in page),
            next=str(page[-1].pk) if more else None,
        )


def add_participants(*, user: Any, conversation: UUID, users: Sequence[str]) -> wire.Conversation:
    """Let people into a group; those who are in already are passed over, former members come back.

    Raises NotFound (strangers; a person who is not there), Forbidden, BadRequest (a direct one, too many).
    """
    people = cards.people(users)
    with database.writing():
        locked = _lock_group(user, conversation)
        policy().may_add(conversation=locked.conversation, participant=locked.participant, others=people)
        known = {row.user_id: row for row in Participant.objects.filter(conversation=conversation, user__in=people)}
        fresh = [person for person in people if person.pk not in known or known[person.pk].removed_at is not None]
        if not fresh:
            return views.states([locked.conversation])[0]
        if locked.conversation.participant_count + len(fresh) > conf().group_limit:
            raise BadRequest(fields={"users": f"a group has at most {conf().group_limit} people"})
        added = [_let_in(locked, person, known.get(person.pk)) for person in fresh]
        locked.conversation.participant_count += len(added)
        state = _changed(locked, "participants_added", [person.pk for person in fresh])
        inbox.announce(added)
        return state


def remove_participant(*, user: Any, conversation: UUID, other: str) -> None:
    """Remove somebody from a group, or leave it oneself. The last owner's leaving hands the group over: to the admin,
    else the member, who joined first.

    Raises NotFound (strangers; a person who does not take part), Forbidden, BadRequest for a direct conversation.
    """
    with database.writing():
        locked = _lock_group(user, conversation)
        row = _member(conversation, other)
        leaving = row.user_id == user.pk
        if not leaving:
            policy().may_remove(conversation=locked.conversation, participant=locked.participant, other=row)
        heir = _heir(row) if row.role == Role.OWNER else None
        # The inbox row before the participant's, as everywhere: this person may be reading right now.
        row.inbox_seq = inbox.bump([row.user_id])[row.user_id]
        locked.conversation.participant_count -= 1
        row.removed_at, row.removed_seq = locked.now, locked.conversation.seq + 1
        row.removal = Participant.Removal.LEFT if leaving else Participant.Removal.REMOVED
        row.save(update_fields=["removed_at", "removed_seq", "removal", "inbox_seq"])
        if heir is not None:
            heir.role = Role.OWNER
            heir.save(update_fields=["role"])
        said = "participant_left" if leaving else "participants_removed"
        _changed(locked, said, [row.user_id], removed=[str(row.user_id)], heir=heir)
        events.publish(
            events.ConversationRemoved(
                user=str(row.user_id),
                inbox_seq=row.inbox_seq,
                conversation=str(conversation),
                reason=row.removal,
                seq=row.removed_seq,
            )
        )


def change_role(*, user: Any, conversation: UUID, other: str, role: str) -> wire.Conversation:
    """Give somebody a role. The role they have changes nothing.

    Raises NotFound, Forbidden, Conflict where the group would be without an owner.
    """
    with database.writing():
        locked = _lock_group(user, conversation)
        row = _member(conversation, other)
        policy().may_change_role(conversation=locked.conversation, participant=locked.participant, other=row, role=role)
        if row.role == role:
            return views.states([locked.conversation])[0]
        if row.role == Role.OWNER and _heir(row) is not None:
            raise Conflict("A group has an owner: name another one first.")
        row.role = role
        row.save(update_fields=["role"])
        return _changed(locked, "role_changed", [row.user_id], role=role)


def _lock_group(user: Any, conversation: UUID) -> Locked:
    locked = lock(user, conversation)
    if locked.conversation.kind != "group":
        raise Forbidden("Nobody joins or leaves a direct conversation: archive it.")
    return locked


def _member(conversation: UUID, other: str) -> Participant:
    key = cards.user_key(other)
    row: Participant | None = None
    if key is not None:
        row = Participant.objects.filter(conversation=conversation, user=key, removed_at=None).first()
    if row is None:
        raise NotFound("This person does not take part.")
    return row


def _heir(owner: Participant) -> Participant | None:
    """Who owns the group when this owner no longer does; None where another owner stays, or nobody is left."""
    others = Participant.objects.filter(conversation=owner.conversation_id, removed_at=None).exclude(pk=owner.pk)
    if others.filter(role=Role.OWNER).exists():
        return None
    heir: Participant | None = others.filter(role=Role.ADMIN).order_by("pk").first() or others.order_by("pk").first()
    return heir


def _let_in(locked: Locked, person: Any, row: Participant | None) -> Participant:
    """A new row, or the former one again: marks only grow, so what was read stays read."""
    if row is None:
        created: Participant = Participant.objects.create(
            conversation_id=locked.conversation.pk, user=person, joined_at=locked.now
        )
        return created
    row.removed_at, row.removed_seq, row.removal = None, None, ""
    row.role, row.joined_at, row.archived = Role.MEMBER, locked.now, False
    row.save(update_fields=["removed_at", "removed_seq", "removal", "role", "joined_at", "archived"])
    return row


def _changed(
    locked: Locked,
    event: str,
    users: Sequence[Any],
    *,
    removed: Sequence[str] = (),
    heir: Participant | None = None,
    role: str | None = None,
) -> wire.Conversation:
    """One number for the change and the line that tells it."""
    said: dict[str, Any] = {
        "event": event,
        "actor": str(locked.participant.user_id),
        "users": [str(key) for key in users],
    }
    if heir is not None:
        said["owner"] = str(heir.user_id)
    if role is not None:
        said["role"] = role
    message = locked.change_conversation("participant_count", said=said)
    return tell(locked, message, removed=removed, users=[locked.participant.user_id, *users])


def tell(
    locked: Locked, message: AbstractMessage | None, *, users: Sequence[Any] = (), removed: Sequence[str] = ()
) -> wire.Conversation:
    """Publish a change of the conversation, with the people whom it names."""
    state = views.states([locked.conversation])[0]
    events.publish(
        events.ConversationChanged(
            state=state,
            message=render.messages([message])[0] if message is not None else None,
            users=cards.cards(users),
            removed=removed,
        )
    )
    return state
