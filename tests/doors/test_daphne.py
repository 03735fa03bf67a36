"""The same socket on daphne, which `runserver` uses: two people talk, and its close codes arrive."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from uuid import uuid4

import pytest

from planb.accounts.models import User
from planb.accounts.services import sessions
from tests.conftest import Server
from tests.people import Person, query


@pytest.fixture
def enter(daphne: Server) -> Callable[[User], Person]:
    return lambda user: Person.sign_in(daphne.url, daphne.socket_url, user)


async def test_two_people_talk_on_daphne(awa: User, koffi: User, enter: Callable[[User], Person]) -> None:
    one, other = enter(awa), enter(koffi)
    conversation = one.talk_to(other, message={"client_id": str(uuid4()), "text": "Bonjour"})
    async with one.socket() as here, other.socket() as there:
        assert here.ready["positions"].keys() == there.ready["positions"].keys() == {conversation}
        client_id = str(uuid4())
        draft = {"conversation": conversation, "client_id": client_id, "text": "Ça va ?"}
        sent = (await here.data("send_message", **draft))["message"]
        assert await there.message("Ça va ?") == sent
        assert (await here.data("send_message", **draft))["repeated"] is True
        await there.data("typing", conversation=conversation, active=True)
        typing = await here.hear("typing")
        assert (typing["user"], typing["active"]) == (other.id, True)
        await there.data("mark_read", conversation=conversation, seq=sent["seq"])
        assert (await here.hear("read"))["read_seq"] == sent["seq"]
        await asyncio.to_thread(other.send, conversation, "Par REST")
        await here.message("Par REST")
        # What one has said to the other is the same over REST.
        texts = [item["text"] for item in one.get(f"conversations/{conversation}/messages")["messages"]]
        assert texts == ["Bonjour", "Ça va ?", "Par REST"]


async def test_a_bad_frame_is_answered_on_daphne_and_the_socket_lives(
    awa: User, enter: Callable[[User], Person]
) -> None:
    async with enter(awa).socket() as socket:
        for raw in ("no JSON", b"\x00bytes", json.dumps({"type": "nonsense", "id": 900})):
            await socket.send_raw(raw)
        errors = await socket.hear_many(lambda frame: frame.get("ok") is False, 3)
        assert [frame["error"]["code"] for frame in errors] == ["bad_request", "bad_request", "unknown_type"]
        await socket.data("ping")


@pytest.mark.parametrize(
    ("frame", "code"),
    [
        ("no JSON", 4400),
        (json.dumps({"type": "hello", "id": 1, "token": "nonsense"}), 4401),
        (json.dumps({"type": "ping", "id": 1}), 4401),
        ("x" * 300_000, 4413),
        (None, 4508),
    ],
)
async def test_a_close_code_arrives_from_daphne(
    frame: str | None, code: int, awa: User, enter: Callable[[User], Person]
) -> None:
    async with enter(awa).socket(hello=False) as socket:
        if frame is not None:
            await socket.send_raw(frame)
        assert await socket.until_closed() == code


async def test_a_foreign_page_and_an_unknown_protocol_are_refused_on_daphne(
    awa: User, enter: Callable[[User], Person]
) -> None:
    async with enter(awa).socket(hello=False, origin="https://elsewhere.example") as socket:
        assert await socket.until_closed() == 4405
    async with enter(awa).socket(hello=False, subprotocols=["planb.v99"]) as socket:
        assert await socket.until_closed() == 4426


async def test_a_login_that_ends_takes_its_socket_along_on_daphne(awa: User, enter: Callable[[User], Person]) -> None:
    async with enter(awa).socket() as socket:
        query(lambda: sessions.end_sessions_of(user=awa))
        assert await socket.until_closed(10) == 4401
