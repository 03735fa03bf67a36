"""Conversations: list, open one, start one."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

import orjson
from django.db import connection
from django.db.models import Q
from msgspec import UnsetType

from chat import cards, database, hooks, wire
from chat.conf import conf
from chat.cursors import Cursor
from chat.drafts import Draft, clean_metadata, clean_text, digest
from chat.exceptions import BadRequest, Conflict
from chat.models import AbstractConversation, Participant
from chat.policy import policy
from chat.services import inbox, participants, sending, views
from chat.services.membership import participant_of, participants_of
from chat.services.sequence import lock
from chat.subjects import resolve
from chat.swap import conversation_model


@dataclass(frozen=True, slots=True)
class Listing:
    items: Sequence[wire.ConversationView]
    users: Sequence[wire.User]
    next: str | None


def list_conversations(*, user: Any, folder: str, cursor: str | None, limit: int) -> Listing:
    """A page of a person's conversations, newest message first. Raises BadRequest for an unknown folder or cursor."""
    rows = _folder(participants_of(user), folder)
    after = Cursor.decode(cursor) if cursor else None
    if after is not None:
        rows = rows.filter(
            Q(conversation__last_message_at__lt=after.moment)
            | Q(conversation__last_message_at=after.moment, conversation__lt=after.id)
        )
    with database.snapshot():
        page = list(
            rows.select_related("conversation").order_by("-conversation__last_message_at", "-conversation_id")[
                : limit + 1
            ]
        )
        more, page = len(page) > limit, page[:limit]
        shown = views.for_participants(page)
        users = _people(shown.values())
    last = page[-1] if page else None
    return Listing(
        items=[shown[row.pk].body for row in page],
        users=users,
        next=Cursor(last.conversation.last_message_at, last.conversation_id).encode() if more and last else None,
    )


def _folder(rows: Any, folder: str) -> Any:
    if folder == "inbox":
        return rows.filter(archived=False, state=Participant.State.ACTIVE)
    if folder == "archived":
        return rows.filter(archived=True)
    if folder == "requests":
        return rows.filter(archived=False, state=Participant.State.REQUEST)
    raise BadRequest(fields={"folder": "inbox, archived or requests"})


def _people(shown: Iterable[views.View]) -> list[wire.User]:
    """Everybody whom these views name: participants, and who sent the last message."""
    keys: set[Any] = set()
    for view in shown:
        keys.update(entry.user_id for entry in view.participants)
        last = view.conversation.last_message
        if last is not None and last.sender is not None:
            keys.add(cards.user_key(last.sender))
    return cards.cards(keys)


@dataclass(frozen=True, slots=True)
class Opened:
    """One conversation for its reader; `created` is False where it was there before."""

    view: wire.ConversationView
    users: Sequence[wire.User]
    created: bool = False


def get_conversation(*, user: Any, conversation: UUID) -> Opened:
    """Raises NotFound for everybody but current members."""
    with database.snapshot():
        row = participant_of(user, conversation)
        shown = views.for_participants([row])
        return Opened(shown[row.pk].body, _people(shown.values()))


def create_conversation(
    *,
    user: Any,
    command: wire.CreateConversation,
    admit: sending.Admission | None = None,
    admit_new: Callable[[Any, Sequence[Any]], None] | None = None,
) -> Opened:
    """Start a conversation, or find the direct one that this pair already has about this subject.

    For doors: `admit` asks the limits of sending for the first message, `admit_new` those of starting a conversation;
    what is there already is not asked about.
    A repeated `client_id` finds what it made. Others in a direct one hear of it with its first message.
    Raises BadRequest, NotFound (a person or subject that is not there), Forbidden, Conflict.
    """
    others = _others(user, command.users)
    policy().may_open(user=user, others=others, kind=command.kind)
    if admit_new is not None and not _is_there(user, others, command):
        admit_new(user, others)
    title = _title(command)
    subject = resolve(command.subject, user) if command.subject is not None else None
    extra: dict[str, Any] = {}
    if hooks.at("before_open") and not _is_there(user, others, command):
        extra = _own_fields(hooks.Opening(user=user, others=others, kind=command.kind, title=title, subject=subject))
    first = _first_message(user, command)
    prepared = sending.prepare(first, admit) if first is not None else None
    with database.writing():
        row, created = _insert(user, others, command, title=title, subject=subject, extra=extra)
        if created:
            _join(user, others, row)
        else:
            _relist(user, row)
        if first is not None and prepared is not None:
            sending.write_first(row.pk, first, prepared)
        mine = participant_of(user, row.pk)
        shown = views.for_participants([mine])
        return Opened(shown[mine.pk].body, _people(shown.values()), created)


def _own_fields(opening: hooks.Opening) -> dict[str, Any]:
    """What a team's hooks say of a new conversation. Raises what they refuse it with."""
    fields: dict[str, Any] = {}
    for hook in hooks.at("before_open"):
        fields |= hook(opening)
    return fields


def _is_there(user: Any, others: Sequence[Any], command: wire.CreateConversation) -> bool:
    same = Q(created_by=user, client_id=command.client_id)
    if command.kind == "direct":
        same |= Q(direct_key=direct_key(user.pk, others[0].pk, command.subject))
    return bool(conversation_model().objects.filter(same).exists())


def _others(user: Any, raw: Sequence[str]) -> list[Any]:
    if len(set(raw)) > conf().group_limit:
        raise BadRequest(fields={"users": f"at most {conf().group_limit} people"})
    found = cards.people({item for item in raw if cards.user_key(item) != user.pk})
    if not found:
        raise BadRequest(fields={"users": "names nobody else"})
    return found


