"""A store of the test's own in a real Redis, with times short enough to see things end."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.test import override_settings

from chat.redis import aclose
from planb.accounts.models import User
from presence import store
from presence.store import Change, Entry, Health
from tests.conftest import Server
from tests.people import Person
from tests.presence.short_times import SHORT

TTL, GRACE = 0.8, 0.25


@pytest.fixture
def short_times(settings: Any) -> None:
    settings.CHAT_REDIS_PREFIX = f"test-{uuid4().hex}"
    settings.PRESENCE_TTL = TTL
    settings.PRESENCE_GRACE = GRACE
    settings.CHAT_TYPING_EXPIRE = 0.5


@pytest.fixture(autouse=True)
def health(monkeypatch: pytest.MonkeyPatch) -> Health:
    """No outage of the test before."""
    fresh = Health()
    monkeypatch.setattr(store, "health", fresh)
    return fresh


@pytest.fixture
async def redis(short_times: None) -> AsyncIterator[Any]:
    """The client that the store uses."""
    from chat.redis import async_client

    yield async_client()
    await aclose()


@pytest.fixture
def nobody_listens() -> Iterator[str]:
    """The address of a Redis that is down."""
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        # Bound and not listening: refused, and nobody else can take the port meanwhile.
        yield f"redis://127.0.0.1:{closed.getsockname()[1]}/0"


@pytest.fixture
def nobody_answers() -> Iterator[str]:
    """The address of a Redis that takes connections and says nothing."""
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        yield f"redis://127.0.0.1:{silent.getsockname()[1]}/0"


@pytest.fixture
def without_redis(request: pytest.FixtureRequest) -> Iterator[None]:
    """With one of the two above, by name, as the parameter."""
    with override_settings(CHAT_REDIS_URL=request.getfixturevalue(request.param), CHAT_REDIS_TIMEOUT=0.2):
        yield


@pytest.fixture(scope="session")
def _short_server(django_db_setup: None) -> Iterator[Server]:
    server = Server(**SHORT)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def short_server(_short_server: Server, transactional_db: None) -> Server:
    return _short_server


@pytest.fixture
def enter(short_server: Server) -> Callable[[User], Person]:
    return lambda user: Person.sign_in(short_server.url, short_server.socket_url, user)


@pytest.fixture
def another_server(short_server: Server) -> Iterator[Server]:
    """A second process of the same deployment."""
    server = Server(**SHORT)
    server.start()
    yield server
    server.stop()


def device(user: str = "awa", mode: Any = "active") -> Entry:
    """A socket that nobody has opened before."""
    return Entry(user=user, connection=str(uuid4()), mode=mode)


async def state(user: str = "awa") -> str:
    return (await store.read([user]))[user].state


async def until(look: Callable[[], Awaitable[Any]], seconds: float = 5) -> Any:
    """Ask again until the answer is a true one; returns it."""
    async with asyncio.timeout(seconds):
        while not (found := await look()):  # noqa: ASYNC110 (what Redis holds sets no event here)
            await asyncio.sleep(0.02)
    return found


async def until_swept() -> list[Change]:
    """Sweep until somebody's state has changed; returns those changes."""

    async def changes() -> list[Change]:
        return (await store.sweep())[0]

    swept: list[Change] = await until(changes)
    return swept


def states(changes: list[Change]) -> list[tuple[str, str]]:
    return [(change.user, change.presence.state) for change in changes]
