"""The team's say in who may do what: chat's rules, and two more."""

from __future__ import annotations

from typing import Any

from chat.drafts import Draft
from chat.exceptions import Forbidden
from chat.models import Participant
from chat.policy import Policy


class Frozen(Forbidden):
    code = "acme.frozen"
    default_message = "A dispute is being settled: nobody writes here for now."


class AcmePolicy(Policy):
    # The fields are the swapped model's; chat types the abstract one.
    def may_send(self, *, conversation: Any, participant: Participant, draft: Draft) -> None:
        super().may_send(conversation=conversation, participant=participant, draft=draft)
        if conversation.frozen:
            raise Frozen()

    def capabilities(self, *, conversation: Any, participant: Participant) -> list[str]:
        can = super().capabilities(conversation=conversation, participant=participant)
        if conversation.frozen:
            return [name for name in can if name != "send"]
        return [*can, "acme.make_offer"] if conversation.subject_type == "listing" else can
