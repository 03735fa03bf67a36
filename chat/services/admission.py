"""How often a person may do what costs others: asked in Redis, before and outside any transaction."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.utils import timezone

from chat import limits
from chat.conf import conf
from chat.drafts import Draft
from chat.models import Participant
from chat.services.membership import participants_of


def admit_send(draft: Draft) -> None:
    """Raises RateLimited: 30 in 10 s a person, 100 in 10 s a conversation (`CHAT_LIMITS`)."""
    limits.check_all([("send", str(draft.sender.pk)), ("send_conversation", str(draft.conversation))])


def admit_edit(user: Any) -> None:
    """Raises RateLimited: 60 edits and deletions a minute."""
    limits.check("edit", str(user.pk))


def admit_reaction(user: Any) -> None:
    """Raises RateLimited: 60 reactions a minute."""
    limits.check("react", str(user.pk))


def admit_conversation(user: Any, others: Sequence[Any]) -> None:
    """Raises RateLimited: a young account starts 10 conversations an hour with people it shares none with."""
    joined = getattr(user, "date_joined", None)
    if joined is not None and timezone.now() - joined > timedelta(days=conf().young_account_days):
        return
    acquainted = set(
        Participant.objects.filter(
            user__in=others,
            removed_at=None,
            listed=True,
            conversation__in=participants_of(user).values("conversation"),
        ).values_list("user", flat=True)
    )
    if any(other.pk not in acquainted for other in others):
        limits.check("new_conversation", str(user.pk))
