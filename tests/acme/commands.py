"""A socket command of the team's own: `acme.make_offer`."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from msgspec import Meta

from chat import database, limits, wire
from chat.realtime.connection import Connection
from chat.realtime.handlers import command
from tests.acme import offers

limits.register(limits.Rate("acme.offer", 5, 60))


class MakeOffer(wire.Command, frozen=True):
    conversation: UUID
    client_id: UUID
    amount: Annotated[int, Meta(ge=1, le=1_000_000)]


@command("acme.make_offer", MakeOffer)
async def make_offer(connection: Connection, command: MakeOffer) -> Any:
    await limits.acheck("acme.offer", connection.user_id)
    message = await database.run(
        offers.make_offer,
        user=connection.user,
        conversation=command.conversation,
        client_id=command.client_id,
        amount=command.amount,
    )
    return {"message": message}
