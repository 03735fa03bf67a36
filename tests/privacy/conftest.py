"""People who know each other: Awa, Koffi and Fatou in a group of their own, and Awa with Koffi alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from planb.accounts.models import User
from tests.people import Person

SignIn = Callable[[User], Person]


@dataclass
class Circle:
    awa: Person
    koffi: Person
    fatou: Person
    direct: str
    group: str


@pytest.fixture
def circle(make_user: Callable[[str], User], sign_in: SignIn) -> Circle:
    awa, koffi, fatou = (sign_in(make_user(name)) for name in ("awa", "koffi", "fatou"))
    direct = awa.talk_to(koffi, message={"client_id": "01900000-0000-7000-8000-000000000001", "text": "Bonjour"})
    return Circle(awa, koffi, fatou, direct, awa.talk_to(koffi, fatou, title="Vélo"))


def hide(person: Person, **what: bool) -> None:
    answer = person.call("PATCH", "me/privacy", what)
    assert answer.status_code == 200, answer.text
    assert answer.json().items() >= what.items()
