"""The first frame: who may enter, and with which code the others are sent away."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import AsyncExitStack
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from websockets.exceptions import InvalidStatus
from websockets.typing import Origin, Subprotocol

from planb.accounts.models import Session, User
from tests.conftest import Server
from tests.people import Person, Socket, query

SignIn = Callable[[User], Person]


async def sent_away(socket: Socket, code: int, error: str) -> dict[str, Any]:
    """It is told why, and closed; nothing else was ever said to it."""
    assert await socket.until_closed() == code
    (refusal,) = socket.heard
    assert (refusal["type"], refusal["ok"], refusal["error"]["code"]) == ("reply", False, error)
    return refusal


async def test_ready_says_where_one_stands(awa: User, koffi: User, sign_in: SignIn) -> None:
    person = sign_in(awa)
    conversation = person.talk_to(koffi)
    sent = person.send(conversation, "Bonjour")
    async with sign_in(koffi).socket() as socket:
        ready = socket.ready
        assert socket.heard[0] is ready, "nothing precedes it"
        assert (ready["type"], ready["id"]) == ("ready", 1)
        assert ready["user"]["display_name"] == "Koffi"
        assert ready["positions"][conversation]["seq"] == sent["seq"]
        assert ready["positions"][conversation]["mine"]["unread"] == 1
        assert ready["badge"] == {"conversations": 1, "messages": 1}
        assert (ready["inbox_seq"], ready["next_positions"]) == (1, None)
        assert ready["limits"]["text"] == 4000
        assert ready["timing"]["ping"] == 30.0


async def test_who_says_nothing_is_sent_away(awa: User, enter: SignIn) -> None:
    async with enter(awa).socket(hello=False) as socket:
        assert await socket.until_closed(10) == 4508
        assert socket.heard == []


async def test_who_only_pings_the_transport_says_nothing(awa: User, enter: SignIn) -> None:
    async with enter(awa).socket(hello=False, ping_interval=0.2) as socket:
        assert await socket.until_closed(10) == 4508


@pytest.mark.parametrize("type", ["ping", "send_message", "Hello", "hello ", "positions"])
async def test_the_first_frame_is_hello(awa: User, sign_in: SignIn, type: str) -> None:
    person = sign_in(awa)
    async with person.socket(hello=False) as socket:
        await socket.post(type, token=person.token)
        assert (await sent_away(socket, 4401, "unauthenticated"))["id"] == 1


@pytest.mark.parametrize(
    "raw",
    ["", "{", "null", "[]", "7", '"hello"', '{"type":"hello"}', '{"type":"hello","id":true,"token":"x"}', b"\x00"],
)
async def test_a_first_frame_that_is_none_is_a_bad_frame(awa: User, sign_in: SignIn, raw: str | bytes) -> None:
    async with sign_in(awa).socket(hello=False) as socket:
        await socket.send_raw(raw)
        assert (await sent_away(socket, 4400, "bad_request"))["id"] is None


@pytest.mark.parametrize(
    "fields",
    [
        {},
        {"token": None},
        {"token": ""},
        {"token": 7},
        {"token": "x" * 8193},
        {"token": "x", "device": "phone"},
        {"token": "x", "client": "web"},
        {"token": "x", "client": {"name": 1}},
    ],
)
async def test_a_hello_with_wrong_fields_is_a_bad_frame(awa: User, sign_in: SignIn, fields: dict[str, Any]) -> None:
    async with sign_in(awa).socket(hello=False) as socket:
        await socket.post("hello", **fields)
        refusal = await sent_away(socket, 4400, "bad_request")
        assert refusal["id"] == 1
        assert refusal["error"]["fields"]


async def test_a_first_frame_beyond_measure_closes_at_once(awa: User, sign_in: SignIn) -> None:
    async with sign_in(awa).socket(hello=False) as socket:
        await socket.send_raw("x" * 262_145)
        assert await socket.until_closed() == 4413


# --- tokens ---------------------------------------------------------------------------------------
def spoiled(token: str) -> list[str]:
    head, body, signature = token.split(".")
    return [
        "nonsense",
        f"{head}.{body}.",
        f"{head}.{body}.{signature[:-4]}AAAA",
        f"eyJhbGciOiJub25lIn0.{body}.",
        f"{head}.{body}.{signature}.x",
        "é" * 20,
        "\x00",
    ]


@pytest.mark.parametrize("which", range(7))
async def test_a_token_that_is_not_ours_is_refused(awa: User, sign_in: SignIn, which: int) -> None:
    person = sign_in(awa)
    async with person.socket(hello=False) as socket:
        await socket.post("hello", token=spoiled(person.token)[which])
        await sent_away(socket, 4401, "unauthenticated")


async def test_a_refresh_token_is_no_access_token(awa: User, sign_in: SignIn) -> None:
    from planb.accounts.services import sessions

    refresh = query(lambda: sessions.begin(user=awa, device=sessions.Device())).refresh
    async with sign_in(awa).socket(hello=False) as socket:
        await socket.post("hello", token=refresh)
        await sent_away(socket, 4401, "unauthenticated")


async def test_an_expired_token_is_told_apart_so_that_clients_refresh(
    awa: User, sign_in: SignIn, settings: Any
) -> None:
    settings.SIMPLE_JWT = settings.SIMPLE_JWT | {"ACCESS_TOKEN_LIFETIME": timedelta(seconds=-1)}
    person = sign_in(awa)
    async with person.socket(hello=False) as socket:
        await socket.post("hello", token=person.token)
        await sent_away(socket, 4501, "token_expired")


async def test_a_token_of_a_revoked_session_is_refused(awa: User, sign_in: SignIn) -> None:
    person = sign_in(awa)
    query(lambda: Session.objects.filter(pk=person.session).update(revoked_at="2026-01-01T00:00:00Z"))
    async with person.socket(hello=False) as socket:
        await socket.post("hello", token=person.token)
        await sent_away(socket, 4401, "unauthenticated")


async def test_a_token_of_a_closed_account_is_refused(awa: User, sign_in: SignIn) -> None:
    person = sign_in(awa)
    query(lambda: User.objects.filter(pk=awa.pk).update(is_active=False))
    async with person.socket(hello=False) as socket:
        await socket.post("hello", token=person.token)
        await sent_away(socket, 4401, "unauthenticated")


# --- the handshake --------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "origin",
    ["https://evil.example", "null", "http://127.0.0.1:1", "file://", "http://[", "http://user@127.0.0.1", "x" * 500],
)
async def test_a_page_of_another_origin_is_accepted_and_sent_away(awa: User, sign_in: SignIn, origin: str) -> None:
    person = sign_in(awa)
    async with person.socket(hello=False, origin=Origin(origin)) as socket:
        assert await socket.until_closed() == 4405, "after accepting, so that a browser sees the code"
        assert socket.heard == []


async def test_a_page_of_our_own_and_a_program_may_enter(awa: User, server: Server, sign_in: SignIn) -> None:
    person = sign_in(awa)
    async with person.socket(origin=Origin(server.url)) as page, person.socket() as program:
        assert page.ready["type"] == program.ready["type"] == "ready"


async def test_a_listed_origin_may_enter(awa: User, enter: SignIn) -> None:
    person = enter(awa)
    async with person.socket(origin=Origin("https://shop.example")) as socket:
        assert socket.ready["type"] == "ready"
    async with person.socket(hello=False, origin=Origin("https://shop.example.evil.example")) as socket:
        assert await socket.until_closed() == 4405


async def test_a_protocol_that_we_do_not_speak_needs_another_client(awa: User, sign_in: SignIn) -> None:
    async with sign_in(awa).socket(hello=False, subprotocols=[Subprotocol("planb.v9")]) as socket:
        assert await socket.until_closed() == 4426
    async with sign_in(awa).socket(subprotocols=[Subprotocol("planb.v9"), Subprotocol("planb.v1")]) as socket:
        assert socket.ready["type"] == "ready"
    async with sign_in(awa).socket(subprotocols=None) as socket:
        assert socket.ready["type"] == "ready", "programs may name none"


@pytest.mark.parametrize("path", ["/ws/v2", "/ws/v1/", "/", "/ws/v1/../v1"])
async def test_there_is_no_socket_elsewhere(awa: User, server: Server, sign_in: SignIn, path: str) -> None:
    person = sign_in(awa)
    person.socket_url = server.socket_url.removesuffix("/ws/v1") + path
    with pytest.raises(InvalidStatus):
        async with person.socket(hello=False):
            pass


async def test_a_token_in_the_address_is_not_looked_at(awa: User, sign_in: SignIn) -> None:
    person = sign_in(awa)
    person.socket_url += f"?token={person.token}"
    async with person.socket(hello=False) as socket:
        await socket.post("ping")
        await sent_away(socket, 4401, "unauthenticated")


async def test_those_who_say_nothing_are_few_per_address_and_leave_room_again(awa: User, enter: SignIn) -> None:
    person = enter(awa)
    async with AsyncExitStack() as stack:
        silent = [await stack.enter_async_context(person.socket(hello=False)) for _ in range(5)]
        with pytest.raises(InvalidStatus):
            await stack.enter_async_context(person.socket(hello=False))
        await silent[0].ask("hello", token=person.token)
        await stack.enter_async_context(person.socket(hello=False))
    async with person.socket() as socket:
        assert socket.ready["type"] == "ready"


async def test_a_second_hello_is_no_command(awa: User, sign_in: SignIn) -> None:
    person = sign_in(awa)
    async with person.socket() as socket:
        answer = await socket.ask("hello", token=person.token)
        assert answer["error"]["code"] == "unknown_type"


async def test_what_comes_right_behind_hello_is_answered_after_ready(awa: User, sign_in: SignIn) -> None:
    person = sign_in(awa)
    async with person.socket(hello=False) as socket:
        key = str(uuid4())
        await socket.send_raw(json.dumps({"type": "hello", "id": 0, "token": person.token, "device": key}))
        for number in range(1, 6):
            await socket.send_raw(json.dumps({"type": "ping", "id": number}))
        await socket.hear(lambda frame: frame.get("id") == 5)
        assert socket.heard[0]["type"] == "ready"
        assert sorted(frame["id"] for frame in socket.heard) == [0, 1, 2, 3, 4, 5]
