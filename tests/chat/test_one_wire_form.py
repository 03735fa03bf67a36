"""The same JSON over REST, over the socket and in the golden files, that pytest and the client's tests both read."""

from __future__ import annotations

import json
from collections.abc import Callable
from uuid import uuid4

import msgspec
import pytest

from chat import wire
from planb.accounts.models import User
from tests.golden import GOLDEN, Normal, as_golden
from tests.people import Json, Person

SignIn = Callable[[User], Person]


@pytest.fixture
def talk(awa: User, koffi: User, sign_in: SignIn) -> tuple[Person, Person, str]:
    one, other = sign_in(awa), sign_in(koffi)
    conversation = one.talk_to(
        koffi,
        subject={"type": "listing", "id": "velo-ville"},
        message={"client_id": str(uuid4()), "text": "Bonjour, toujours à vendre ?", "metadata": {"from": "listing"}},
    )
    return one, other, conversation


async def test_a_message_is_the_same_wherever_it_comes_from(talk: tuple[Person, Person, str]) -> None:
    one, other, conversation = talk
    first = other.get(f"conversations/{conversation}/messages")["messages"][0]
    async with one.socket() as left, other.socket() as right:
        command: Json = {"conversation": conversation, "client_id": str(uuid4()), "text": "Oui, 65 000 F 🚲"}
        command |= {"reply_to": first["id"], "mentions": [one.id]}
        reply = await right.data("send_message", **command)
        heard = await left.hear("new_message")
        own = await right.hear("new_message")
        repeat = other.post("messages", command)
    message = reply["message"]
    assert reply == {"message": message, "repeated": False}
    assert heard == own
    assert heard["message"] == repeat == message
    assert one.get(f"messages/{message['id']}") == message
    assert one.get(f"conversations/{conversation}/messages")["messages"] == [first, message]
    assert one.get(f"conversations/{conversation}/changes?after=1")["messages"] == [message]
    assert one.get(f"conversations/{conversation}")["conversation"]["last_message"] == message
    assert heard["referenced"] == [first]
    as_golden("message", message)
    as_golden("event_new_message", heard)


async def test_a_conversation_and_mine_are_the_same_wherever_they_come_from(
    talk: tuple[Person, Person, str],
) -> None:
    one, other, conversation = talk
    async with other.socket() as socket:
        opened = other.get(f"conversations/{conversation}")
        (item,) = other.get("conversations")["items"]
        (changed,) = other.get("inbox?after=0")["changed"]
        positions = other.get("positions")
        assert item == changed == {"conversation": opened["conversation"], "mine": opened["mine"]}
        assert positions["positions"][conversation]["mine"] == opened["mine"]
        assert socket.ready["positions"] == positions["positions"]
        assert await socket.data("positions") == positions
        as_golden("conversation", opened["conversation"])
        as_golden("mine", opened["mine"])
        as_golden("ready", socket.ready)
        read = await socket.data("mark_read", conversation=conversation, seq=1)
        told = await socket.hear("mine")
        assert told["mine"] == read["mine"] == other.get(f"conversations/{conversation}")["mine"]
        assert one.get(f"conversations/{conversation}")["mine"]["others_read_seq"] == 1


async def test_an_added_conversation_is_the_one_that_rest_shows(awa: User, koffi: User, sign_in: SignIn) -> None:
    one, other = sign_in(awa), sign_in(koffi)
    async with other.socket() as socket:
        conversation = one.talk_to(koffi, message={"client_id": str(uuid4()), "text": "Bonjour"})
        added = await socket.hear("conversation_added")
        opened = other.get(f"conversations/{conversation}")
        assert (added["state"], added["mine"]) == (opened["conversation"], opened["mine"])
        assert added["users"] == opened["users"]


STRUCTS: dict[str, type[wire.Resource]] = {
    "message": wire.Message,
    "conversation": wire.Conversation,
    "mine": wire.Mine,
}


@pytest.mark.parametrize("name", STRUCTS)
def test_a_golden_resource_has_every_field_and_no_other(name: str) -> None:
    given = json.loads((GOLDEN / f"{name}.json").read_text())
    made = msgspec.convert(given, STRUCTS[name])
    assert wire.builtins(made) == given
    assert list(given) == [field.name for field in msgspec.structs.fields(STRUCTS[name])]


def test_normalising_hides_nothing_but_what_is_another_value_each_time() -> None:
    given = {"id": str(uuid4()), "at": "2026-01-01T00:00:00.123Z", "text": "hello", "seq": 7, "epoch": "ab"}
    made = Normal().of([given, given["id"]])
    assert made == [
        {
            "id": "00000000-0000-7000-8000-000000000001",
            "at": "2026-11-22T10:00:00.000Z",
            "text": "hello",
            "seq": 7,
            "epoch": "<epoch>",
        },
        "00000000-0000-7000-8000-000000000001",
    ]
    assert Normal().of("2026-01-01T00:00:00Z") == "2026-01-01T00:00:00Z", "a time in another form is a difference"
