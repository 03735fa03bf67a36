"""What happened, as plain data, and the one way to tell it: after the commit.

A topic names who hears: `c.<conversation>`, `u.<user>` or an app's own. Only events with a `seq` are ordered
and made up for when lost; all others are hints.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

from django.db import transaction
from msgspec import UNSET, Struct, structs

from chat import frames, wire

_PLAIN = re.compile(r"[A-Za-z0-9-]{1,64}")


def conversation_topic(conversation: Any) -> str:
    return f"c.{conversation}"


def user_topic(user: Any) -> str:
    return topic_of("u", str(user))


def topic_of(kind: str, key: str) -> str:
    """A layer's group name allows ASCII letters, digits, `-_.` and 99 characters: other keys are hashed."""
    return f"{kind}.{key}" if _PLAIN.fullmatch(key) else f"{kind}._{hashlib.sha256(key.encode()).hexdigest()[:40]}"


@dataclass(frozen=True, slots=True)
class Variant:
    """What those hear who gave up `lacking` by their privacy; `frame` None: nothing."""

    lacking: str
    frame: Struct | wire.Json | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`topics` say who hears it; `payload` is the wire frame; `seq` its place in its conversation, if durable."""

    def topics(self) -> list[str]:
        raise NotImplementedError

    def payload(self) -> Struct | wire.Json | None:
        raise NotImplementedError

    @property
    def place(self) -> int | None:
        return None

    def control(self) -> wire.Json | None:
        """What hubs must do beside passing the frame on."""
        return None

    def variant(self) -> Variant | None:
        """What some hear in place of the payload. Only for events without a place."""
        return None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewMessage(Event):
    message: wire.Message
    users: Sequence[wire.User] = ()
    referenced: Sequence[wire.Message] = ()

    def topics(self) -> list[str]:
        return [conversation_topic(self.message.conversation)]

    @property
    def place(self) -> int:
        return self.message.changed_seq

    def payload(self) -> Struct:
        return frames.NewMessageFrame(
            conversation=self.message.conversation,
            seq=self.message.changed_seq,
            message=self.message,
            users=list(self.users) or UNSET,
            referenced=list(self.referenced) or UNSET,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageChanged(Event):
    """An edit, a reaction, a deletion or its undoing: the message as it is now."""

    message: wire.Message
    deleted: bool = False

    def topics(self) -> list[str]:
        return [conversation_topic(self.message.conversation)]

    @property
    def place(self) -> int:
        return self.message.changed_seq

    def payload(self) -> Struct:
        form = frames.MessageDeletedFrame if self.deleted else frames.MessageUpdatedFrame
        return form(conversation=self.message.conversation, seq=self.message.changed_seq, message=self.message)


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationChanged(Event):
    """Title, participants, closing: the whole conversation, and the system message that says so, as one change.

    `removed` are the people who hear nothing after this.
    """

    state: wire.Conversation
    message: wire.Message | None = None
    users: Sequence[wire.User] = ()
    removed: Sequence[str] = ()

    def topics(self) -> list[str]:
        return [conversation_topic(self.state.id)]

    @property
    def place(self) -> int:
        return self.state.changed_seq

    def payload(self) -> Struct:
        return frames.ConversationUpdatedFrame(
            conversation=self.state.id,
            seq=self.state.changed_seq,
            state=self.state,
            users=list(self.users) or UNSET,
            message=self.message if self.message is not None else UNSET,
        )

    def control(self) -> wire.Json | None:
        return {"drop": list(self.removed)} if self.removed else None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationRemoved(Event):
    """To one person: a conversation is no longer theirs since `seq`. `reason`: left, removed or deleted."""

    user: str
    inbox_seq: int
    conversation: str
    reason: str
    seq: int

    def topics(self) -> list[str]:
        return [user_topic(self.user)]

    def payload(self) -> Struct:
        return frames.ConversationRemovedFrame(
            inbox_seq=self.inbox_seq, conversation=self.conversation, reason=self.reason
        )

    def control(self) -> wire.Json:
        return {"leave": self.conversation, "at": self.seq}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged(Event):
    """A name or picture changed: told where the person talks."""

    user: wire.User
    conversations: Sequence[str]
    key: str = field(default_factory=lambda: uuid4().hex)

    def topics(self) -> list[str]:
        return [user_topic(self.user.id), *(conversation_topic(key) for key in self.conversations)]

    def payload(self) -> Struct:
        return frames.UserUpdatedFrame(user=self.user)

    def control(self) -> wire.Json:
        # It comes by many topics; a socket that hears several of them is told once.
        return {"once": self.key}


@dataclass(frozen=True, slots=True, kw_only=True)
class ConversationAdded(Event):
    """To one person: a conversation is theirs from now on. Hubs join their open sockets to it."""

    user: str
    inbox_seq: int
    state: wire.Conversation
    mine: wire.Mine
    users: Sequence[wire.User] = ()

    def topics(self) -> list[str]:
        return [user_topic(self.user)]

    def payload(self) -> Struct:
        return frames.ConversationAddedFrame(
            inbox_seq=self.inbox_seq,
            conversation=self.state.id,
            state=self.state,
            mine=self.mine,
            users=list(self.users) or UNSET,
        )

    def control(self) -> wire.Json:
        return {"join": self.state.id, "at": self.state.seq}


@dataclass(frozen=True, slots=True, kw_only=True)
class MineChanged(Event):
    user: str
    inbox_seq: int
    conversation: str
    mine: wire.Mine

    def topics(self) -> list[str]:
        return [user_topic(self.user)]

    def payload(self) -> Struct:
        return frames.MineFrame(inbox_seq=self.inbox_seq, conversation=self.conversation, mine=self.mine)


@dataclass(frozen=True, slots=True, kw_only=True)
class MarkMoved(Event):
    """Somebody read, or was delivered, up to `seq`."""

    kind: str  # "read" or "delivered"
    conversation: str
    user: str
    seq: int

    def topics(self) -> list[str]:
        return [conversation_topic(self.conversation)]

    def payload(self) -> Struct:
        return self._frame(self.kind)

    def variant(self) -> Variant | None:
        return Variant("reads", self._frame("delivered")) if self.kind == "read" else None

    def _frame(self, kind: str) -> Struct:
        if kind == "read":
            return frames.ReadFrame(conversation=self.conversation, user=self.user, read_seq=self.seq)
        return frames.DeliveredFrame(conversation=self.conversation, user=self.user, delivered_seq=self.seq)


@dataclass(frozen=True, slots=True, kw_only=True)
class CountsChanged(Event):
    """In a large conversation more people have reached this message."""

    conversation: str
    counts: wire.ReceiptCounts

    def topics(self) -> list[str]:
        return [conversation_topic(self.conversation)]

    def payload(self) -> frames.ReceiptCountsFrame:
        return frames.ReceiptCountsFrame(conversation=self.conversation, **structs.asdict(self.counts))

    def variant(self) -> Variant:
        return Variant("reads", structs.replace(self.payload(), read=0))


@dataclass(frozen=True, slots=True, kw_only=True)
class PrivacyChanged(Event):
    """To a person's own sockets, without a frame: what they hear from now on."""

    user: str
    lacking: Sequence[str]

    def topics(self) -> list[str]:
        return [user_topic(self.user)]

    def payload(self) -> None:
        return None

    def control(self) -> wire.Json:
        return {"lacking": list(self.lacking)}


@dataclass(frozen=True, slots=True, kw_only=True)
class SessionsEnded(Event):
    """Sockets of these logins close; an empty list means every one of the person's."""

    user: str
    sessions: Sequence[str] = field(default_factory=list)

    def topics(self) -> list[str]:
        return [user_topic(self.user)]

    def payload(self) -> None:
        return None

    def control(self) -> wire.Json:
        return {"end": list(self.sessions)}


@dataclass(frozen=True, slots=True, kw_only=True)
class Hint(Event):
    """An app's own event, best one that it has declared (`chat.frames`): unsequenced, never made up for."""

    topic: str
    frame: Struct | wire.Json
    other: Variant | None = None

    def topics(self) -> list[str]:
        return [self.topic]

    def payload(self) -> Struct | wire.Json:
        return self.frame

    def variant(self) -> Variant | None:
        return self.other


def publish(*events: Event) -> None:
    """Tell it once the transaction under way has committed; at once where there is none. Never raises later."""
    from chat import broadcast, signals

    # Not a partial: Django names the function in its log when it fails.
    def tell() -> None:
        broadcast.send(events)
        signals.tell(events)

    transaction.on_commit(tell, robust=True)
