"""GET and DELETE auth/sessions, POST auth/password"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
from django.utils import timezone

from planb.accounts.models import Session, User
from tests.accounts.conftest import PASSWORD, Api, error

pytestmark = pytest.mark.django_db(transaction=True)

Told = list[tuple[str, list[str]]]
NEW = "another horse entirely"


def living() -> set[str]:
    return {str(key) for key in Session.objects.filter(revoked_at=None).values_list("pk", flat=True)}


def test_people_see_their_own_living_sessions(api: Api, alice: User, bob: User) -> None:
    phone = Api().sign_in(client={"name": "phone", "version": "2"})
    Api().sign_in("bob")
    over, gone = (Api().sign_in()["session"] for _ in range(2))
    now = timezone.now()
    Session.objects.filter(pk=over).update(created_at=now - timedelta(days=9), expires_at=now)
    Session.objects.filter(pk=gone).update(revoked_at=now)
    here = api.sign_in()

    items = api.get("auth/sessions").json()["items"]

    assert [item["id"] for item in items] == [here["session"], phone["session"]]
    assert [item["current"] for item in items] == [True, False]
    assert items[1]["client"] == "phone 2"
    assert set(items[0]) == {
        "id",
        "device",
        "client",
        "user_agent",
        "created_at",
        "last_used_at",
        "expires_at",
        "current",
    }


def test_people_end_one_of_their_own(api: Api, alice: User, closed_sockets: Told) -> None:
    phone, here = Api().sign_in(), api.sign_in()

    for _ in range(2):
        assert api.delete(f"auth/sessions/{phone['session']}").status_code == 204

    assert living() == {here["session"]}
    assert closed_sockets == [(str(alice.pk), [phone["session"]])]


def test_a_stranger_ends_nobodys(api: Api, alice: User, bob: User, closed_sockets: Told) -> None:
    theirs, here = Api().sign_in("bob"), api.sign_in()

    for key in (theirs["session"], str(uuid4()), "nonsense", "0", "%00"):
        assert error(api.delete(f"auth/sessions/{key}")) == (404, "not_found")

    assert living() == {theirs["session"], here["session"]}
    assert not closed_sockets


def test_people_sign_out_everywhere_else(api: Api, alice: User, bob: User, closed_sockets: Told) -> None:
    theirs = Api().sign_in("bob")["session"]
    others = {Api().sign_in()["session"] for _ in range(2)}
    here = api.sign_in()["session"]

    assert api.delete("auth/sessions").status_code == 204

    assert living() == {here, theirs}
    assert [(user, set(sessions)) for user, sessions in closed_sockets] == [(str(alice.pk), others)]


@pytest.mark.parametrize(
    ("method", "path"),
    [("get", "auth/sessions"), ("delete", "auth/sessions"), ("delete", f"auth/sessions/{uuid4()}"),
     ("post", "auth/password"), ("get", "me"), ("patch", "me")],
)  # fmt: skip
def test_nobody_in_particular_gets_nothing(api: Api, alice: User, method: str, path: str) -> None:
    assert error(api.call(method, path, {})) == (401, "unauthenticated")


def test_a_new_password_ends_the_other_sessions(api: Api, alice: User, closed_sockets: Told) -> None:
    other, here = Api().sign_in()["session"], api.sign_in()["session"]

    answer = api.post("auth/password", {"old_password": PASSWORD, "new_password": NEW})

    assert answer.status_code == 204
    assert living() == {here}
    assert closed_sockets == [(str(alice.pk), [other])]
    assert error(Api().post("auth/token", {"username": "alice", "password": PASSWORD})) == (401, "unauthenticated")
    Api().sign_in(password=NEW)
    assert api.get("me").status_code == 200


@pytest.mark.parametrize(
    ("old", "new", "field"),
    [
        ("wrong", NEW, "old_password"),
        (PASSWORD, "short", "new_password"),
        (PASSWORD, "password1234", "new_password"),
        (PASSWORD, "984375982374", "new_password"),
        (PASSWORD, "alice", "new_password"),
        (PASSWORD, "", "new_password"),
        (PASSWORD, "x" * 300, "new_password"),
    ],
)
def test_a_refused_password_changes_nothing(
    api: Api, alice: User, closed_sockets: Told, old: str, new: str, field: str
) -> None:
    other, here = Api().sign_in()["session"], api.sign_in()["session"]

    answer = api.post("auth/password", {"old_password": old, "new_password": new})

    assert error(answer) == (400, "bad_request")
    assert set(answer.json()["error"]["fields"]) == {field}
    assert living() == {other, here} and not closed_sockets
    assert User.objects.get().check_password(PASSWORD)


def test_passwords_cannot_be_tried_with_a_stolen_token(api: Api, alice: User) -> None:
    api.sign_in()
    for _ in range(5):
        api.post("auth/password", {"old_password": "wrong", "new_password": NEW})

    answer = api.post("auth/password", {"old_password": PASSWORD, "new_password": NEW})

    assert error(answer) == (429, "rate_limited")
    assert User.objects.get().check_password(PASSWORD)