def update_conversation(*, user: Any, conversation: UUID, command: wire.UpdateConversation) -> Opened:
    """Change a group's title, or what a conversation is about. What is so already changes nothing.

    Raises NotFound, Forbidden, BadRequest, TooLarge.
    """
    subject = resolve(command.subject, user) if isinstance(command.subject, wire.SubjectRef) else command.subject
    with database.writing():
        locked = lock(user, conversation)
        row = locked.conversation
        policy().may_edit_conversation(conversation=row, participant=locked.participant)
        wanted: dict[str, Any] = {}
        said: dict[str, Any] | None = None
        if not isinstance(command.title, UnsetType):
            if row.kind != "group":
                raise BadRequest(fields={"title": "only groups have one"})
            wanted["title"] = clean_text(command.title or "", limit=conf().title_limit, name="title").strip()
            said = {"event": "title_changed", "actor": str(user.pk), "users": [], "title": wanted["title"]}
        if not isinstance(subject, UnsetType):
            if row.kind != "group":
                raise BadRequest(fields={"subject": "a direct conversation keeps its own"})
            wanted |= _subject_fields(subject)
        if not isinstance(command.metadata, UnsetType):
            wanted["metadata"] = clean_metadata(command.metadata or {})
        changed = {name: value for name, value in wanted.items() if getattr(row, name) != value}
        for name, value in changed.items():
            setattr(row, name, value)
        if changed:
            message = locked.change_conversation(*changed, said=said if "title" in changed else None)
            participants.tell(locked, message, users=[user.pk])
        shown = views.for_participants([locked.participant])
        return Opened(shown[locked.participant.pk].body, _people(shown.values()))


def _subject_fields(subject: wire.Subject | None) -> dict[str, Any]:
    if subject is None:
        return {"subject_type": "", "subject_id": "", "subject_card": {}}
    return {"subject_type": subject.type, "subject_id": subject.id, "subject_card": wire.builtins(subject)}


def _title(command: wire.CreateConversation) -> str:
    if command.kind == "direct":
        if command.title:
            raise BadRequest(fields={"title": "only groups have one"})
        return ""
    return clean_text(command.title, limit=conf().title_limit, name="title").strip()


def _first_message(user: Any, command: wire.CreateConversation) -> Draft | None:
    first = command.message
    if first is None:
        return None
    # The conversation is not known yet: `write_first` names it.
    return Draft(
        sender=user,
        conversation=command.client_id,
        client_id=first.client_id,
        text=clean_text(first.text, name="message.text"),
        digest=digest(first.text, "", [], first.metadata),
        metadata=clean_metadata(first.metadata),
    )


def direct_key(one: Any, other: Any, subject: wire.SubjectRef | None) -> str:
    """The same for both directions; another subject is another conversation."""
    parts = [*sorted((str(one), str(other))), subject.type if subject else "", subject.id if subject else ""]
    return hashlib.sha256(orjson.dumps(parts)).hexdigest()


def _insert(
    user: Any,
    others: Sequence[Any],
    command: wire.CreateConversation,
    *,
    title: str,
    subject: wire.Subject | None,
    extra: Mapping[str, Any],
) -> tuple[AbstractConversation, bool]:
    """The row, locked, and whether it is new. Two people who start at once get the same one."""
    model = conversation_model()
    digested = digest(command.kind, sorted(set(command.users)), title, [subject.type, subject.id] if subject else [])
    direct = command.kind == "direct"
    key = direct_key(user.pk, others[0].pk, command.subject) if direct else None
    now = _now()
    fresh = model(
        kind=command.kind,
        title=title,
        direct_key=key,
        created_by=user,
        client_id=command.client_id,
        draft_hash=digested,
        participant_count=len(others) + 1,
        last_message_at=now,
        created_at=now,
        **(
            {"subject_type": subject.type, "subject_id": subject.id, "subject_card": wire.builtins(subject)}
            if subject
            else {}
        ),
        **extra,
    )
    model.objects.bulk_create([fresh], ignore_conflicts=True)
    found = list(
        model.objects.select_for_update(no_key=True)
        .filter(Q(created_by=user, client_id=command.client_id) | (Q(direct_key=key) if direct else Q(pk=fresh.pk)))
        .order_by("pk")
    )
    for row in found:
        if row.pk == fresh.pk:
            return row, True
    for row in found:
        if row.created_by_id == user.pk and row.client_id == command.client_id:
            if bytes(row.draft_hash or b"") != digested:
                raise Conflict()
            return row, False
    return found[0], False


def _now() -> datetime:
    """PostgreSQL's clock: the only one that counts."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        moment: datetime = cursor.fetchone()[0]
    return moment


def _join(user: Any, others: Sequence[Any], row: AbstractConversation) -> None:
    """Everybody takes part; in a direct one the other side does not see it yet."""
    group = row.kind == "group"
    role = Participant.Role.OWNER if group else Participant.Role.MEMBER
    people = [Participant(conversation_id=row.pk, user=user, role=role, joined_at=row.created_at)]
    people += [
        Participant(conversation_id=row.pk, user=other, joined_at=row.created_at, listed=group) for other in others
    ]
    Participant.objects.bulk_create(people)
    inbox.announce([person for person in people if person.listed])


def _relist(user: Any, row: AbstractConversation) -> None:
    """Who opens a direct conversation sees it from now on."""
    hidden = list(Participant.objects.filter(conversation=row.pk, user=user, removed_at=None, listed=False))
    if hidden:
        inbox.announce(hidden)
