"""`GET presence?users=`: the same people as on a socket."""

from __future__ import annotations

from collections.abc import Callable
from uuid import uuid4

from planb.accounts.models import User
from tests.people import Person
from tests.presence.conftest import until

SignIn = Callable[[User], Person]
OFFLINE = {"state": "offline", "last_seen": None}
ONLINE = {"state": "online", "last_seen": None}


def talk(one: Person, other: Person) -> None:
    one.talk_to(other, message={"client_id": str(uuid4()), "text": "Bonjour"})


async def online(one: Person, other: Person) -> bool:
    found: dict[str, dict[str, str]] = one.get(f"presence?users={other.id}")["presence"]
    return found[other.id]["state"] == "online"


async def test_it_tells_how_people_are(awa: User, koffi: User, sign_in: SignIn) -> None:
    one, other = sign_in(awa), sign_in(koffi)
    talk(one, other)
    async with other.socket():
        await until(lambda: online(one, other))
        assert one.get(f"presence?users={one.id},{other.id}") == {
            "presence": {one.id: OFFLINE, other.id: ONLINE},
        }


async def test_strangers_are_absent(awa: User, koffi: User, yao: User, sign_in: SignIn) -> None:
    one, other, stranger = sign_in(awa), sign_in(koffi), sign_in(yao)
    talk(one, other)
    async with one.socket():
        await until(lambda: online(other, one))
        assert stranger.get(f"presence?users={one.id},{other.id},{uuid4()},%00,told") == {"presence": {}}


def test_it_asks_who_is_asking(awa: User, sign_in: SignIn) -> None:
    one = sign_in(awa)
    answer = one.call("GET", f"presence?users={one.id}", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 401
    assert answer.json()["error"]["code"] == "unauthenticated"


def test_it_refuses_none_and_too_many(awa: User, sign_in: SignIn) -> None:
    one = sign_in(awa)
    for query in ("", "?users=", "?users=,,", f"?users={','.join(['7'] * 201)}"):
        answer = one.call("GET", f"presence{query}")
        assert answer.status_code == 400
        assert "users" in answer.json()["error"]["fields"]


def test_nobody_else_may_keep_the_answer(awa: User, sign_in: SignIn) -> None:
    one = sign_in(awa)
    assert one.call("GET", f"presence?users={one.id}").headers["Cache-Control"] == "no-store"
