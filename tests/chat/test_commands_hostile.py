"""Every registered command, every field of it, every wrong value: an answer with the right code, never `internal`.

Made from the registry, so that a new command is tried without anybody thinking of it.
"""

from __future__ import annotations

import types
from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Annotated, Any, Literal, Union, get_args, get_origin, get_type_hints
from uuid import UUID, uuid4

import msgspec
import pytest

from chat.realtime.handlers import registry
from chat.wire import Command
from planb.accounts.models import User
from tests.people import Person, query
from tests.stored import Conversation, Message

SignIn = Callable[[User], Person]

VALUES: list[Any] = [
    None,
    True,
    False,
    0,
    -1,
    1.5,
    2**53,
    2**63,
    -(2**63),
    1e300,
    "",
    "x",
    "\x00",
    "1",
    "é" * 200,
    "x" * 10_000,
    str(UUID(int=0)),
    "urn:uuid:" + str(UUID(int=0)),
    "2026-11-22T10:00:00Z",
    "2026-11-22T10:00:00",
    "2026-11-22",
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+23:59",
    "9999-12-31T23:59:59.999999-23:59",
    "9999-12-31T23:59:59.999999Z",
    [],
    [None],
    [[]],
    [{}],
    ["\x00"],
    ["x"] * 300,
    [0] * 300,
    {},
    {"": None},
    {"\x00": 1},
    {"x": []},
    {str(UUID(int=0)): -1},
    {str(UUID(int=0)): 2**53},
    {str(UUID(int=0)): None},
    {str(UUID(int=number)): 1 for number in range(101)},
]


def plain(hint: Any) -> Any:
    return plain(get_args(hint)[0]) if get_origin(hint) is Annotated else hint


def good(hint: Any, conversation: str) -> Any:
    """A value of the right type."""
    hint = plain(hint)
    origin = get_origin(hint)
    if origin in {Union, types.UnionType}:
        return good(next(option for option in get_args(hint) if option is not type(None)), conversation)
    if origin is Literal:
        return get_args(hint)[0]
    if origin is list:
        return []
    if origin is dict:
        return {conversation: 1} if plain(get_args(hint)[0]) is UUID else {}
    return {
        UUID: conversation,
        str: "x",
        int: 1,
        bool: True,
        float: 1.0,
        datetime: "2026-11-22T10:00:00.000Z",
    }[hint]


def fits(hint: Any, value: Any) -> bool:
    """Whether the wire takes this value for this field: then anything but `internal` may be the answer."""
    try:
        msgspec.convert(value, hint)
    except msgspec.ValidationError:
        return False
    return True


def cases(form: type[Command], conversation: str) -> Iterator[tuple[str, Any, bool, dict[str, Any]]]:
    hints = get_type_hints(form, include_extras=True)
    whole = {name: good(hint, conversation) for name, hint in hints.items()}
    if "client_id" in whole:
        whole["client_id"] = str(uuid4())
    required = {field.name for field in msgspec.structs.fields(form) if field.required}
    for name, hint in hints.items():
        if name in required:
            yield name, "absent", False, {key: value for key, value in whole.items() if key != name}
        for value in VALUES:
            yield name, value, fits(hint, value), whole | {name: value}


@pytest.mark.parametrize("type", sorted(registry))
async def test_wrong_fields_are_bad_requests(type: str, awa: User, koffi: User, yao: User, enter: SignIn) -> None:
    person = enter(awa)
    conversation = person.talk_to(koffi, message={"client_id": str(uuid4()), "text": "Bonjour"})
    tried = 0
    async with enter(yao).socket() as bystander, person.socket() as socket:
        for name, value, taken, fields in cases(registry[type].form, conversation):
            answer = await socket.ask(type, **fields)
            shown = f"{type}.{name} = {str(value)[:60]!r}: {answer}"
            if taken:
                assert answer["ok"] or answer["error"]["code"] != "internal", shown
            else:
                assert not answer["ok"], shown
                assert answer["error"]["code"] == "bad_request", shown
                assert answer["error"]["fields"], shown
                assert not answer["error"]["retry"], shown
            tried += 1
        if type != "refresh":
            assert (await socket.ask("ping"))["ok"], "the socket lives"
        assert (await bystander.ask("ping"))["ok"]
        assert [frame["type"] for frame in bystander.heard] == ["ready", "reply"]
    fields_of = len(get_type_hints(registry[type].form))
    assert tried >= fields_of * len(VALUES)


async def test_wrong_sends_leave_nothing(awa: User, koffi: User, enter: SignIn) -> None:
    person = enter(awa)
    conversation = person.talk_to(koffi, message={"client_id": str(uuid4()), "text": "Bonjour"})
    async with enter(awa).socket() as witness, person.socket() as socket:
        for _, _, taken, fields in cases(registry["send_message"].form, conversation):
            if not taken:
                await socket.ask("send_message", **fields)
        assert (await witness.ask("ping"))["ok"]
        assert witness.events("new_message") == []
    assert query(lambda: (Message.objects.count(), Conversation.objects.get().seq)) == (1, 1)


CONTENT: list[tuple[dict[str, Any], str]] = [
    ({"text": ""}, "bad_request"),
    ({"text": " \u3000\n"}, "bad_request"),
    ({"text": "a\x00"}, "bad_request"),
    ({"text": "x" * 4001}, "too_large"),
    ({"metadata": {"k": "x" * 4096}}, "too_large"),
    ({"metadata": {"k": "\x00"}}, "bad_request"),
    ({"reply_to": str(UUID(int=1))}, "bad_request"),
    ({"mentions": ["nobody"]}, "bad_request"),
    ({"mentions": ["x"] * 51}, "bad_request"),
    ({"attachments": [str(UUID(int=1))]}, "unsupported"),
    ({"conversation": str(UUID(int=1))}, "not_found"),
]


@pytest.mark.parametrize(("fields", "code"), CONTENT)
async def test_content_that_breaks_a_rule_has_its_error_on_both_doors(
    awa: User, koffi: User, enter: SignIn, fields: dict[str, Any], code: str
) -> None:
    person = enter(awa)
    conversation = person.talk_to(koffi)
    body = {"conversation": conversation, "client_id": str(uuid4()), "text": "Bonjour"} | fields
    async with person.socket() as socket:
        by_socket = (await socket.ask("send_message", **body))["error"]
    by_rest = person.call("POST", "messages", body)
    assert by_socket["code"] == code
    assert by_rest.json()["error"] == by_socket
    assert query(Message.objects.count) == 0
