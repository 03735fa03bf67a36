"""May this person do that: one place. `CHAT_POLICY` names a subclass.

Methods decide purely, on rows that the services have read (and, for writes, locked); they raise or return.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any

from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from chat.conf import conf
from chat.drafts import Draft
from chat.exceptions import BadRequest, Closed, Forbidden
from chat.models import AbstractConversation, AbstractMessage, Participant

# Who runs a group.
MANAGERS = frozenset({Participant.Role.OWNER, Participant.Role.ADMIN})


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
        self._open(conversation)

    def may_edit(
        self, *, conversation: AbstractConversation, participant: Participant, message: AbstractMessage, now: datetime
    ) -> None:
        """Change the text of one's own message. Raises Closed, Forbidden."""
        self._open(conversation)
        if message.sender_id != participant.user_id or message.kind != "text" or gone(message):
            raise Forbidden("Only the author edits a text message that is still there.")
        if now - message.created_at > timedelta(seconds=conf().edit_seconds):
            raise Forbidden("It is too late to edit this message.")

    def may_delete(
        self, *, conversation: AbstractConversation, participant: Participant, message: AbstractMessage
    ) -> str:
        """Empty a message; returns in whose name: `author` or `moderator`. Raises Forbidden."""
        if message.kind == "system" or message.hidden_at is not None:
            raise Forbidden()
        if message.sender_id == participant.user_id:
            return "author"
        if conversation.kind == "group" and participant.role in MANAGERS:
            return "moderator"
        raise Forbidden("Only the author, or who runs the group, deletes a message.")

    def may_react(
        self, *, conversation: AbstractConversation, participant: Participant, message: AbstractMessage
    ) -> None:
        """Raises Closed, Forbidden."""
        self._open(conversation)
        if gone(message) or message.kind == "system":
            raise Forbidden("There is nothing to react to.")

    def may_edit_conversation(self, *, conversation: AbstractConversation, participant: Participant) -> None:
        """Title, subject, metadata. Raises Closed, Forbidden."""
        self._open(conversation)
        if conversation.kind == "group" and participant.role not in MANAGERS:
            raise Forbidden("Only who runs the group changes it.")

    def may_add(self, *, conversation: AbstractConversation, participant: Participant, others: Sequence[Any]) -> None:
        """Let people into a group. Raises Closed, Forbidden."""
        self._open(conversation)
        if participant.role not in MANAGERS:
            raise Forbidden("Only who runs the group lets people in.")
        if any(not other.is_active for other in others):
            raise Forbidden("One of these people cannot be written to.")

    def may_remove(self, *, conversation: AbstractConversation, participant: Participant, other: Participant) -> None:
        """Remove somebody else. An owner removes anybody, an admin members. Raises Forbidden."""
        if participant.role == Participant.Role.OWNER:
            return
        if participant.role != Participant.Role.ADMIN or other.role != Participant.Role.MEMBER:
            raise Forbidden("You may not remove this person.")

    def may_change_role(
        self, *, conversation: AbstractConversation, participant: Participant, other: Participant, role: str
    ) -> None:
        """Only owners give roles; naming another owner hands over. Raises Forbidden."""
        if participant.role != Participant.Role.OWNER:
            raise Forbidden("Only an owner gives roles.")

    def capabilities(self, *, conversation: AbstractConversation, participant: Participant) -> list[str]:
        """What `mine.can` lists: clients show what stands here and never code roles."""
        can = [] if conversation.closed_at is not None else ["send", "edit", "react"]
        can.append("delete")
        if conversation.kind != "group":
            return can
        can.append("leave")
        if participant.role in MANAGERS:
            can += ["delete_any", "remove_participants"]
            if conversation.closed_at is None:
                can += ["edit_title", "add_participants"]
        if participant.role == Participant.Role.OWNER:
            can.append("change_roles")
        return can

    def _open(self, conversation: AbstractConversation) -> None:
        if conversation.closed_at is not None:
            raise Closed()


def gone(message: AbstractMessage) -> bool:
    """Deleted or hidden: its place stays, and nothing else."""
    return message.deleted_at is not None or message.hidden_at is not None


@lru_cache(maxsize=1)
def policy() -> Policy:
    """The policy in force."""
    made: Policy = import_string(conf().policy)()
    return made


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "CHAT_POLICY":
        policy.cache_clear()


setting_changed.connect(_forget)
