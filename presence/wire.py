"""Presence and typing on the wire: resources, commands and events, in chat's form."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Annotated, Literal
from uuid import UUID

from msgspec import Meta

from chat.events import Hint, Variant, conversation_topic, topic_of
from chat.wire import Command, Resource, UserId, stamp

WATCH_LIMIT = 200

State = Literal["online", "away", "offline"]
Mode = Literal["active", "away"]
TypingKind = Literal["text", "voice"]


class Presence(Resource, frozen=True):
    """`last_seen` is known only of those who are offline, and not for ever."""

    state: State
    last_seen: str | None


class TypingEntry(Resource, frozen=True):
    user: str
    kind: str
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


def presence_of(state: State, seen: int | None) -> Presence:
    """`seen`: milliseconds since 1970, by Redis' clock."""
    if state != "offline" or seen is None:
        return Presence(state=state, last_seen=None)
    return Presence(state=state, last_seen=stamp(datetime.fromtimestamp(seen / 1000, UTC)))


def presence_topic(user: str) -> str:
    """Who watches a person hears this topic."""
    return topic_of("p", user)


def presence_event(user: str, presence: Presence) -> Hint:
    frame = {"type": "presence", "user": user, "state": presence.state, "last_seen": presence.last_seen}
    other = Variant("last_seen", frame | {"last_seen": None}) if presence.last_seen is not None else None
    return Hint(topic=presence_topic(user), frame=frame, other=other)


def typing_event(conversation: object, user: str, *, active: bool, kind: str, expires_in: float) -> Hint:
    return Hint(
        topic=conversation_topic(conversation),
        frame={
            "type": "typing",
            "conversation": str(conversation),
            "user": user,
            "active": active,
            "kind": kind,
            "expires_in": expires_in,
        },
        other=Variant("typing", None),
    )
