"""Reading messages: a page of them, one of them, and what changed since a place in the sequence."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from msgspec import UnsetType, structs

from chat import cards, database, render, wire
from chat.conf import conf
from chat.exceptions import NotFound
from chat.models import AbstractConversation, AbstractMessage, Participant
from chat.services import privacy, views
from chat.services.membership import participant_of, participants_of
from chat.swap import conversation_model, message_model


def page_messages(
    *,
    user: Any,
    conversation: UUID,
    before: int | None = None,
    after: int | None = None,
    around: int | None = None,
    limit: int = 50,
) -> wire.Page:
    """The newest page, or the one before, after or around a `seq` (exclusive; `around` includes it).

    Raises NotFound for everybody but current members.
    """
    with database.snapshot():
        participant_of(user, conversation)
        head = conversation_model().objects.values_list("seq", flat=True).get(pk=conversation)
        rows = message_model().objects.filter(conversation=conversation)
        if around is not None:
            older, more_before = _below(rows, around, limit // 2)
            newer, more_after = _above(rows, around - 1, limit - len(older))
            found = [*older, *newer]
        elif after is not None:
            found, more_after = _above(rows, after, limit)
            more_before = rows.filter(seq__lte=after).exists()
        else:
            found, more_before = _below(rows, before, limit)
            more_after = before is not None and rows.filter(seq__gte=before).exists()
        referenced = _referenced(found)
        return wire.Page(
            messages=render.messages(found),
            seq=head,
            more_before=more_before,
            more_after=more_after,
            users=_people([*found, *referenced]),
            referenced=render.messages(referenced),
        )


def _below(rows: Any, before: int | None, limit: int) -> tuple[list[AbstractMessage], bool]:
    if before is not None:
        rows = rows.filter(seq__lt=before)
    found = list(rows.order_by("-seq")[: limit + 1])
    return found[:limit][::-1], len(found) > limit


def _above(rows: Any, after: int, limit: int) -> tuple[list[AbstractMessage], bool]:
    found = list(rows.filter(seq__gt=after).order_by("seq")[: limit + 1])
    return found[:limit], len(found) > limit


def get_message(*, user: Any, message: UUID) -> wire.Message:
    """Raises NotFound where it is not there or not for this person."""
    row = message_model().objects.visible_to(user).filter(pk=message).first()
    if row is None:
        raise NotFound("There is no such message.")
    return render.messages([row])[0]


def list_changes(*, user: Any, conversation: UUID, after: int, limit: int | None = None) -> wire.Changes:
    """What changed after a place, as it is now. Raises NotFound for everybody but current members."""
    with database.snapshot():
        participant_of(user, conversation)
        changes = changes_of(conversation, after=after, limit=limit)
        return without_reads(changes) if privacy.lacks(user, "reads") else changes


def sync(*, user: Any, cursors: Mapping[UUID, int]) -> list[wire.Changes]:
    """Changes of several conversations; those that are not this person's are absent."""
    with database.snapshot():
        mine = set(participants_of(user).filter(conversation__in=cursors).values_list("conversation", flat=True))
        found = [changes_of(key, after=after) for key, after in cursors.items() if key in mine]
        return [without_reads(changes) for changes in found] if privacy.lacks(user, "reads") else found


def changes_of(conversation: UUID, *, after: int, limit: int | None = None) -> wire.Changes:
    """The same for every member, so that a hub reads once for all its sockets. Call it inside `database.snapshot()`.

    With more than `conf().changes_limit` rows in all: `reset`, since loading the newest page is cheaper.
    """
    most = conf().changes_limit
    row: AbstractConversation = conversation_model().objects.get(pk=conversation)
    rows = message_model().objects.filter(conversation=conversation, changed_seq__gt=after)
    found = list(rows.order_by("changed_seq")[: most + 1])
    if len(found) > most:
        return wire.Changes(conversation=str(conversation), seq=row.seq, reset=True)
    more = limit is not None and len(found) > limit
    if more:
        found = found[:limit]
    receipts = receipts_of(row)
    referenced = _referenced(found)
    state = _state(row) if row.changed_seq > after else None
    return wire.Changes(
        conversation=str(conversation),
        after=after,
        seq=found[-1].changed_seq if more else row.seq,
        messages=render.messages(found),
        state=state,
        receipts=receipts,
        users=_people([*found, *referenced]),
        referenced=render.messages(referenced),
        more=more,
    )


def receipts_of(row: AbstractConversation) -> dict[str, wire.Receipt]:
    """The marks of every current member, as others may see them, by user; none in a large conversation."""
    if row.participant_count > conf().receipts_limit:
        return {}
    entries = Participant.objects.filter(conversation=row.pk, removed_at=None).order_by("pk")
    return {
        str(entry.user_id): wire.Receipt(read_seq=entry.seen_by_others, delivered_seq=entry.delivered_seq)
        for entry in entries
    }


def without_reads(changes: wire.Changes) -> wire.Changes:
    """For who keeps their own reads private: everything is delivered at most."""
    if isinstance(changes.receipts, UnsetType):
        return changes
    return structs.replace(changes, receipts=delivered_only(changes.receipts))


def delivered_only(receipts: Mapping[str, wire.Receipt]) -> dict[str, wire.Receipt]:
    return {user: structs.replace(receipt, read_seq=0) for user, receipt in receipts.items()}


def _state(row: AbstractConversation) -> wire.Conversation:
    return views.states([row])[0]


def _referenced(rows: Sequence[AbstractMessage]) -> list[AbstractMessage]:
    """The messages that these quote and that are not among them."""
    here = {row.pk for row in rows}
    wanted = {row.reply_to_id for row in rows if row.reply_to_id is not None} - here
    return list(message_model().objects.filter(pk__in=wanted).order_by("pk")) if wanted else []


def _people(rows: Iterable[AbstractMessage]) -> list[wire.User]:
    keys: set[Any] = set()
    for row in rows:
        if row.sender_id is not None:
            keys.add(row.sender_id)
        keys.update(key for raw in row.mentions if (key := cards.user_key(raw)) is not None)
    return cards.cards(keys)
