"""May this person do that: one place. `CHAT_POLICY` names a subclass.

Methods decide purely, on rows that the services have read (and, for writes, locked); they raise or return.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from chat.conf import conf
from chat.drafts import Draft
from chat.exceptions import BadRequest, Closed, Forbidden
from chat.models import AbstractConversation, Participant


class Policy:
    """The rules of a deployment that has no special ones."""

    def may_open(self, *, user: Any, others: Sequence[Any], kind: str) -> None:
        """May `user` start a conversation with these people. Raises Forbidden or BadRequest."""
        if any(not other.is_active for other in others):
            raise Forbidden("One of these people cannot be written to.")
        if kind == "direct" and len(others) != 1:
            raise BadRequest(fields={"users": "a direct conversation has exactly one other person"})
        if len(others) + 1 > conf().group_limit:
            raise BadRequest(fields={"users": f"at most {conf().group_limit} people"})

    def may_send(self, *, conversation: AbstractConversation, participant: Participant, draft: Draft) -> None:
        """May this participant send this draft. Raises Closed, Forbidden or Refused."""
        if conversation.closed_at is not None:
            raise Closed()

    def capabilities(self, *, conversation: AbstractConversation, participant: Participant) -> list[str]:
        """What `mine.can` lists: clients show what stands here and never code roles."""
        if conversation.closed_at is not None:
            return []
        return ["send"]


@lru_cache(maxsize=1)
def policy() -> Policy:
    """The policy in force."""
    made: Policy = import_string(conf().policy)()
    return made


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "CHAT_POLICY":
        policy.cache_clear()


setting_changed.connect(_forget)
