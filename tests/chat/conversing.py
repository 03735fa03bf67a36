"""People who write to each other by calling services: what a test needs to be there before it begins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unittest.mock import patch
from uuid import UUID, uuid4

from chat import wire
from chat.drafts import Draft, draft_of
from chat.models import Participant
from chat.services import sending
from chat.services.conversations import create_conversation
from chat.swap import conversation_model
from planb.accounts.models import User


def start(user: User, *others: User, **fields: Any) -> UUID:
    """A direct conversation with one other person, a group with more."""
    given: dict[str, Any] = {"kind": "direct" if len(others) == 1 else "group", "client_id": uuid4()} | fields
    if given["kind"] == "group":
        given.setdefault("title", "Group")
    command = wire.CreateConversation(users=[str(other.pk) for other in others], **given)
    return UUID(create_conversation(user=user, command=command).view.conversation.id)


def draft(user: User, conversation: UUID, text: str = "Bonjour", **fields: Any) -> Draft:
    given: dict[str, Any] = {"client_id": uuid4()} | fields
    return draft_of(user, wire.SendMessage(conversation=conversation, text=text, **given))


def send(user: User, conversation: UUID, text: str = "Bonjour", **fields: Any) -> wire.Message:
    return sending.send_messages([draft(user, conversation, text, **fields)])[0].message


def send_many(user: User, conversation: UUID, count: int) -> list[wire.Message]:
    """In batches, as doors write them under load."""
    drafts = [draft(user, conversation, f"message {number}") for number in range(1, count + 1)]
    return [
        sent.message for place in range(0, count, 100) for sent in sending.send_messages(drafts[place : place + 100])
    ]


def send_unheard(user: User, conversation: UUID, *texts: str) -> list[wire.Message]:
    """Committed, and every event of it lost: what a layer does at times."""
    with patch("chat.broadcast.send"):
        return [send(user, conversation, text) for text in texts]


def row_of(user: User, conversation: UUID) -> Participant:
    row: Participant = Participant.objects.get(user=user, conversation=conversation)
    return row


def head(conversation: UUID) -> int:
    seq: int = conversation_model().objects.values_list("seq", flat=True).get(pk=conversation)
    return seq


def seqs(messages: Sequence[wire.Message]) -> list[int]:
    return [message.seq for message in messages]
