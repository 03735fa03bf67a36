"""A service of the team's own: the offer's row and the message that tells it commit together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any
from uuid import UUID

from django.db import transaction

from chat import events, wire
from chat.drafts import draft_of
from chat.models import AbstractMessage
from chat.services.sending import send_messages
from tests.acme.models import Offer


def make_offer(*, user: Any, conversation: UUID, client_id: UUID, amount: int) -> wire.Message:
    """Repeatable by `client_id`, as every send. Raises whatever sending raises, and then there is no offer either."""
    command = wire.SendMessage(conversation=conversation, client_id=client_id, text=f"I offer {amount}.")
    draft = replace(draft_of(user, command), data={"event": "acme.offer"})

    def write_offer(rows: Sequence[AbstractMessage]) -> None:
        Offer.objects.create(message_id=rows[0].pk, buyer=user, amount=amount)

    with transaction.atomic():
        sent = send_messages([draft], alongside=write_offer)[0]
        if not sent.repeated:
            events.publish(
                events.Hint(
                    topic=events.conversation_topic(conversation),
                    frame={"type": "acme.offer_made", "conversation": str(conversation), "amount": amount},
                )
            )
    return sent.message
