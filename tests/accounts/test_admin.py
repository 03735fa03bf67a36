"""The moderators' door: /admin/accounts/"""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import Permission
from django.test import Client

from planb.accounts.models import Session, User
from tests.accounts.conftest import PASSWORD, Api

pytestmark = pytest.mark.django_db(transaction=True)

Told = list[tuple[str, list[str]]]


@pytest.fixture
def modou(db: None) -> User:
    return User.objects.create_superuser("modou", password=PASSWORD, display_name="Modou")


@pytest.fixture
def desk(modou: User, settings: Any) -> Client:
    """Modou's browser."""
    settings.SECURE_SSL_REDIRECT = False
    client = Client()
    client.force_login(modou)
    return client


def test_it_shows_people_and_sessions(desk: Client, api: Api, alice: User) -> None:
    session = api.sign_in()["session"]

    assert b"Alice Kon" in desk.get("/admin/accounts/user/?q=alice").content
    assert desk.get(f"/admin/accounts/user/{alice.pk}/change/").status_code == 200
    assert b"Alice Kon" in desk.get("/admin/accounts/session/").content
    assert desk.get(f"/admin/accounts/session/{session}/change/").status_code == 200


def test_it_adds_a_person(desk: Client) -> None:
    form = {"username": "zoe", "display_name": " Zoé ", "usable_password": "true"}
    phrase = "a long enough phrase"

    answer = desk.post("/admin/accounts/user/add/", {**form, "password1": phrase, "password2": phrase})

    assert answer.status_code == 302, answer.content
    assert User.objects.get(username="zoe").display_name == "Zoé"


@pytest.mark.parametrize("change", [{"username": "ALICE"}, {"display_name": "\u200b"}])
def test_it_adds_no_second_or_nameless_person(desk: Client, alice: User, change: dict[str, str]) -> None:
    form = {"username": "zoe", "display_name": "Zoé", "usable_password": "true"} | change
    phrase = "a long enough phrase"

    answer = desk.post("/admin/accounts/user/add/", {**form, "password1": phrase, "password2": phrase})

    assert answer.status_code == 200 and b"errorlist" in answer.content
    assert User.objects.count() == 2


def test_sessions_are_ended_and_not_changed(
    desk: Client, api: Api, alice: User, bob: User, closed_sockets: Told
) -> None:
    ended, kept = api.sign_in()["session"], Api().sign_in("bob")["session"]

    answer = desk.post("/admin/accounts/session/", {"action": "end_sessions", "_selected_action": [ended]})

    assert answer.status_code == 302
    assert Session.objects.get(revoked_at=None).pk.hex == kept.replace("-", "")
    assert closed_sockets == [(str(alice.pk), [ended])]
    assert desk.post(f"/admin/accounts/session/{kept}/change/", {"gen": 9}).status_code == 403
    assert desk.post(f"/admin/accounts/session/{kept}/delete/", {"post": "yes"}).status_code == 403
    assert desk.get("/admin/accounts/session/add/").status_code == 403


def test_who_may_only_look_ends_nothing(api: Api, alice: User, modou: User, desk: Client) -> None:
    session = api.sign_in()["session"]
    User.objects.filter(pk=modou.pk).update(is_superuser=False)
    modou.user_permissions.set(Permission.objects.filter(codename="view_session"))

    desk.post("/admin/accounts/session/", {"action": "end_sessions", "_selected_action": [session]})

    assert Session.objects.get().revoked_at is None


def test_a_closed_account_loses_its_sessions(desk: Client, api: Api, alice: User, closed_sockets: Told) -> None:
    session = api.sign_in()["session"]
    form = {"username": "alice", "display_name": "Alice Koné", "email": ""}

    assert desk.post(f"/admin/accounts/user/{alice.pk}/change/", {**form, "is_active": "on"}).status_code == 302
    assert not closed_sockets
    assert desk.post(f"/admin/accounts/user/{alice.pk}/change/", form).status_code == 302

    assert User.objects.get(pk=alice.pk).is_active is False
    assert closed_sockets == [(str(alice.pk), [session])]


def test_a_password_set_by_a_moderator_ends_the_sessions(
    desk: Client, api: Api, alice: User, closed_sockets: Told
) -> None:
    session = api.sign_in()["session"]
    phrase = "another horse entirely"

    answer = desk.post(
        f"/admin/accounts/user/{alice.pk}/password/",
        {"usable_password": "true", "password1": phrase, "password2": phrase, "set-password": "1"},
    )

    assert answer.status_code == 302, answer.content
    assert User.objects.get(pk=alice.pk).check_password(phrase)
    assert closed_sockets == [(str(alice.pk), [session])]


def test_nobody_is_deleted_in_passing(desk: Client, alice: User) -> None:
    assert desk.post(f"/admin/accounts/user/{alice.pk}/delete/", {"post": "yes"}).status_code == 403
    assert User.objects.filter(pk=alice.pk).exists()


def test_the_sixth_try_at_the_admins_login_is_refused_even_with_the_right_password(modou: User, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = False
    browser = Client()
    for _ in range(5):
        assert b"Too many tries" not in browser.post("/admin/login/", {"username": "modou", "password": "no"}).content
    refused = browser.post("/admin/login/", {"username": "modou", "password": PASSWORD})
    assert b"Too many tries" in refused.content
    assert "_auth_user_id" not in browser.session


def test_staff_sign_in_to_the_admin_with_the_right_password(modou: User, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = False
    browser = Client()
    assert browser.post("/admin/login/?next=/admin/", {"username": "modou", "password": PASSWORD}).status_code == 302
    assert browser.session["_auth_user_id"] == str(modou.pk)


def test_a_name_or_account_that_a_moderator_changes_is_told(
    desk: Client, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    told: list[Any] = []
    monkeypatch.setattr("chat.broadcast.send", told.extend)
    page = f"/admin/accounts/user/{alice.pk}/change/"
    form = {"username": "alice", "display_name": "Alice K.", "email": "", "is_active": "on"}

    assert desk.post(page, form).status_code == 302
    assert desk.post(page, form | {"email": "alice@example.org"}).status_code == 302
    assert [event.user.display_name for event in told] == ["Alice K."], "her address is nobody's business"

    assert desk.post(page, {**form, "is_active": ""}).status_code == 302
    assert [event.user.deleted for event in told if hasattr(event.user, "deleted")] == [False, True]
