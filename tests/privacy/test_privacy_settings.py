"""`me/privacy`: nothing is hidden until somebody says so, and only they can say it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from chat.models import Privacy
from planb.accounts.models import User
from tests.people import Person, query
from tests.privacy.conftest import hide

SignIn = Callable[[User], Person]
NOTHING = {"hide_last_seen": False, "hide_typing": False, "private_receipts": False}


def test_nothing_is_hidden_at_first(awa: User, sign_in: SignIn) -> None:
    assert sign_in(awa).get("me/privacy") == NOTHING


def test_what_is_given_changes_and_the_rest_stays(awa: User, koffi: User, sign_in: SignIn) -> None:
    one, other = sign_in(awa), sign_in(koffi)
    hide(one, hide_typing=True)
    hide(one, private_receipts=True)
    assert one.get("me/privacy") == NOTHING | {"hide_typing": True, "private_receipts": True}
    hide(one, hide_typing=False)
    assert one.get("me/privacy") == NOTHING | {"private_receipts": True}
    assert one.call("PATCH", "me/privacy", {}).json() == NOTHING | {"private_receipts": True}
    assert other.get("me/privacy") == NOTHING


@pytest.mark.parametrize("body", [{"hide_typing": None}, {"hide_typing": "yes"}, {"private_receipts": 1}, [], "x"])
def test_what_is_no_setting_is_refused_and_changes_nothing(body: Any, awa: User, sign_in: SignIn) -> None:
    one = sign_in(awa)
    answer = one.call("PATCH", "me/privacy", body)
    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "bad_request")
    assert query(Privacy.objects.count) == 0


def test_the_same_again_tells_nobody(awa: User, sign_in: SignIn, monkeypatch: pytest.MonkeyPatch) -> None:
    from chat import wire
    from chat.services import privacy

    told: list[Any] = []
    monkeypatch.setattr("chat.broadcast.send", told.extend)
    privacy.update_privacy(user=awa, command=wire.UpdatePrivacy(hide_typing=True))
    assert [event.lacking for event in told] == [["typing"]]
    told.clear()
    privacy.update_privacy(user=awa, command=wire.UpdatePrivacy(hide_typing=True))
    privacy.update_privacy(user=awa, command=wire.UpdatePrivacy())
    assert told == []
