"""Edit, delete, react: each takes the next seq, reaches everybody, and a denial changes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any
from urllib.parse import quote
from uuid import uuid4

import pytest
from django.utils import timezone

from chat.models import MessageVersion, Reaction
from planb.accounts.models import User
from tests.people import Person, query
from tests.stored import Message

SignIn = Callable[[User], Person]


@pytest.fixture
def talk(awa: User, koffi: User, sign_in: SignIn) -> tuple[Person, Person, str, dict[str, Any]]:
    """Two people, their conversation, and a message of the first."""
    one, other = sign_in(awa), sign_in(koffi)
    conversation = one.talk_to(koffi)
    return one, other, conversation, one.send(conversation, "Bonjuor")


Talk = tuple[Person, Person, str, dict[str, Any]]


async def test_an_edit_reaches_everybody_and_keeps_the_place(talk: Talk) -> None:
    one, other, conversation, message = talk
    async with one.socket() as left, other.socket() as right:
        edited = (await left.data("edit_message", message=message["id"], text="Bonjour"))["message"]
        assert (edited["text"], edited["seq"], edited["changed_seq"]) == ("Bonjour", 1, 2)
        assert edited["edited_at"] is not None
        for socket in (left, right):
            event = await socket.hear("message_updated")
            assert (event["conversation"], event["seq"], event["message"]) == (conversation, 2, edited)
    assert other.get(f"messages/{message['id']}") == edited
    assert other.get(f"conversations/{conversation}/changes?after=1")["messages"] == [edited]
    assert query(lambda: list(MessageVersion.objects.values_list("text", flat=True))) == ["Bonjuor"]


def test_the_same_text_again_takes_no_number(talk: Talk) -> None:
    one, _, conversation, message = talk
    answer = one.call("PATCH", f"messages/{message['id']}", {"text": "Bonjuor"})
    assert (answer.status_code, answer.json()) == (200, message)
    assert one.get(f"conversations/{conversation}")["conversation"]["seq"] == 1


def test_an_edit_of_what_somebody_changed_in_between_is_a_conflict(talk: Talk) -> None:
    one, _, _, message = talk
    path = f"messages/{message['id']}"
    first = one.call("PATCH", path, {"text": "Bonjour", "if_edited_at": None})
    assert first.status_code == 200
    late = one.call("PATCH", path, {"text": "Salut", "if_edited_at": None})
    assert (late.status_code, late.json()["error"]["code"]) == (409, "conflict")
    assert one.get(path) == first.json()
    assert one.call("PATCH", path, {"text": "Salut", "if_edited_at": first.json()["edited_at"]}).status_code == 200


def test_only_the_author_edits_and_only_for_a_day(talk: Talk) -> None:
    one, other, _, message = talk
    path = f"messages/{message['id']}"
    refused = other.call("PATCH", path, {"text": "Haha"})
    assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")
    query(lambda: Message.objects.update(created_at=timezone.now() - timedelta(days=2)))
    assert one.call("PATCH", path, {"text": "Bonjour"}).status_code == 403
    assert query(lambda: Message.objects.get().text) == "Bonjuor"
    assert query(MessageVersion.objects.count) == 0


@pytest.mark.parametrize("text", ["", "   ", "x" * 4001, "a\u0000b", 7, None])
def test_an_edit_to_what_no_message_may_be_is_refused(talk: Talk, text: Any) -> None:
    one, _, _, message = talk
    assert one.call("PATCH", f"messages/{message['id']}", {"text": text}).status_code in {400, 413}
    assert one.get(f"messages/{message['id']}") == message


async def test_a_deleted_message_keeps_its_place_and_nothing_else(talk: Talk) -> None:
    one, other, conversation, message = talk
    other.call("PUT", f"messages/{message['id']}/reactions/{quote('👍')}")
    async with other.socket() as right:
        deleted = one.call("DELETE", f"messages/{message['id']}").json()
        event = await right.hear("message_deleted")
        assert (event["seq"], event["message"]) == (3, deleted)
    assert (deleted["text"], deleted["reactions"], deleted["deleted_by"]) == ("", [], "author")
    assert deleted["seq"] == 1
    again = one.call("DELETE", f"messages/{message['id']}")
    assert (again.status_code, again.json()) == (200, deleted), "again changes nothing"
    assert one.call("PATCH", f"messages/{message['id']}", {"text": "Zombie"}).status_code == 403
    assert other.call("PUT", f"messages/{message['id']}/reactions/{quote('❤️')}").status_code == 403
    assert other.get(f"conversations/{conversation}/messages")["messages"] == [deleted]
    assert query(lambda: list(MessageVersion.objects.values_list("text", flat=True))) == ["Bonjuor"]


def test_the_other_one_of_a_direct_conversation_deletes_nothing(talk: Talk) -> None:
    _, other, _, message = talk
    assert other.call("DELETE", f"messages/{message['id']}").status_code == 403
    assert other.get(f"messages/{message['id']}") == message


def test_who_runs_a_group_deletes_what_others_wrote(awa: User, koffi: User, yao: User, sign_in: SignIn) -> None:
    owner, member, third = sign_in(awa), sign_in(koffi), sign_in(yao)
    group = owner.talk_to(koffi, yao)
    message = member.send(group, "Spam")
    assert third.call("DELETE", f"messages/{message['id']}").status_code == 403
    assert owner.call("DELETE", f"messages/{message['id']}").json()["deleted_by"] == "moderator"


async def test_reactions_are_counted_in_order_of_first_use(talk: Talk) -> None:
    one, other, _, message = talk
    async with one.socket() as left, other.socket() as right:
        for socket, emoji in ((right, "👍"), (left, "❤️"), (left, "👍")):
            await socket.data("react", message=message["id"], emoji=emoji, on=True)
        event = await right.hear(lambda frame: frame["type"] == "message_updated" and frame["seq"] == 4)
        assert event["message"]["reactions"] == [
            {"emoji": "👍", "count": 2, "users": [other.id, one.id]},
            {"emoji": "❤️", "count": 1, "users": [one.id]},
        ]
        same = await left.data("react", message=message["id"], emoji="👍", on=True)
        assert same["message"]["changed_seq"] == 4, "what is so already takes no number"
        await left.data("react", message=message["id"], emoji="❤️", on=False)
    assert one.get(f"messages/{message['id']}")["reactions"] == [
        {"emoji": "👍", "count": 2, "users": [other.id, one.id]}
    ]
    named = one.get(f"messages/{message['id']}/reactions")
    assert [entry["user"] for entry in named["reactions"]] == [other.id, one.id]
    assert {user["id"] for user in named["users"]} == {one.id, other.id}


@pytest.mark.parametrize("emoji", ["", "x", "👍👍", "❤", "<3", ":)", "👍 ", "a" * 41])
def test_what_is_not_one_whole_emoji_is_no_reaction(talk: Talk, emoji: str) -> None:
    one, _, _, message = talk
    answer = one.call("PUT", f"messages/{message['id']}/reactions/{quote(emoji, safe='')}")
    assert answer.status_code in {400, 404}
    assert query(Reaction.objects.count) == 0


def test_the_twenty_first_emoji_is_refused(talk: Talk) -> None:
    one, _, _, message = talk
    faces = [chr(0x1F600 + number) for number in range(21)]
    codes = [one.call("PUT", f"messages/{message['id']}/reactions/{quote(face)}").status_code for face in faces]
    assert codes == [200] * 20 + [409]


@pytest.mark.parametrize("act", ["edit", "delete", "react", "reactions"])
def test_a_stranger_finds_no_message_to_change(talk: Talk, yao: User, sign_in: SignIn, act: str) -> None:
    one, _, conversation, message = talk
    stranger, path = sign_in(yao), f"messages/{message['id']}"
    answer = {
        "edit": lambda: stranger.call("PATCH", path, {"text": "x"}),
        "delete": lambda: stranger.call("DELETE", path),
        "react": lambda: stranger.call("PUT", f"{path}/reactions/{quote('👍')}"),
        "reactions": lambda: stranger.call("GET", f"{path}/reactions"),
    }[act]()
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert one.get(path) == message
    assert one.get(f"conversations/{conversation}")["conversation"]["seq"] == 1


async def test_edits_and_sends_at_once_leave_no_hole(talk: Talk) -> None:
    one, other, conversation, message = talk
    async with one.socket() as left, other.socket() as right:
        numbers = []
        for number in range(12):
            numbers.append(await left.post("edit_message", message=message["id"], text=f"Version {number}"))
            await right.post("send_message", conversation=conversation, client_id=str(uuid4()), text=f"Nr {number}")
        await right.hear(lambda frame: frame.get("seq") == 25 and frame["type"] != "reply")
        seqs = [frame["seq"] for frame in right.heard if frame["type"] in {"new_message", "message_updated", "changes"}]
        assert seqs == sorted(seqs)
        assert seqs[-1] == 25
    assert one.get(f"conversations/{conversation}")["conversation"]["seq"] == 25
