"""The events of the socket, declared: one struct per frame, `type` first. Apps declare their own beside these.

    @frames.declare
    class OrderShipped(frames.Frame, frozen=True, tag="order_shipped"):
        conversation: wire.Id
        order: str

An event with a `seq` carries `message` and/or `state`, so that clients who do not know it can go on.
"""

from __future__ import annotations

from typing import Annotated, TypeVar

from msgspec import UNSET, Meta, Struct, UnsetType

from chat.wire import (
    Badge,
    Changes,
    Conversation,
    Id,
    Message,
    Mine,
    Position,
    ReceiptCounts,
    Time,
    User,
    known,
)

Place = Annotated[int, Meta(description="The change's place in its conversation: dense, from 1.")]
InboxSeq = Annotated[int, Meta(description="The change's place among what is this person's own: dense, from 1.")]


class Frame(Struct, frozen=True, kw_only=True, tag_field="type"):
    """Base of every event."""


FrameT = TypeVar("FrameT", bound=type[Struct])

registry: dict[str, type[Struct]] = {}


def declare(form: FrameT) -> FrameT:
    """Enter an event into the documents. Raises ValueError where its `type` is taken."""
    name = form.__struct_config__.tag
    if not isinstance(name, str) or name in registry:
        raise ValueError(f"the event {name} is declared already, or has no tag")
    registry[name] = form
    return form


# --- what changes a conversation: sequenced -----------------------------------------------------
class MessageFrame(Frame, frozen=True):
    conversation: Id
    seq: Place
    message: Message


@declare
class NewMessageFrame(MessageFrame, frozen=True, tag="new_message"):
    """A message was sent. `users` and `referenced` are whom it names and what it quotes."""

    users: list[User] | UnsetType = UNSET
    referenced: list[Message] | UnsetType = UNSET


@declare
class MessageUpdatedFrame(MessageFrame, frozen=True, tag="message_updated"):
    """An edit, a reaction, the undoing of a deletion: the message as it is now."""


@declare
class MessageDeletedFrame(MessageFrame, frozen=True, tag="message_deleted"):
    """The message keeps its place, without its text."""


@declare
class ConversationUpdatedFrame(Frame, frozen=True, tag="conversation_updated"):
    """The whole conversation as it is now, and the system message that says what happened, as one change."""

    conversation: Id
    seq: Place
    state: Conversation
    users: list[User] | UnsetType = UNSET
    message: Message | UnsetType = UNSET


@declare
class ChangesFrame(Changes, frozen=True, tag_field="type", tag="changes", omit_defaults=True):
    """What the server had missed to tell in time: a body of `changes`, as REST gives it."""


@declare
class BehindFrame(Frame, frozen=True, tag="behind"):
    """More was missed than a frame holds: fetch the changes."""

    conversation: Id
    seq: Place


# --- what is one person's own: in the inbox's sequence ------------------------------------------
@declare
class ConversationAddedFrame(Frame, frozen=True, tag="conversation_added"):
    """A conversation is this person's from now on."""

    inbox_seq: InboxSeq
    conversation: Id
    state: Conversation
    mine: Mine
    users: list[User] | UnsetType = UNSET


@declare
class ConversationRemovedFrame(Frame, frozen=True, tag="conversation_removed"):
    inbox_seq: InboxSeq
    conversation: Id
    reason: Annotated[str, known("left", "removed", "deleted")]


@declare
class MineFrame(Frame, frozen=True, tag="mine"):
    """Read marks, mute, archive, pin, draft: what this person changed on any device."""

    inbox_seq: InboxSeq
    conversation: Id
    mine: Mine


# --- hints: without a place ---------------------------------------------------------------------
@declare
class ReadFrame(Frame, frozen=True, tag="read"):
    """Somebody has read up to `read_seq`; that implies delivered."""

    conversation: Id
    user: str
    read_seq: int


@declare
class DeliveredFrame(Frame, frozen=True, tag="delivered"):
    conversation: Id
    user: str
    delivered_seq: int


@declare
class ReceiptCountsFrame(ReceiptCounts, frozen=True, tag_field="type", tag="receipt_counts"):
    """In a large conversation, instead of `read` and `delivered`: how many have reached this message."""

    conversation: Id


@declare
class UserUpdatedFrame(Frame, frozen=True, tag="user_updated"):
    """A name or picture changed."""

    user: User


@declare
class TokenExpiringFrame(Frame, frozen=True, tag="token_expiring"):
    """At least 30 s ahead: send `refresh` with a new token, or be closed with 4501."""

    expires_at: Time


@declare
class ClosingFrame(Frame, frozen=True, tag="closing"):
    """The server goes away (4503): come back after so many seconds."""

    retry_after: float


# --- the first answer ---------------------------------------------------------------------------
class ReadyFrame(Frame, frozen=True, tag="ready"):
    """The answer to `hello`. Nothing precedes it; whatever is committed later comes as an event after it."""

    id: int
    now: Time
    session: str | None
    connection: str
    user: User
    expires_at: Time
    epoch: str
    revision: int
    features: list[str]
    limits: dict[str, float]
    timing: dict[str, float]
    inbox_seq: int
    badge: Badge
    positions: dict[str, Position]
    next_positions: str | None
