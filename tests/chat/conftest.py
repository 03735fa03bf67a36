"""A server that is quick to notice and never says that one is too quick; and a hub of this process to look into."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from chat.auth import Principal
from chat.realtime import hub as hubs
from chat.realtime.connection import Connection
from chat.realtime.greeting import greet
from chat.realtime.hub import Hub
from planb.accounts.models import User
from tests.chat.listening import Ear
from tests.conftest import Server
from tests.people import Person

QUICK: dict[str, Any] = {
    "CHAT_LIMITS": {"send": None, "send_conversation": None, "typing": None},
    "CHAT_HEADS_INTERVAL": 1.0,
    "CHAT_HELLO_TIMEOUT": 2.0,
    "CHAT_ALLOWED_ORIGINS": ["https://shop.example"],
    "CHAT_PENDING_SOCKETS_PER_ADDRESS": 5,
}


@pytest.fixture
def quick(serve: Callable[..., Server]) -> Server:
    return serve(**QUICK)


@pytest.fixture
def enter(quick: Server) -> Callable[[User], Person]:
    """`sign_in` at the quick server."""

    def signed_in(user: User) -> Person:
        return Person.sign_in(quick.url, quick.socket_url, user)

    return signed_in


@pytest.fixture
async def hub(transactional_db: None) -> AsyncIterator[Hub]:
    yield await hubs.hub()
    await hubs.stop()


@pytest.fixture
async def listen(hub: Hub) -> AsyncIterator[Callable[[User], Any]]:
    """`await listen(user)`: a socket of theirs after its hello."""
    ears: list[Ear] = []

    async def enter(user: User) -> Ear:
        principal = Principal(user=user, session=None, expires_at=datetime.now(UTC) + timedelta(minutes=5))
        connection = Connection(principal)
        hub.open(connection)
        connection.outbox.release(await greet(hub, connection, 1))
        ears.append(Ear(connection))
        return ears[-1]

    yield enter
    for ear in ears:
        hub.leave(ear.connection)
        ear.reader.cancel()
