"""Who may do what over the socket, every command, and that a refusal leaves nothing behind and is heard by nobody."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from uuid import uuid4

import pytest

from chat import broadcast
from chat.events import Hint, user_topic
from chat.realtime.handlers import registry
from planb.accounts.models import Session, User
from planb.accounts.services import sessions
from tests.conftest import Server
from tests.matrix.scene import MEMBERS, OUTSIDERS, SIGNED_IN, Scene, everything
from tests.people import Json, Person, Socket, query

OK = "ok"


@dataclass(frozen=True)
class Row:
    """`answers`: `ok`, or the error's code, by role. `nothing`: the data of who is passed over."""

    fields: Callable[[Scene], Json]
    answers: dict[str, str]
    nothing: Json | None = None


def members(answer: str = OK, **others: str) -> dict[str, str]:
    return {**dict.fromkeys(OUTSIDERS, "not_found"), **dict.fromkeys(MEMBERS, answer), **others}


def anybody(answer: str = OK) -> dict[str, str]:
    return dict.fromkeys(SIGNED_IN, answer)


ROWS: dict[str, Row] = {
    "send_message": Row(lambda s: s.draft(), members()),
    "edit_message": Row(lambda s: {"message": str(s.message), "text": "Changé"}, members("forbidden", owner=OK)),
    "delete_message": Row(lambda s: {"message": str(s.message)}, members(member="forbidden")),
    "react": Row(lambda s: {"message": str(s.message), "emoji": "🎉", "on": True}, members()),
    "update_mine": Row(lambda s: {"conversation": str(s.group), "pinned": True}, members()),
    "mark_read": Row(lambda s: {"conversation": str(s.group), "seq": 1}, members()),
    "mark_delivered": Row(lambda s: {"marks": {str(s.group): 1}}, anybody(), nothing={}),
    "watch_conversation": Row(lambda s: {"conversation": str(s.group)}, members()),
    "typing": Row(lambda s: {"conversation": str(s.group), "active": True}, members()),
    "watch_presence": Row(lambda s: {"users": [s.id("plain")]}, anybody(), nothing={"presence": {}}),
    "set_presence": Row(lambda _: {"state": "active"}, anybody(), nothing={}),
    "positions": Row(lambda _: {}, anybody()),
    # Another login's token, whoever asks: not even one's own other one.
    "refresh": Row(lambda s: {"token": s.tokens["admin"]}, anybody("forbidden")),
    "ping": Row(lambda _: {}, anybody()),
}


def test_every_command_has_a_row() -> None:
    assert set(registry) == set(ROWS)


def test_every_row_says_what_each_role_gets() -> None:
    assert {frozenset(row.answers) for row in ROWS.values()} == {frozenset(SIGNED_IN)}


@pytest.fixture
def scene(make_user: Callable[..., User], server: Server) -> Scene:
    return Scene(make_user)


@pytest.fixture
async def sockets(scene: Scene, server: Server) -> AsyncIterator[dict[str, Socket]]:
    async with AsyncExitStack() as stack:
        yield {
            name: await stack.enter_async_context(
                Person.sign_in(server.url, server.socket_url, scene.people[name]).socket()
            )
            for name in SIGNED_IN
        }


@pytest.mark.parametrize("type", ROWS)
async def test_each_role_gets_what_the_row_says(type: str, scene: Scene, sockets: dict[str, Socket]) -> None:
    row = ROWS[type]
    before = query(everything)
    await silence(sockets)
    # Whoever is refused comes first: nothing has happened before.
    refused = [role for role in SIGNED_IN if row.answers[role] != OK or (role in OUTSIDERS and row.nothing is not None)]
    for role in refused:
        answer = await sockets[role].ask(type, **row.fields(scene))
        if row.answers[role] == OK:
            assert (role, answer.get("data")) == (role, row.nothing)
        else:
            assert (role, answer["ok"], answer.get("error", {}).get("code")) == (role, False, row.answers[role])
    assert query(everything) == before
    assert await silence(sockets) == []
    for role in SIGNED_IN:
        if role not in refused:
            answer = await sockets[role].ask(type, **row.fields(scene))
            assert (role, answer["ok"]) == (role, True), answer
            if role in OUTSIDERS:
                assert str(scene.group) not in str(answer)


async def silence(sockets: dict[str, Socket]) -> list[Json]:
    """What these sockets have heard beside answers, once everything that was told has come."""
    for socket in sockets.values():
        await socket.data("ping")
    key = str(uuid4())
    hints = [Hint(topic=user_topic(s.person.id), frame={"type": "marker", "key": key}) for s in sockets.values()]
    await asyncio.to_thread(broadcast.send, hints)
    for socket in sockets.values():
        await socket.hear(lambda frame: frame.get("key") == key)
    return [
        frame
        for socket in sockets.values()
        for frame in socket.heard
        if frame["type"] not in {"ready", "reply", "marker"}
    ]


# --- without a proof --------------------------------------------------------------------------------
def without_proof(server: Server, scene: Scene, token: str) -> Socket:
    return Socket(Person(scene.people["owner"], server.url, server.socket_url, token, ""), hello=False)


async def test_nobody_does_anything_before_hello(scene: Scene, server: Server) -> None:
    before = query(everything)
    for type, row in ROWS.items():
        async with without_proof(server, scene, "") as socket:
            answer = await socket.ask(type, **row.fields(scene))
            assert (type, answer["ok"], answer["error"]["code"]) == (type, False, "unauthenticated")
            assert await socket.until_closed() == 4401
    assert query(everything) == before


@pytest.mark.parametrize(
    ("role", "error", "close"), [("expired", "token_expired", 4501), ("revoked", "unauthenticated", 4401)]
)
async def test_a_token_whose_time_or_login_is_over_opens_no_socket(
    role: str, error: str, close: int, scene: Scene, server: Server
) -> None:
    async with without_proof(server, scene, scene.tokens[role]) as socket:
        answer = await socket.ask("hello", token=scene.tokens[role])
        assert (answer["ok"], answer["error"]["code"]) == (False, error)
        assert await socket.until_closed() == close
        assert [frame["type"] for frame in socket.heard] == ["reply"]


async def test_a_socket_whose_login_ends_is_obeyed_no_more(scene: Scene, server: Server) -> None:
    person = Person.sign_in(server.url, server.socket_url, scene.people["owner"])
    async with person.socket() as socket:
        session = Session.objects.only("pk")
        query(lambda: sessions.end_session(user=person.user, session=session.get(pk=person.session).pk))
        assert await socket.until_closed() == 4401
