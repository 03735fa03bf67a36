"""What is one person's alone reaches their other devices, and nobody else's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from planb.accounts.models import User
from tests.people import Person

SignIn = Callable[[User], Person]


@pytest.fixture
def talk(awa: User, koffi: User, sign_in: SignIn) -> tuple[Person, Person, str]:
    one, other = sign_in(awa), sign_in(koffi)
    return one, other, one.talk_to(koffi, message={"client_id": str(uuid4()), "text": "Bonjour"})


Talk = tuple[Person, Person, str]


async def test_a_draft_and_a_mute_reach_ones_other_devices_alone(talk: Talk) -> None:
    one, other, conversation = talk
    async with one.socket() as phone, one.socket() as laptop, other.socket() as right:
        until = "2030-01-01T08:00:00.000Z"
        mine = await phone.data("update_mine", conversation=conversation, draft="Est-ce que", muted_until=until)
        assert (mine["mine"]["draft"], mine["mine"]["muted_until"]) == ("Est-ce que", until)
        event = await laptop.hear("mine")
        assert event["mine"] == mine["mine"]
        assert event["inbox_seq"] == phone.ready["inbox_seq"] + 1
        await right.data("ping")
        assert right.events("mine") == []
        await laptop.data("update_mine", conversation=conversation, draft=None, muted_until=None)
    now = one.get(f"conversations/{conversation}")["mine"]
    assert (now["draft"], now["muted_until"]) == ("", None), "null clears"


def test_an_archived_conversation_moves_to_its_folder(talk: Talk) -> None:
    one, other, conversation = talk
    answer = one.call("PATCH", f"conversations/{conversation}/mine", {"archived": True, "pinned": True})
    assert (answer.json()["mine"]["archived"], answer.json()["mine"]["pinned"]) == (True, True)
    assert one.get("conversations")["items"] == []
    assert [item["conversation"]["id"] for item in one.get("conversations?folder=archived")["items"]] == [conversation]
    assert len(other.get("conversations")["items"]) == 1, "the other one's is theirs"
    before = one.get("inbox?after=0")["inbox_seq"]
    one.call("PATCH", f"conversations/{conversation}/mine", {"archived": True})
    assert one.get("inbox?after=0")["inbox_seq"] == before, "what is so already takes no number"


def test_reading_ends_the_mark_of_unread(talk: Talk) -> None:
    one, _, conversation = talk
    one.call("PATCH", f"conversations/{conversation}/mine", {"marked_unread": True})
    assert one.get("positions")["badge"] == {"conversations": 1, "messages": 0}
    assert one.post(f"conversations/{conversation}/read", {"seq": 1})["mine"]["marked_unread"] is False


@pytest.mark.parametrize(
    "body",
    [
        {"archived": "yes"},
        {"muted_until": "tomorrow"},
        {"muted_until": "2030-01-01T08:00:00"},
        {"draft": "x" * 4001},
        {"draft": "a\u0000"},
        {"pinned": None},
    ],
)
def test_nonsense_changes_nothing(talk: Talk, body: Any) -> None:
    one, _, conversation = talk
    before = one.get(f"conversations/{conversation}")["mine"]
    answer = one.call("PATCH", f"conversations/{conversation}/mine", body)
    assert answer.status_code in {400, 413}
    assert one.get(f"conversations/{conversation}")["mine"] == before


def test_a_stranger_finds_nothing_to_change(talk: Talk, yao: User, sign_in: SignIn) -> None:
    _, _, conversation = talk
    assert sign_in(yao).call("PATCH", f"conversations/{conversation}/mine", {"archived": True}).status_code == 404
