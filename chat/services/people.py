"""Who may be found: people one shares a conversation with; anybody by search, where a deployment allows it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib.auth import get_user_model
from django.db.models import Q

from chat import cards, events, limits, wire
from chat.conf import conf
from chat.drafts import clean_text
from chat.exceptions import Forbidden
from chat.models import Participant
from chat.services.membership import participants_of

FOUND_MOST = 20


def known(*, user: Any, wanted: Sequence[str]) -> list[wire.User]:
    """Those of these people with whom `user` shares a conversation; the others are absent."""
    keys = {key for raw in wanted if (key := cards.user_key(raw)) is not None}
    shared = Participant.objects.filter(
        user__in=keys,
        removed_at=None,
        conversation__in=participants_of(user).values("conversation"),
    ).values_list("user", flat=True)
    return cards.cards({*shared, *(keys & {user.pk})})


def search(*, user: Any, text: str) -> list[wire.User]:
    """At most 20 people whose name holds the text, in order of name.

    Raises Forbidden where the deployment has not switched it on, RateLimited beyond 20 a minute.
    """
    if not conf().people_search:
        raise Forbidden("People cannot be searched here.")
    limits.check("search", str(user.pk))
    wanted = clean_text(text, limit=80, name="search").strip()
    model = get_user_model()
    fields = [name for name in conf().people_search_fields if _has_field(model, name)]
    matches = Q()
    for name in fields:
        matches |= Q(**{f"{name}__icontains": wanted})
    rows = (
        model._default_manager.filter(matches, is_active=True)
        .exclude(pk=user.pk)
        .order_by(fields[0], "pk")[:FOUND_MOST]
    )
    return [cards.card(row) for row in rows]


def announce_user(user: Any) -> None:
    """Tell a person's own devices, and those they talk with, that their card has changed. Others see it when they next
    fetch: only the most recently active conversations are told."""
    rows = participants_of(user).order_by("-conversation__last_message_at", "-conversation_id")
    keys = rows.values_list("conversation", flat=True)[: conf().positions_limit]
    events.publish(events.UserChanged(user=cards.card(user), conversations=[str(key) for key in keys]))


def _has_field(model: Any, name: str) -> bool:
    return any(field.name == name for field in model._meta.get_fields())


def registration_open() -> bool:
    """Whether people may sign themselves up: the project says so."""
    return conf().registration_open
