"""Whatever comes in as a frame gets its error, and costs nobody else anything."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable
from typing import Any
from uuid import uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chat.conf import conf
from chat.realtime.protocol import BadFrames, Frame, FrameError, beyond_measure, parse
from planb.accounts.models import User
from tests.people import Person, Socket

SignIn = Callable[[User], Person]


def deep(levels: int) -> str:
    """A ping with an array nested so deep that the whole frame has this many levels."""
    return '{"type":"ping","id":1,"x":' + "[" * (levels - 1) + "]" * (levels - 1) + "}"


def long(size: int) -> str:
    """A ping of exactly so many bytes."""
    frame = '{"type":"ping","id":1,"x":""}'
    return frame.replace('""', '"' + "x" * (size - len(frame)) + '"')


UNUSABLE: dict[str, tuple[str | bytes, str]] = {
    "nothing": ("", "bad_request"),
    "words": ("hello there", "bad_request"),
    "half": ('{"type":"ping","id":1', "bad_request"),
    "two frames": ('{"type":"ping","id":1}{"type":"ping","id":2}', "bad_request"),
    "an array": ('[{"type":"ping","id":1}]', "bad_request"),
    "a number": ("7", "bad_request"),
    "a string": ('"ping"', "bad_request"),
    "null": ("null", "bad_request"),
    "true": ("true", "bad_request"),
    "no id": ('{"type":"ping"}', "bad_request"),
    "null id": ('{"type":"ping","id":null}', "bad_request"),
    "true id": ('{"type":"ping","id":true}', "bad_request"),
    "false id": ('{"type":"ping","id":false}', "bad_request"),
    "negative id": ('{"type":"ping","id":-1}', "bad_request"),
    "fractional id": ('{"type":"ping","id":1.5}', "bad_request"),
    "float id": ('{"type":"ping","id":1.0}', "bad_request"),
    "id of 2^53": ('{"type":"ping","id":9007199254740992}', "bad_request"),
    "id of 2^64": ('{"type":"ping","id":18446744073709551616}', "bad_request"),
    "id of a thousand digits": ('{"type":"ping","id":' + "9" * 1000 + "}", "bad_request"),
    "string id": ('{"type":"ping","id":"1"}', "bad_request"),
    "array id": ('{"type":"ping","id":[1]}', "bad_request"),
    "no type": ('{"id":1}', "bad_request"),
    "null type": ('{"type":null,"id":1}', "bad_request"),
    "empty type": ('{"type":"","id":1}', "bad_request"),
    "numeric type": ('{"type":1,"id":1}', "bad_request"),
    "object type": ('{"type":{},"id":1}', "bad_request"),
    "binary": (b'{"type":"ping","id":1}', "bad_request"),
    "binary nonsense": (b"\xff\x00\xfe", "bad_request"),
    "nine levels": (deep(9), "bad_request"),
    "a hundred thousand brackets": ("[" * 30_000 + "]" * 30_000, "bad_request"),
    "sixty thousand braces": ('{"a":' * 13_000, "bad_request"),
    "NaN": ('{"type":"ping","id":1,"x":NaN}', "bad_request"),
    "Infinity": ('{"type":"ping","id":1,"x":-Infinity}', "bad_request"),
    "a number beyond doubles": ('{"type":"ping","id":1,"x":1e999}', "bad_request"),
    "an escaped lone surrogate": ('{"type":"ping","id":1,"x":"\\ud800"}', "bad_request"),
    "an escaped lone low surrogate": ('{"type":"ping","id":1,"\\udfff":1}', "bad_request"),
    "a raw control character": ('{"type":"ping","id":1,"x":"\x01"}', "bad_request"),
    "a byte order mark": ('\ufeff{"type":"ping","id":1}', "bad_request"),
    "a comment": ('{"type":"ping","id":1} // please', "bad_request"),
    "a trailing comma": ('{"type":"ping","id":1,}', "bad_request"),
    "single quotes": ("{'type':'ping','id':1}", "bad_request"),
    "one byte too many": (long(65_537), "too_large"),
    "long in bytes, not in characters": ('{"type":"ping","id":1,"x":"' + "é" * 33_000 + '"}', "too_large"),
}

FINE: dict[str, str] = {
    "eight levels": deep(8),
    "64 KiB": long(65_536),
    "unknown fields": '{"type":"ping","id":1,"later":{"a":[1]}}',
    "a key given twice": '{"type":"nonsense","id":5,"id":1,"type":"ping"}',
    "an escaped NUL": '{"type":"ping","id":1,"x":"\\u0000"}',
    "an escaped pair": '{"type":"ping","id":1,"x":"\\ud83d\\ude00"}',
    "a huge integer": '{"type":"ping","id":1,"x":' + "9" * 300 + "}",
    "white space": ' \n{ "type" : "ping" ,\t"id" : 1 }\r\n',
    "escaped names": '{"\\u0074ype":"p\\u0069ng","id":1}',
}


# --- the parser alone -----------------------------------------------------------------------------
@pytest.mark.parametrize("name", UNUSABLE)
def test_the_parser_refuses(name: str) -> None:
    raw, code = UNUSABLE[name]
    with pytest.raises(FrameError) as caught:
        parse(raw)
    assert caught.value.error.code == code


@pytest.mark.parametrize("name", FINE)
def test_the_parser_takes(name: str) -> None:
    frame = parse(FINE[name])
    assert (frame.type, frame.id) == ("ping", 1)


@given(st.text() | st.binary() | st.recursive(st.none() | st.floats(), st.lists).map(json.dumps))
def test_the_parser_answers_or_refuses_and_raises_nothing_else(raw: str | bytes) -> None:
    try:
        assert isinstance(parse(raw), Frame)
    except FrameError as error:
        assert error.error.as_data()["code"] in {"bad_request", "too_large"}


def test_a_lone_surrogate_that_a_server_let_through_is_refused() -> None:
    with pytest.raises(FrameError):
        parse('{"type":"ping","id":1,"x":"\ud800"}')


@pytest.mark.parametrize(
    ("raw", "beyond"),
    [
        ("x" * 262_144, False),
        ("x" * 262_145, True),
        (b"x" * 262_145, True),
        ("é" * 131_072, False),
        ("é" * 131_073, True),
        ("😀" * 65_537, True),
        ("\ud800" * 90_000, True),
    ],
)
def test_beyond_measure_counts_bytes(raw: str | bytes, beyond: bool) -> None:
    assert beyond_measure(raw) is beyond


def test_bad_frames_are_counted_within_a_minute() -> None:
    most = conf().bad_frames_per_minute
    hurried, patient = BadFrames(), BadFrames()
    assert [hurried.one_more(second) for second in range(most)] == [False] * (most - 1) + [True]
    assert not any(patient.one_more(second * 7) for second in range(100))


# --- on a socket ----------------------------------------------------------------------------------
def is_reply(frame: dict[str, Any]) -> bool:
    return bool(frame["type"] == "reply")


@pytest.fixture
async def bystander(koffi: User, sign_in: SignIn) -> AsyncIterator[Socket]:
    """Somebody else's socket, that must not feel anything."""
    async with sign_in(koffi).socket() as socket:
        yield socket
        assert (await socket.ask("ping"))["ok"]
        assert [frame["type"] for frame in socket.heard if frame["type"] not in {"ready", "reply"}] == []


