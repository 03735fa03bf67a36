"""Reactions: one row per person, message and emoji; the message carries their sum."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from uuid import UUID

from chat import cards, database, events, render, wire
from chat.conf import conf
from chat.exceptions import BadRequest, Conflict, NotFound
from chat.models import AbstractMessage, Reaction
from chat.policy import policy
from chat.services.sequence import lock_message
from chat.swap import message_model


def react(*, user: Any, message: UUID, emoji: str, on: bool) -> wire.Message:
    """Set or take back a reaction; what is so already changes nothing.

    Raises NotFound, Forbidden, BadRequest for what is no emoji, Conflict beyond 20 different ones.
    """
    check_emoji(emoji)
    with database.writing():
        locked, row = lock_message(user, message)
        policy().may_react(conversation=locked.conversation, participant=locked.participant, message=row)
        mine = Reaction.objects.filter(message=row, user=user, emoji=emoji)
        if mine.exists() == on:
            return render.messages([row])[0]
        if on:
            known = {reaction["emoji"] for reaction in row.reactions}
            if emoji not in known and len(known) >= conf().emoji_limit:
                raise Conflict(f"A message carries at most {conf().emoji_limit} different reactions.")
            Reaction.objects.create(message=row, user=user, emoji=emoji, created_at=locked.now)
        else:
            mine.delete()
        row.reactions = _sum(row)
        locked.change_message(row, "reactions")
        told = render.messages([row])[0]
        events.publish(events.MessageChanged(message=told))
        return told


def _sum(row: AbstractMessage) -> list[wire.Json]:
    """In order of first use; at most 50 people are named, all are counted."""
    sums: dict[str, list[str]] = {}
    for emoji, user in Reaction.objects.filter(message=row).order_by("pk").values_list("emoji", "user"):
        sums.setdefault(emoji, []).append(str(user))
    most = conf().reaction_users_limit
    return [{"emoji": emoji, "count": len(users), "users": users[:most]} for emoji, users in sums.items()]


@dataclass(frozen=True, slots=True)
class Reactions:
    reactions: Sequence[wire.Json]
    users: Sequence[wire.User]


def list_reactions(*, user: Any, message: UUID) -> Reactions:
    """Everybody who reacted, in order. Raises NotFound for strangers."""
    with database.snapshot():
        if not message_model().objects.visible_to(user).filter(pk=message).exists():
            raise NotFound("There is no such message.")
        rows = list(Reaction.objects.filter(message=message).order_by("pk"))
        return Reactions(
            reactions=[
                {"emoji": row.emoji, "user": str(row.user_id), "created_at": wire.stamp(row.created_at)} for row in rows
            ],
            users=cards.cards(row.user_id for row in rows),
        )


def check_emoji(text: str) -> None:
    """Raises BadRequest for anything but one fully qualified RGI emoji."""
    if text not in _emoji():
        raise BadRequest(fields={"emoji": "one fully qualified emoji"})


@lru_cache(maxsize=1)
def _emoji() -> frozenset[str]:
    # A table of some megabytes: read when the first reaction comes.
    from emoji import EMOJI_DATA, STATUS

    return frozenset(text for text, facts in EMOJI_DATA.items() if facts["status"] == STATUS["fully_qualified"])
