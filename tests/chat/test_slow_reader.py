"""Somebody who does not read costs a known amount, and nobody else anything."""

from __future__ import annotations

import asyncio
import json
import socket as sockets
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from chat import broadcast
from chat.events import Hint, conversation_topic
from chat.models import Message
from planb.accounts.models import User
from tests.conftest import Server
from tests.people import Json, Person, query

SignIn = Callable[[User], Person]
SIZE = 100_000


@pytest.fixture
def narrow(serve: Callable[..., Server]) -> SignIn:
    """Signs in at a server whose boxes are small."""
    server = serve(CHAT_OUTBOX_FRAMES=8, CHAT_CLOSE_TIMEOUT=3.0)
    return lambda user: Person.sign_in(server.url, server.socket_url, user)


class Stalled:
    """A socket of which nothing is read after `ready`, down to TCP, until `resume`."""

    def __init__(self, person: Person) -> None:
        self.person = person

    async def __aenter__(self) -> Stalled:
        self.raw = sockets.socket()
        # A small window, so that what the kernel holds is small too.
        self.raw.setsockopt(sockets.SOL_SOCKET, sockets.SO_RCVBUF, 4096)
        self.raw.connect(("127.0.0.1", int(self.person.url.rpartition(":")[2])))
        self.raw.setblocking(False)
        self.connection = await connect(
            self.person.socket_url,
            sock=self.raw,
            subprotocols=[Subprotocol("planb.v1")],
            ping_interval=None,
            max_size=None,
            max_queue=1,
        )
        await self.connection.send(json.dumps({"type": "hello", "id": 1, "token": self.person.token}))
        await self.connection.recv()
        self.connection.transport.pause_reading()
        return self

    async def __aexit__(self, *_: Any) -> None:
        self.connection.transport.abort()


async def pour(conversation: str, count: int) -> None:
    """So many large frames to everybody in a conversation, faster than anybody can be slow."""
    for number in range(count):
        frame: Json = {"type": "noise", "number": number, "x": "x" * SIZE}
        await asyncio.to_thread(broadcast.send, [Hint(topic=conversation_topic(conversation), frame=frame)])


async def test_who_stops_reading_is_closed_and_the_others_hear_everything(
    awa: User, koffi: User, narrow: SignIn
) -> None:
    person, other = narrow(awa), narrow(koffi)
    conversation = person.talk_to(koffi)
    person.send(conversation, "Bonjour")
    async with Stalled(person) as stalled, other.socket(max_size=None) as reader, person.socket(max_size=None) as own:
        await pour(conversation, 120)
        for socket in (reader, own):
            heard = await socket.hear_many(lambda frame: bool(frame["type"] == "noise"), 120, 20)
            assert [frame["number"] for frame in heard] == list(range(120))
        assert reader.closed is own.closed is None
        # It reads again: what the kernels held, and then the reason.
        stalled.connection.transport.resume_reading()
        got = 0
        with pytest.raises(ConnectionClosed):
            async with asyncio.timeout(15):
                while True:
                    await stalled.connection.recv()
                    got += 1
        assert got < 120, "the rest was dropped"
        assert stalled.connection.close_code in {4509, 1006}


async def test_who_never_reads_again_is_forgotten(awa: User, koffi: User, narrow: SignIn) -> None:
    person, other = narrow(awa), narrow(koffi)
    conversation = person.talk_to(koffi)
    person.send(conversation, "Bonjour")
    async with other.socket(max_size=None) as reader:
        await reader.data("watch_presence", users=[person.id])
        async with Stalled(person):
            await reader.hear(lambda frame: frame["type"] == "presence" and frame["state"] == "online")
            await pour(conversation, 120)
            # The other end is there, as far as TCP can tell; it is offline all the same.
            await reader.hear(lambda frame: frame["type"] == "presence" and frame["state"] == "offline", 40)


async def test_a_stalled_socket_is_not_obeyed_once_its_login_is_revoked(awa: User, koffi: User, narrow: SignIn) -> None:
    phone, laptop = narrow(awa), narrow(awa)
    conversation = phone.talk_to(koffi)
    phone.send(conversation, "Bonjour")
    async with laptop.socket(max_size=None) as witness, Stalled(phone) as stalled:
        await pour(conversation, 60)
        await witness.hear(lambda frame: frame.get("number") == 59, 20)
        laptop.call("DELETE", f"auth/sessions/{phone.session}")
        marker = laptop.send(conversation, "revoked")
        await witness.message("revoked")
        for number in range(2, 5):
            command = {"conversation": conversation, "client_id": str(uuid4()), "text": "ghost"}
            await stalled.connection.send(json.dumps({"type": "send_message", "id": number, **command}))
        after = laptop.send(conversation, "after")
        assert after["seq"] == marker["seq"] + 1
    assert not query(Message.objects.filter(text="ghost").exists)
