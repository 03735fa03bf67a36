"""A server that is quick to notice and never says that one is too quick."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from planb.accounts.models import User
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