async def test_every_unusable_frame_gets_its_error_and_the_socket_lives(
    awa: User, sign_in: SignIn, bystander: Socket
) -> None:
    person = sign_in(awa)
    cases = list(UNUSABLE.items())
    for start in range(0, len(cases), 9):
        async with person.socket() as socket:
            for place, (name, (raw, code)) in enumerate(cases[start : start + 9]):
                await socket.send_raw(raw)
                answer = (await socket.hear_many(is_reply, place + 1))[place]
                assert (answer["ok"], answer["error"]["code"]) == (False, code), name
                assert not answer["error"]["retry"]
            socket._count = 1000
            assert (await socket.ask("ping"))["ok"], "nine are borne"


async def test_the_tenth_unusable_frame_within_a_minute_ends_it(awa: User, sign_in: SignIn, bystander: Socket) -> None:
    async with sign_in(awa).socket() as socket:
        for _ in range(10):
            await socket.send_raw("nonsense")
        assert await socket.until_closed() == 4400
        assert len([*filter(is_reply, socket.heard)]) == 10


@pytest.mark.parametrize("raw", ["x" * 262_145, b"x" * 262_145, "é" * 131_073, long(1_000_000)])
async def test_a_frame_beyond_measure_closes_its_socket(
    awa: User, sign_in: SignIn, bystander: Socket, raw: str | bytes
) -> None:
    async with sign_in(awa).socket() as socket:
        await socket.send_raw(raw)
        assert await socket.until_closed() == 4413


async def test_a_frame_in_many_pieces_is_one_frame(awa: User, sign_in: SignIn) -> None:
    async with sign_in(awa).socket() as socket:
        await socket._connection.send(iter(['{"type":"pi', 'ng",', '"id":7}']))
        assert (await socket.hear(lambda frame: frame.get("id") == 7))["ok"]


async def test_an_unknown_command_is_told_as_such_however_often(awa: User, sign_in: SignIn) -> None:
    async with sign_in(awa).socket() as socket:
        for type in ["dance", "PING", "ping ", "__init__", "new_message", "reply", "🙂", "x" * 5000, "a\x00b"] * 2:
            answer = await socket.ask(type)
            assert answer["error"]["code"] == "unknown_type"
            assert len(json.dumps(answer)) < 500, "it is not sent back at length"
        assert (await socket.ask("ping"))["ok"]


async def test_a_flood_of_commands_is_answered_one_and_all(awa: User, koffi: User, enter: SignIn) -> None:
    person = enter(awa)
    conversation = person.talk_to(koffi)
    async with person.socket() as socket, enter(koffi).socket() as other:
        for turn in range(100):
            await socket.post("send_message", conversation=conversation, client_id=str(uuid4()), text=f"{turn}")
        answers = await socket.hear_many(is_reply, 100, 20)
        assert [answer["data"]["message"]["seq"] for answer in answers] == list(range(1, 101)), "in order"
        await other.message("99", 20)


async def test_the_same_command_id_twice_gets_two_answers(awa: User, sign_in: SignIn) -> None:
    async with sign_in(awa).socket() as socket:
        for _ in range(2):
            await socket.send_raw('{"type":"ping","id":99}')
        found = await socket.hear_many(is_reply, 2)
        assert [(frame["id"], frame["ok"]) for frame in found] == [(99, True), (99, True)]


async def test_a_socket_that_vanishes_in_the_middle_of_a_command_has_sent_it(
    awa: User, koffi: User, enter: SignIn
) -> None:
    person = enter(awa)
    conversation = person.talk_to(koffi)
    async with enter(awa).socket() as witness:
        async with person.socket() as socket:
            await socket.post("send_message", conversation=conversation, client_id=str(uuid4()), text="last words")
            socket._connection.transport.abort()
        assert (await witness.message("last words"))["seq"] == 1
