"""The write path: drafts become messages, each with the next `seq` of its conversation, in one transaction.

A fixed number of queries whatever the batch. A repeat is answered with what is stored; a bad draft fails alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection

from chat import cards, database, events, hooks, render, wire
from chat.drafts import Draft
from chat.exceptions import BadRequest, ChatError, Conflict, NotFound
from chat.models import AbstractConversation, AbstractMessage, Participant
from chat.policy import policy
from chat.services import inbox
from chat.swap import conversation_model, message_model


@dataclass(frozen=True, slots=True)
class Sent:
    """An acknowledged message; `repeated` where it was stored before."""

    message: wire.Message
    repeated: bool


Outcome = Sent | ChatError
# Writes rows of a team's own for new messages, in their transaction.
Alongside = Callable[[Sequence[AbstractMessage]], None]
# Raises RateLimited.
Admission = Callable[[Draft], None]


def send_messages(drafts: Sequence[Draft], *, alongside: Alongside | None = None) -> list[Sent]:
    """Send inside the caller's transaction (or one of its own): all of them, or none and the first error raised.

    For synchronous code that wants a message to commit with rows of its own. Rows that `ext` shows are written by
    `alongside`: it gets the new messages (no repeats) once they are stored and before anybody is told what they hold.
    Events leave after the commit.
    """
    prepared = run_hooks(drafts)
    with database.writing():
        sent: list[Sent] = []
        for outcome in write_batch(prepared, alongside=alongside):
            if isinstance(outcome, ChatError):
                raise outcome
            sent.append(outcome)
    return sent


def run_hooks(drafts: Sequence[Draft]) -> list[Draft | ChatError]:
    """Let `before_send` hooks refuse or change drafts. An earlier refusal is not shown to later hooks."""
    current: list[Draft | ChatError] = list(drafts)
    for hook in hooks.at("before_send"):
        places = [place for place, item in enumerate(current) if isinstance(item, Draft)]
        answers = hook([current[place] for place in places])
        for place, answer in zip(places, answers, strict=True):
            current[place] = answer
    return current


def write_batch(drafts: Sequence[Draft | ChatError], *, alongside: Alongside | None = None) -> list[Outcome]:
    """Write what can be written and say for each draft what became of it. Call it inside `database.writing()`."""
    batch = _Batch([draft for draft in drafts if isinstance(draft, Draft)], alongside)
    written = batch.write()
    return [written[id(draft)] if isinstance(draft, Draft) else draft for draft in drafts]


def prepare(draft: Draft, admit: Admission | None) -> Draft | ChatError:
    """What limits and hooks make of a draft: both belong before BEGIN."""
    try:
        if admit is not None:
            admit(draft)
    except ChatError as error:
        return error
    return run_hooks([draft])[0]


def write_first(conversation: UUID, draft: Draft, prepared: Draft | ChatError) -> None:
    """Write into a conversation that was not known when the draft was made. Call it inside `database.writing()`.

    Raises what refused it, unless it is a repeat.
    """
    named = replace(prepared, conversation=conversation) if isinstance(prepared, Draft) else prepared
    outcome = write_batch([named])[0]
    if isinstance(outcome, ChatError) and find_repeat(replace(draft, conversation=conversation)) is None:
        raise outcome


class _Batch:
    """The facts and the outcome of one transaction."""

    def __init__(self, drafts: Sequence[Draft], alongside: Alongside | None) -> None:
        self.drafts = drafts
        self.alongside = alongside
        self.outcomes: dict[int, Outcome] = {}
        self.rows: list[AbstractMessage] = []
        self.conversations: dict[UUID, AbstractConversation] = {}
        self.participants: dict[tuple[UUID, Any], Participant] = {}
        self.stored: dict[tuple[UUID, Any, UUID], AbstractMessage] = {}
        self.quotable: dict[UUID, AbstractMessage] = {}
        self.now: datetime
        self.unlisted: list[UUID] = []

    def write(self) -> dict[int, Outcome]:
        if not self.drafts:
            return {}
        self._lock()
        self._read_facts()
        fresh: dict[tuple[UUID, Any, UUID], tuple[Draft, AbstractMessage]] = {}
        twins: list[tuple[Draft, AbstractMessage]] = []
        for draft in self.drafts:
            if draft.key in fresh:
                first, row = fresh[draft.key]
                if first.digest == draft.digest:
                    twins.append((draft, row))
                else:
                    self.outcomes[id(draft)] = Conflict()
                continue
            outcome = self._decide(draft)
            if isinstance(outcome, ChatError):
                self.outcomes[id(draft)] = outcome
            elif outcome is None:
                fresh[draft.key] = (draft, self._place(draft))
        repeated = [
            (draft, self.stored[draft.key])
            for draft in self.drafts
            if id(draft) not in self.outcomes and draft.key in self.stored
        ]
        self._insert()
        if self.alongside is not None and self.rows:
            self.alongside(self.rows)
        rendered = self._render([row for _, row in repeated])
        for draft, row in repeated:
            self.outcomes[id(draft)] = Sent(rendered[row.pk], repeated=True)
        for draft, row in fresh.values():
            self.outcomes[id(draft)] = Sent(rendered[row.pk], repeated=False)
        for draft, row in twins:
            self.outcomes[id(draft)] = Sent(rendered[row.pk], repeated=True)
        self._publish(rendered)
        return self.outcomes

    def _lock(self) -> None:
        """Conversation rows in id order, so that two batches never wait for each other in a circle."""
        wanted = sorted({draft.conversation for draft in self.drafts})
        rows = (
            conversation_model()
            .objects.select_for_update(no_key=True)
            .filter(pk__in=wanted)
            .extra(select={"read_at": "clock_timestamp()"})
            .order_by("pk")
        )
        self.conversations = {row.pk: row for row in rows}
        self.now = max((row.read_at for row in rows), default=None)  # type: ignore[assignment]

    def _read_facts(self) -> None:
        senders = {draft.sender.pk for draft in self.drafts}
        mentioned = {key for draft in self.drafts for raw in draft.mentions if (key := cards.user_key(raw)) is not None}
        self.participants = {
            (row.conversation_id, row.user_id): row
            for row in Participant.objects.filter(
                conversation__in=self.conversations, user__in=senders | mentioned, removed_at=None
            )
        }
        self.stored = {
            (row.conversation_id, row.sender_id, row.client_id): row  # type: ignore[misc]
            for row in message_model().objects.filter(
                conversation__in=self.conversations,
                sender__in=senders,
                client_id__in={draft.client_id for draft in self.drafts},
            )
        }
        quoted = {draft.reply_to for draft in self.drafts if draft.reply_to is not None}
        if quoted:
            self.quotable = {
                row.pk: row
                for row in message_model().objects.filter(pk__in=quoted, conversation__in=self.conversations)
            }

    def _decide(self, draft: Draft) -> ChatError | AbstractMessage | None:
        """The stored message of a repeat, an error, or None: write it."""
        participant = self.participants.get((draft.conversation, draft.sender.pk))
        if participant is None or not participant.listed:
            return NotFound("There is no such conversation.")
        stored = self.stored.get(draft.key)
        if stored is not None:
            return stored if bytes(stored.draft_hash or b"") == draft.digest else Conflict()
        try:
            policy().may_send(conversation=self.conversations[draft.conversation], participant=participant, draft=draft)
            self._check_quote(draft)
            self._check_mentions(draft)
        except ChatError as error:
            return error
        return None

    def _check_quote(self, draft: Draft) -> None:
        if draft.reply_to is None:
            return
        quoted = self.quotable.get(draft.reply_to)
        if quoted is None or quoted.conversation_id != draft.conversation:
            raise BadRequest(fields={"reply_to": "not in this conversation"})

    def _check_mentions(self, draft: Draft) -> None:
        for raw in draft.mentions:
            if (draft.conversation, cards.user_key(raw)) not in self.participants:
                raise BadRequest(fields={"mentions": "not in this conversation"})

    def _place(self, draft: Draft) -> AbstractMessage:
        """Take the next `seq`. Time never runs backwards within a conversation, whatever the clock does."""
        conversation = self.conversations[draft.conversation]
        if conversation.kind == "direct" and conversation.last_message_seq == 0:
            self.unlisted.append(conversation.pk)
        conversation.seq += 1
        conversation.last_message_seq = conversation.seq
        conversation.last_message_at = max(self.now, conversation.last_message_at)
        row = message_model()(
            conversation_id=conversation.pk,
            seq=conversation.seq,
            changed_seq=conversation.seq,
            client_id=draft.client_id,
            draft_hash=draft.digest,
            sender_id=draft.sender.pk,
            kind=draft.kind,
            text=draft.text,
            data=draft.data,
            reply_to_id=draft.reply_to,
            mentions=list(draft.mentions),
            metadata=dict(draft.metadata),
            created_at=conversation.last_message_at,
            **draft.extra,
        )
        self.rows.append(row)
        return row

    def _insert(self) -> None:
        if not self.rows:
            return
        message_model().objects.bulk_create(self.rows)
        touched = {row.conversation_id: self.conversations[row.conversation_id] for row in self.rows}
        table = connection.ops.quote_name(conversation_model()._meta.db_table)
        with connection.cursor() as cursor:
            # One statement for the whole batch; bulk_update's CASE WHEN is several times dearer.
            cursor.execute(
                f"UPDATE {table} AS c SET seq = v.seq, last_message_seq = v.seq, last_message_at = v.at "  # noqa: S608
                "FROM unnest(%s::uuid[], %s::bigint[], %s::timestamptz[]) AS v(id, seq, at) WHERE c.id = v.id",
                [
                    list(touched),
                    [row.seq for row in touched.values()],
                    [row.last_message_at for row in touched.values()],
                ],
            )

    def _render(self, also: Iterable[AbstractMessage]) -> dict[Any, wire.Message]:
        rows = {row.pk: row for row in (*self.rows, *also)}
        return dict(zip(rows, render.messages(list(rows.values())), strict=True))

    def _publish(self, rendered: dict[Any, wire.Message]) -> None:
        if not self.rows:
            return
        people = {draft.sender.pk: cards.card(draft.sender) for draft in self.drafts}
        for row in self.rows:
            quoted = self.quotable.get(row.reply_to_id) if row.reply_to_id else None
            events.publish(
                events.NewMessage(
                    message=rendered[row.pk],
                    users=[people[row.sender_id]],
                    referenced=render.messages([quoted]) if quoted is not None else (),
                )
            )
        for conversation in self.unlisted:
            inbox.list_for_all(conversation)


def find_repeat(draft: Draft) -> Sent | None:
    """The stored message of this very draft, for its sender while a member: repeats skip limits and hooks.

    Raises Conflict where the key was used for other content.
    """
    row = (
        message_model()
        .objects.visible_to(draft.sender)
        .filter(conversation=draft.conversation, sender=draft.sender, client_id=draft.client_id)
        .first()
    )
    if row is None:
        return None
    if bytes(row.draft_hash or b"") != draft.digest:
        raise Conflict()
    return Sent(render.messages([row])[0], repeated=True)


def write_one(draft: Draft, admit: Admission) -> Sent:
    """One draft from a door: limits, hooks, transaction. A repeat is never refused, and no hook sees it."""
    # Without hooks the transaction finds a repeat soon enough: one query less for all others.
    if hooks.at("before_send") and (known := find_repeat(draft)) is not None:
        return known
    try:
        admit(draft)
        return send_messages([draft])[0]
    except ChatError:
        repeat = find_repeat(draft)
        if repeat is None:
            raise
        return repeat
