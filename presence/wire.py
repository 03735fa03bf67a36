"""Presence and typing on the wire: resources, commands and events, in chat's form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType, structs

from chat.events import Hint, Variant, conversation_topic, topic_of
from chat.frames import Frame, declare
from chat.wire import Command, Id, Resource, Time, UserId, known, stamp

WATCH_LIMIT = 200

State = Literal["online", "away", "offline"]
Mode = Literal["active", "away"]
TypingKind = Literal["text", "voice"]


class Presence(Resource, frozen=True):
    """`last_seen` is known only of those who are offline, and not for ever."""

    state: Annotated[str, known("online", "away", "offline")]
    last_seen: Time | None


class TypingEntry(Resource, frozen=True):
    user: str
    kind: Annotated[str, known("text", "voice")]
    expires_in: float


class Typing(Command, frozen=True):
    conversation: UUID
    active: bool
    kind: TypingKind = "text"


class WatchPresence(Command, frozen=True):
    """`users` is the whole set: whoever was watched before and is not in it no longer is."""

    users: Annotated[list[UserId], Meta(max_length=WATCH_LIMIT)]


class SetPresence(Command, frozen=True):
    state: Mode


class PresenceAnswer(Resource, frozen=True):
    """By user; those one shares nothing with are absent."""

    presence: dict[str, Presence]


class Watched(Resource, frozen=True, omit_defaults=True):
    """What the answer of `watch_conversation` has more by this app."""

    typing: list[TypingEntry] | UnsetType = UNSET
    presence: dict[str, Presence] | UnsetType = UNSET


@declare
class PresenceFrame(Frame, frozen=True, tag="presence"):
    """Somebody watched came, went, or turned away."""

    user: str
    state: Annotated[str, known("online", "away", "offline")]
    last_seen: Time | None


@declare
class TypingFrame(Frame, frozen=True, tag="typing"):
    """It lapses by itself after `expires_in` seconds."""

    conversation: Id
    user: str
    active: bool
    kind: Annotated[str, known("text", "voice")]
    expires_in: float


def presence_of(state: State, seen: int | None) -> Presence:
    """`seen`: milliseconds since 1970, by Redis' clock."""
    if state != "offline" or seen is None:
        return Presence(state=state, last_seen=None)
    return Presence(state=state, last_seen=stamp(datetime.fromtimestamp(seen / 1000, UTC)))


def presence_topic(user: str) -> str:
    """Who watches a person hears this topic."""
    return topic_of("p", user)


def presence_event(user: str, presence: Presence) -> Hint:
    frame = PresenceFrame(user=user, state=presence.state, last_seen=presence.last_seen)
    other = Variant("last_seen", structs.replace(frame, last_seen=None)) if presence.last_seen is not None else None
    return Hint(topic=presence_topic(user), frame=frame, other=other)


def typing_event(conversation: object, user: str, *, active: bool, kind: str, expires_in: float) -> Hint:
    return Hint(
        topic=conversation_topic(conversation),
        frame=TypingFrame(conversation=str(conversation), user=user, active=active, kind=kind, expires_in=expires_in),
        other=Variant("typing", None),
    )
