"""Rows to wire structs. Pure but for the `ext` hooks; whoever calls has fetched what is needed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from chat import hooks, wire
from chat.models import AbstractConversation, AbstractMessage, Participant
from chat.policy import policy


def _ext(functions: Sequence[Callable[[Sequence[Any]], Sequence[wire.Json]]], rows: Sequence[Any]) -> list[wire.Json]:
    merged: list[wire.Json] = [{} for _ in rows]
    for function in functions:
        for ext, part in zip(merged, function(rows), strict=True):
            ext.update(part)
    return merged


def messages(rows: Sequence[AbstractMessage]) -> list[wire.Message]:
    """A deleted or hidden message keeps its place: text empty, nothing attached."""
    exts = _ext(hooks.at("message_ext"), rows)
    return [_message(row, ext) for row, ext in zip(rows, exts, strict=True)]


def _message(row: AbstractMessage, ext: wire.Json) -> wire.Message:
    gone = row.deleted_at is not None or row.hidden_at is not None
    return wire.Message(
        id=str(row.pk),
        conversation=str(row.conversation_id),
        seq=row.seq,
        changed_seq=row.changed_seq,
        client_id=str(row.client_id) if row.client_id else None,
        sender=str(row.sender_id) if row.sender_id else None,
        kind=row.kind,
        text="" if gone else row.text,
        data=None if gone else row.data,
        reply_to=str(row.reply_to_id) if row.reply_to_id and not gone else None,
        mentions=[] if gone else list(row.mentions),
        attachments=[],
        reactions=[] if gone else [wire.Reaction(**reaction) for reaction in row.reactions],
        metadata={} if gone else row.metadata,
        ext={} if gone else ext,
        created_at=wire.stamp(row.created_at),
        edited_at=wire.stamp_or_none(row.edited_at),
        deleted_at=wire.stamp_or_none(row.deleted_at),
        deleted_by=row.deleted_by or None,
        hidden_at=wire.stamp_or_none(row.hidden_at),
    )


def conversations(
    rows: Sequence[AbstractConversation],
    *,
    last_messages: Mapping[Any, wire.Message],
    participants: Mapping[Any, Sequence[Participant]],
) -> list[wire.Conversation]:
    """`last_messages` and `participants` (at most 50 each) by conversation id."""
    exts = _ext(hooks.at("conversation_ext"), rows)
    return [
        wire.Conversation(
            id=str(row.pk),
            kind=row.kind,
            title=row.title,
            subject=wire.Subject(**row.subject_card) if row.subject_type else None,
            seq=row.seq,
            changed_seq=row.changed_seq,
            history_start=row.history_start,
            last_message=last_messages.get(row.pk),
            participant_count=row.participant_count,
            participants=participant_entries(participants.get(row.pk, ())),
            closed_at=wire.stamp_or_none(row.closed_at),
            slow_mode=row.slow_mode,
            metadata=row.metadata,
            ext=ext,
            created_at=wire.stamp(row.created_at),
        )
        for row, ext in zip(rows, exts, strict=True)
    ]


def participant_entries(rows: Sequence[Participant]) -> list[wire.ParticipantEntry]:
    return [
        wire.ParticipantEntry(user=str(row.user_id), role=row.role, joined_at=wire.stamp(row.joined_at)) for row in rows
    ]


def mine(
    participant: Participant,
    conversation: AbstractConversation,
    *,
    unread: int,
    others_read_seq: int,
    others_delivered_seq: int,
) -> wire.Mine:
    return wire.Mine(
        state=participant.state,
        read_seq=participant.read_seq,
        unread=unread,
        as_of=conversation.seq,
        muted_until=wire.stamp_or_none(participant.muted_until),
        archived=participant.archived,
        pinned=participant.pinned,
        marked_unread=participant.marked_unread,
        draft=participant.draft,
        others_read_seq=others_read_seq,
        others_delivered_seq=others_delivered_seq,
        can=policy().capabilities(conversation=conversation, participant=participant),
    )
