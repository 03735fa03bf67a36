"""What these tests do with people and sockets again and again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

from planb.accounts.models import User
from tests.conftest import Server
from tests.people import Person, Socket
from tests.presence.conftest import until

Enter = Callable[[User], Person]


def through(server: Server, person: Person) -> Person:
    """The same login at another process."""
    return Person(person.user, server.url, server.socket_url, person.token, person.session)


def talk(one: Person, *others: Person) -> str:
    return one.talk_to(*others, message={"client_id": str(uuid4()), "text": "Bonjour"})


def is_now(person: Person, state: str) -> Callable[[dict[str, Any]], bool]:
    return lambda frame: frame["type"] == "presence" and frame["user"] == person.id and frame["state"] == state


def states_heard(socket: Socket, person: Person) -> list[str]:
    return [frame["state"] for frame in socket.events("presence") if frame["user"] == person.id]


async def settled(socket: Socket) -> None:
    """Whatever was sent to this socket before has been heard: an answer comes behind it."""
    await socket.data("ping")


async def watch(socket: Socket, *people: Person) -> dict[str, Any]:
    found: dict[str, Any] = (await socket.data("watch_presence", users=[person.id for person in people]))["presence"]
    return found


async def watch_until_online(socket: Socket, person: Person) -> None:
    """Who has got `ready` is entered a moment later."""

    async def online() -> bool:
        found = await watch(socket, person)
        return bool(found[person.id] == {"state": "online", "last_seen": None})

    await until(online)
