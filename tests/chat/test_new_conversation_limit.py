"""Young accounts start few conversations with strangers; what is there already, and friends, cost nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import uuid4

from django.utils import timezone

from planb.accounts.models import User
from tests.people import Person, query

SignIn = Callable[[User], Person]
MakeUser = Callable[[str], User]


def open_with(person: Person, other: User, **fields: object) -> int:
    body = {"client_id": str(uuid4()), "kind": "direct", "users": [str(other.pk)], **fields}
    return person.call("POST", "conversations", body).status_code


def test_the_eleventh_stranger_of_an_hour_is_refused_to_a_young_account(
    make_user: MakeUser, awa: User, sign_in: SignIn
) -> None:
    person = sign_in(awa)
    strangers = [make_user(f"person{number}") for number in range(11)]
    assert [open_with(person, other) for other in strangers] == [201] * 10 + [429]
    assert len(person.get("conversations")["items"]) == 10, "nothing was half-written"
    assert open_with(person, strangers[0]) == 200, "what is there already is not a new one"
    known = person.get("conversations")["items"][-1]["conversation"]
    person.send(known["id"], "Bonjour")
    subject = {"type": "listing", "id": "velo-ville"}
    assert open_with(person, strangers[0], subject=subject) == 201, "nor is somebody known a stranger"


def test_an_older_account_is_not_counted(make_user: MakeUser, awa: User, sign_in: SignIn) -> None:
    query(lambda: User.objects.filter(pk=awa.pk).update(date_joined=timezone.now() - timedelta(days=8)))
    person = sign_in(awa)
    assert [open_with(person, make_user(f"person{number}")) for number in range(12)] == [201] * 12
