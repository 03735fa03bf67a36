"""Conversations as one person sees them, many at once, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import connection

from chat import render, wire
from chat.conf import conf
from chat.models import AbstractConversation, Participant, Privacy
from chat.swap import conversation_model, message_model

UNREAD_MOST = 100
PARTICIPANTS_MOST = 50


@dataclass(frozen=True, slots=True)
class View:
    """One conversation for one person; `participants` are the rows behind the listed ones."""

    conversation: wire.Conversation
    mine: wire.Mine
    participants: Sequence[Participant]

    @property
    def body(self) -> wire.ConversationView:
        return wire.ConversationView(conversation=self.conversation, mine=self.mine)


@dataclass(frozen=True, slots=True)
class Marks:
    """`total` sums the marks in a conversation's receipts, 0 where those are counted; `others_…` are the least among
    the others. All of it as the row's person may see it."""

    unread: int = 0
    others_read_seq: int = 0
    others_delivered_seq: int = 0
    total: int = 0


def for_participants(participants: Sequence[Participant]) -> dict[int, View]:
    """Views by participant row id. Rows may belong to several people, and to several conversations."""
    rows = _conversations(participants)
    listed = _participants(rows)
    marks = marks_of(participants)
    rendered = dict(zip(rows, _states(list(rows.values()), listed), strict=True))
    return {
        participant.pk: View(
            conversation=rendered[participant.conversation_id],
            mine=mine_of(participant, rows[participant.conversation_id], marks[participant.pk]),
            participants=listed[participant.conversation_id],
        )
        for participant in participants
    }


def states(rows: Sequence[AbstractConversation]) -> list[wire.Conversation]:
    """Whole conversations, the same for every reader."""
    return _states(rows, _participants([row.pk for row in rows]))


def _states(
    rows: Sequence[AbstractConversation], listed: Mapping[Any, Sequence[Participant]]
) -> list[wire.Conversation]:
    return render.conversations(rows, last_messages=_last_messages(rows), participants=listed)


def mine_of(participant: Participant, conversation: AbstractConversation, marks: Marks) -> wire.Mine:
    return render.mine(
        participant,
        conversation,
        unread=marks.unread,
        others_read_seq=marks.others_read_seq,
        others_delivered_seq=marks.others_delivered_seq,
    )


def standings(
    participants: Sequence[Participant],
) -> dict[int, tuple[AbstractConversation, Marks, wire.Mine]]:
    """Only what positions need, by participant row id: no messages, no participants."""
    rows = _conversations(participants)
    marks = marks_of(participants)
    return {
        participant.pk: (
            rows[participant.conversation_id],
            marks[participant.pk],
            mine_of(participant, rows[participant.conversation_id], marks[participant.pk]),
        )
        for participant in participants
    }


def _conversations(participants: Iterable[Participant]) -> dict[Any, AbstractConversation]:
    found: dict[Any, AbstractConversation] = conversation_model().objects.in_bulk(
        {participant.conversation_id for participant in participants}
    )
    return found


def _last_messages(rows: Iterable[AbstractConversation]) -> dict[Any, wire.Message]:
    places = [(row.pk, row.last_message_seq) for row in rows if row.last_message_seq]
    if not places:
        return {}
    model = message_model()
    table = connection.ops.quote_name(model._meta.db_table)
    found = list(
        model.objects.raw(
            f"SELECT m.* FROM unnest(%s::uuid[], %s::bigint[]) AS p(conversation, seq) "  # noqa: S608
            f"JOIN {table} m ON m.conversation_id = p.conversation AND m.seq = p.seq",
            [[place[0] for place in places], [place[1] for place in places]],
        )
    )
    return {row.conversation_id: message for row, message in zip(found, render.messages(found), strict=True)}


def _participants(conversations: Iterable[Any]) -> dict[Any, list[Participant]]:
    listed: dict[Any, list[Participant]] = defaultdict(list)
    ids = list(conversations)
    if ids:
        table = connection.ops.quote_name(Participant._meta.db_table)
        for row in Participant.objects.raw(
            f"SELECT p.* FROM unnest(%s::uuid[]) AS c(id) CROSS JOIN LATERAL ("  # noqa: S608
            f"SELECT * FROM {table} WHERE conversation_id = c.id AND removed_at IS NULL "
            f"ORDER BY joined_at, id LIMIT {PARTICIPANTS_MOST}) AS p",
            [ids],
        ):
            listed[row.conversation_id].append(row)
    return listed


def marks_of(participants: Sequence[Participant]) -> dict[int, Marks]:
    """Unread (to 100) and the others' marks of each row, in one query."""
    if not participants:
        return {}
    people = connection.ops.quote_name(Participant._meta.db_table)
    hidden = connection.ops.quote_name(Privacy._meta.db_table)
    messages = connection.ops.quote_name(message_model()._meta.db_table)
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            SELECT me.id, unread.n, marks.others_read, marks.others_delivered, marks.total
            FROM {people} me
            CROSS JOIN LATERAL (
                SELECT count(*) AS n FROM (
                    SELECT 1 FROM {messages} m
                    WHERE m.conversation_id = me.conversation_id AND m.seq > me.read_seq
                      AND m.sender_id <> me.user_id AND m.deleted_at IS NULL AND m.hidden_at IS NULL
                    LIMIT {UNREAD_MOST}
                ) AS live
            ) AS unread
            LEFT JOIN {hidden} h ON h.user_id = me.user_id AND h.private_receipts
            CROSS JOIN LATERAL (
                SELECT coalesce(min(p.shown) FILTER (WHERE p.user_id <> me.user_id), 0) AS others_read,
                       coalesce(min(p.delivered_seq) FILTER (WHERE p.user_id <> me.user_id), 0) AS others_delivered,
                       CASE WHEN count(*) > %s THEN 0 ELSE coalesce(sum(p.shown + p.delivered_seq), 0) END AS total
                FROM (
                    SELECT q.user_id, q.delivered_seq,
                           CASE WHEN h.user_id IS NULL THEN coalesce(q.shown_read_seq, q.read_seq) ELSE 0 END AS shown
                    FROM {people} q WHERE q.conversation_id = me.conversation_id AND q.removed_at IS NULL
                ) AS p
            ) AS marks
            WHERE me.id = ANY(%s)
            """,  # noqa: S608
            [conf().receipts_limit, [participant.pk for participant in participants]],
        )
        return {
            row[0]: Marks(
                unread=row[1],
                others_read_seq=row[2],
                others_delivered_seq=row[3],
                total=int(row[4]),
            )
            for row in cursor.fetchall()
        }
