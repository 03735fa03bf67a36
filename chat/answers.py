"""What REST and the socket's commands answer, as whole bodies: made of resources, documented and typed from here."""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, UnsetType

from chat.wire import (
    Badge,
    Changes,
    Conversation,
    ConversationView,
    Id,
    Message,
    Mine,
    ParticipantEntry,
    Position,
    Receipt,
    ReceiptCounts,
    Resource,
    Time,
    User,
    known,
)

Code = Annotated[
    str,
    known(
        *("bad_request", "unauthenticated", "token_expired", "forbidden", "muted", "suspended", "closed", "blocked"),
        *("not_found", "conflict", "too_large", "unknown_type", "rate_limited", "refused", "unsupported"),
        *("unavailable", "internal"),
    ),
]


class ErrorData(Resource, frozen=True, omit_defaults=True):
    """Act on `code` and `retry`, never on `message`. `retry_after` is in seconds; `fields` says what is wrong where."""

    code: Code
    message: str
    retry: bool
    retry_after: float | UnsetType = UNSET
    fields: dict[str, str] | UnsetType = UNSET
    until: Time | UnsetType = UNSET


class ErrorBody(Resource, frozen=True):
    error: ErrorData


class Nothing(Resource, frozen=True):
    """It was done, and there is nothing to say."""


class ConversationPage(Resource, frozen=True):
    """`next` leads to the older ones."""

    items: list[ConversationView]
    users: list[User]
    next: str | None


class OpenedConversation(Resource, frozen=True):
    conversation: Conversation
    mine: Mine
    users: list[User]


class ConversationAnswer(Resource, frozen=True):
    conversation: Conversation


class MineAnswer(Resource, frozen=True):
    mine: Mine


class MessageAnswer(Resource, frozen=True):
    message: Message


class SentAnswer(Resource, frozen=True):
    """`repeated`: this `client_id` was sent before, with the same content."""

    message: Message
    repeated: bool


class SyncAnswer(Resource, frozen=True):
    """Conversations that are not this person's are absent."""

    changes: list[Changes]


class ReceiptsAnswer(Resource, frozen=True):
    """All marks by user; in a large conversation none of them, and `counts` of one message instead."""

    receipts: dict[str, Receipt]
    counts: ReceiptCounts | None


class ReactionEntry(Resource, frozen=True):
    """Who reacted, and when; the message itself carries the sums."""

    emoji: str
    user: str
    created_at: Time


class ReactionsAnswer(Resource, frozen=True):
    """In the order in which people reacted."""

    reactions: list[ReactionEntry]
    users: list[User]


class ParticipantsPage(Resource, frozen=True):
    participants: list[ParticipantEntry]
    users: list[User]
    next: str | None


class PositionsAnswer(Resource, frozen=True):
    epoch: str
    inbox_seq: int
    badge: Badge
    positions: dict[str, Position]
    next: str | None


class InboxAnswer(Resource, frozen=True):
    """What is private to a person and changed, as it is now; `removed` are conversations that are no longer theirs."""

    inbox_seq: int
    changed: list[ConversationView]
    removed: list[Id]
    users: list[User]
    more: bool


class UsersAnswer(Resource, frozen=True):
    users: list[User]


class ConfigAnswer(Resource, frozen=True):
    """What clients may know before anybody signed in. Limits: code points, bytes, items; timing: seconds."""

    revision: int
    features: list[str]
    limits: dict[str, float]
    timing: dict[str, float]
    registration_open: bool


class WatchAnswer(Resource, frozen=True):
    """Apps add what they know of the conversation on screen, by the hook `conversation_watched`."""

    receipts: dict[str, Receipt]
    counts: ReceiptCounts | None


class ExpiryAnswer(Resource, frozen=True):
    expires_at: Time


class Pong(Resource, frozen=True):
    now: Time
    inbox_seq: int
