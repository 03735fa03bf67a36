"""How often a person may do what costs others: asked in Redis, before and outside any transaction."""

from __future__ import annotations

from typing import Any

from chat import limits
from chat.drafts import Draft


def admit_send(draft: Draft) -> None:
    """Raises RateLimited: 30 in 10 s a person, 100 in 10 s a conversation (`CHAT_LIMITS`)."""
    limits.check_all([("send", str(draft.sender.pk)), ("send_conversation", str(draft.conversation))])


def admit_conversation(user: Any) -> None:
    """Raises RateLimited: 10 new conversations an hour."""
    limits.check("new_conversation", str(user.pk))
