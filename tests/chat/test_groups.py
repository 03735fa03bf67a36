"""Groups: who lets whom in and out, what each change tells, and what a removed person still hears: nothing."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest

from chat.models import Participant
from planb.accounts.models import User
from tests.people import Person, query

SignIn = Callable[[User], Person]


@pytest.fixture
def cast(make_user: Callable[[str], User], sign_in: SignIn) -> dict[str, Person]:
    return {name: sign_in(make_user(name)) for name in ("awa", "koffi", "fatou", "yao")}


@pytest.fixture
def group(cast: dict[str, Person]) -> str:
    """Awa owns it, Koffi and Fatou take part, Yao is a stranger."""
    return cast["awa"].talk_to(cast["koffi"], cast["fatou"], title="Vélo")


def roles(person: Person, group: str) -> dict[str, str]:
    page = person.get(f"conversations/{group}/participants")
    names = {user["id"]: user["display_name"].lower() for user in page["users"]}
    return {names[entry["user"]]: entry["role"] for entry in page["participants"]}


async def test_an_addition_reaches_every_device_of_the_added_person(cast: dict[str, Person], group: str) -> None:
    awa, koffi, yao = cast["awa"], cast["koffi"], cast["yao"]
    awa.send(group, "Avant")
    async with koffi.socket() as member, yao.socket() as phone, yao.socket() as laptop:
        answer = awa.post(f"conversations/{group}/participants", {"users": [yao.id]})
        assert answer["conversation"]["participant_count"] == 4
        event = await member.hear("conversation_updated")
        assert (event["seq"], event["state"]["changed_seq"], event["message"]["seq"]) == (2, 2, 2)
        assert event["message"]["data"] == {"event": "participants_added", "actor": awa.id, "users": [yao.id]}
        assert event["message"]["sender"] is None
        for socket in (phone, laptop):
            assert (await socket.hear("conversation_added"))["state"]["seq"] == 2
        koffi.send(group, "Bienvenue")
        for socket in (phone, laptop):
            assert (await socket.message("Bienvenue"))["seq"] == 3
    texts = [message["text"] for message in yao.get(f"conversations/{group}/messages")["messages"]]
    assert texts == ["Avant", "", "Bienvenue"], "members see the whole history"


async def test_a_removed_person_hears_nothing_after_the_removal(cast: dict[str, Person], group: str) -> None:
    awa, koffi, fatou = cast["awa"], cast["koffi"], cast["fatou"]
    async with koffi.socket() as gone, fatou.socket() as stays:
        assert awa.call("DELETE", f"conversations/{group}/participants/{koffi.id}").status_code == 204
        awa.send(group, "Entre nous")
        await stays.message("Entre nous")
        removed = await gone.hear("conversation_removed")
        assert (removed["conversation"], removed["reason"]) == (group, "removed")
        # A round trip after the others heard it: whatever was under way has come.
        refused = await gone.ask("send_message", conversation=group, client_id=str(uuid4()), text="Et moi ?")
        assert refused["error"]["code"] == "not_found"
        await stays.data("typing", conversation=group, active=True, kind="text")
        await gone.data("ping")
        later = [frame for frame in gone.heard if frame.get("conversation") == group and frame.get("seq", 0) > 1]
        assert later == []
        assert gone.events("typing") == []
    assert koffi.call("GET", f"conversations/{group}/messages").status_code == 404
    assert koffi.get("inbox?after=0")["removed"] == [group]
    assert koffi.get("conversations")["items"] == []
    async with koffi.socket() as again:
        assert again.ready["positions"] == {}


async def test_a_former_member_comes_back_with_what_was_read(cast: dict[str, Person], group: str) -> None:
    awa, koffi = cast["awa"], cast["koffi"]
    awa.send(group, "Un")
    koffi.post(f"conversations/{group}/read", {"seq": 1})
    async with koffi.socket() as socket:
        awa.call("DELETE", f"conversations/{group}/participants/{koffi.id}")
        await socket.hear("conversation_removed")
        awa.post(f"conversations/{group}/participants", {"users": [koffi.id]})
        added = await socket.hear("conversation_added")
        assert added["mine"]["read_seq"] == 1
        assert added["inbox_seq"] > (await socket.hear("conversation_removed"))["inbox_seq"]
        awa.send(group, "Re-bonjour")
        await socket.message("Re-bonjour")
    assert koffi.get("inbox?after=0")["removed"] == []


def test_the_last_owner_who_leaves_hands_the_group_over(cast: dict[str, Person], group: str) -> None:
    awa, koffi, fatou = cast["awa"], cast["koffi"], cast["fatou"]
    awa.call("PATCH", f"conversations/{group}/participants/{fatou.id}", {"role": "admin"})
    assert awa.call("DELETE", f"conversations/{group}/participants/{awa.id}").status_code == 204
    assert roles(fatou, group) == {"koffi": "member", "fatou": "owner"}, "the admin comes before who joined first"
    last = fatou.get(f"conversations/{group}/messages")["messages"][-1]
    assert last["data"] == {"event": "participant_left", "actor": awa.id, "users": [awa.id], "owner": fatou.id}
    fatou.call("DELETE", f"conversations/{group}/participants/{fatou.id}")
    assert roles(koffi, group) == {"koffi": "owner"}
    assert koffi.call("DELETE", f"conversations/{group}/participants/{koffi.id}").status_code == 204
    assert query(lambda: Participant.objects.filter(conversation=group, removed_at=None).count()) == 0


def test_an_owner_who_gives_up_the_role_must_name_another_first(cast: dict[str, Person], group: str) -> None:
    awa, koffi = cast["awa"], cast["koffi"]
    path = f"conversations/{group}/participants"
    assert awa.call("PATCH", f"{path}/{awa.id}", {"role": "member"}).json()["error"]["code"] == "conflict"
    awa.call("PATCH", f"{path}/{koffi.id}", {"role": "owner"})
    assert awa.call("PATCH", f"{path}/{awa.id}", {"role": "member"}).status_code == 200
    assert roles(awa, group) == {"awa": "member", "koffi": "owner", "fatou": "member"}


Act = Callable[[dict[str, Person], str, Person], Any]
ACTS: dict[str, Act] = {
    "add": lambda cast, group, who: who.call(
        "POST", f"conversations/{group}/participants", {"users": [cast["yao"].id]}
    ),
    "remove": lambda cast, group, who: who.call("DELETE", f"conversations/{group}/participants/{cast['fatou'].id}"),
    "role": lambda cast, group, who: who.call(
        "PATCH", f"conversations/{group}/participants/{cast['fatou'].id}", {"role": "admin"}
    ),
    "title": lambda cast, group, who: who.call("PATCH", f"conversations/{group}", {"title": "Autre"}),
}


@pytest.mark.parametrize("act", ACTS)
def test_members_run_nothing_and_strangers_find_nothing(cast: dict[str, Person], group: str, act: str) -> None:
    before = cast["awa"].get(f"conversations/{group}")["conversation"]
    assert ACTS[act](cast, group, cast["koffi"]).status_code == 403
    assert ACTS[act](cast, group, cast["yao"]).status_code == 404
    assert cast["awa"].get(f"conversations/{group}")["conversation"] == before


@pytest.mark.parametrize("act", [act for act in ACTS if act != "role"])
def test_an_admin_runs_the_group(cast: dict[str, Person], group: str, act: str) -> None:
    cast["awa"].call("PATCH", f"conversations/{group}/participants/{cast['koffi'].id}", {"role": "admin"})
    assert ACTS[act](cast, group, cast["koffi"]).status_code in {200, 204}


def test_an_admin_neither_removes_the_owner_nor_gives_roles(cast: dict[str, Person], group: str) -> None:
    awa, koffi = cast["awa"], cast["koffi"]
    awa.call("PATCH", f"conversations/{group}/participants/{koffi.id}", {"role": "admin"})
    assert koffi.call("DELETE", f"conversations/{group}/participants/{awa.id}").status_code == 403
    assert koffi.call("PATCH", f"conversations/{group}/participants/{koffi.id}", {"role": "owner"}).status_code == 403
    assert roles(awa, group)["awa"] == "owner"


async def test_a_new_title_is_one_change_with_its_line(cast: dict[str, Person], group: str) -> None:
    async with cast["koffi"].socket() as member:
        answer = cast["awa"].call("PATCH", f"conversations/{group}", {"title": "Vélo Cocody"})
        assert answer.json()["conversation"]["title"] == "Vélo Cocody"
        event = await member.hear("conversation_updated")
        assert (event["seq"], event["message"]["seq"], event["state"]["title"]) == (1, 1, "Vélo Cocody")
    again = cast["awa"].call("PATCH", f"conversations/{group}", {"title": "Vélo Cocody"})
    assert again.json()["conversation"]["seq"] == 1, "what is so already takes no number"


def test_nobody_joins_leaves_or_names_a_direct_conversation(cast: dict[str, Person]) -> None:
    awa, koffi = cast["awa"], cast["koffi"]
    direct = awa.talk_to(koffi, message={"client_id": str(uuid4()), "text": "Bonjour"})
    path = f"conversations/{direct}/participants"
    assert awa.call("POST", path, {"users": [cast["yao"].id]}).status_code == 403
    assert awa.call("DELETE", f"{path}/{awa.id}").status_code == 403
    assert awa.call("PATCH", f"conversations/{direct}", {"title": "Nous"}).status_code == 400
    assert koffi.get(f"conversations/{direct}")["conversation"]["participant_count"] == 2
