"""POST auth/register and GET, PATCH me"""

from __future__ import annotations

import threading
from typing import Any

import pytest
from django.db import IntegrityError, connection, transaction

from chat.exceptions import Conflict
from planb.accounts import services
from planb.accounts.models import Session, User
from planb.accounts.services.sessions import Device
from tests.accounts.conftest import PASSWORD, Api, error

pytestmark = pytest.mark.django_db

PHRASE = "a long enough phrase"
JOIN = {"username": "zoe", "password": PHRASE, "display_name": "Zoé"}


def test_a_new_person_is_signed_in(api: Api) -> None:
    answer = api.post("auth/register", JOIN)

    assert answer.status_code == 201
    assert set(answer.json()) == {"access", "expires_at", "session", "refresh"}
    assert answer.headers["Cache-Control"] == "no-store"
    user = User.objects.get()
    assert (user.username, user.display_name) == ("zoe", "Zoé")
    assert user.check_password(PHRASE)
    assert not user.is_staff and not user.is_superuser
    assert user.pk.version == 7
    api.access = answer.json()["access"]
    assert api.get("me").json() == {
        "id": str(user.pk),
        "display_name": "Zoé",
        "avatar": None,
        "deleted": False,
        "ext": {},
    }


def test_nobody_makes_themselves_staff(api: Api) -> None:
    api.post("auth/register", {**JOIN, "is_staff": True, "is_superuser": True, "id": "x"})

    user = User.objects.get()
    assert not user.is_staff and not user.is_superuser


@pytest.mark.parametrize("name", ["alice", "ALICE", "Alice", "ａｌｉｃｅ"])
def test_a_name_is_taken_in_any_case_and_width(api: Api, alice: User, name: str) -> None:
    answer = api.post("auth/register", {**JOIN, "username": name})

    assert error(answer) == (409, "conflict")
    assert set(answer.json()["error"]["fields"]) == {"username"}
    assert User.objects.count() == 1 and not Session.objects.exists()


@pytest.mark.parametrize("name", ["a b", "a/b", "<b>", "a\nb", "x" * 151, "", "\u202eevil"])
def test_a_name_must_be_one(api: Api, name: str) -> None:
    answer = api.post("auth/register", {**JOIN, "username": name})

    assert error(answer) == (400, "bad_request")
    assert set(answer.json()["error"]["fields"]) == {"username"}
    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["7hZ!q", "password1234", "847593847593", "zoe", "", "x" * 300])
def test_a_weak_password_is_refused(api: Api, password: str) -> None:
    answer = api.post("auth/register", {**JOIN, "password": password})

    assert error(answer) == (400, "bad_request")
    assert set(answer.json()["error"]["fields"]) == {"password"}
    assert not password or password.encode() not in answer.content
    assert not User.objects.exists()


BLANK = ["", "   ", "\n", "\u200b", "\u200d\u200d", "\u2066", "Za\u202eyo", "a\x07b", "x" * 81, "\ufe0f", "\ue000"]


@pytest.mark.parametrize("name", BLANK, ids=ascii)
def test_a_display_name_shows_something(api: Api, alice: User, name: str) -> None:
    answer = api.post("auth/register", {**JOIN, "display_name": name})
    assert error(answer) == (400, "bad_request")
    assert set(answer.json()["error"]["fields"]) == {"display_name"}
    assert User.objects.count() == 1

    api.sign_in()
    assert error(api.patch("me", {"display_name": name})) == (400, "bad_request")
    assert User.objects.get().display_name == "Alice Koné"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("  Zo\u0065\u0301  \t Kouassi ", "Zoé Kouassi"),
        ("x" * 80, "x" * 80),
        ("👩🏽\u200d🔬", "👩🏽\u200d🔬"),
        ("李", "李"),
    ],
)
def test_a_display_name_is_kept_in_one_spelling(api: Api, alice: User, given: str, kept: str) -> None:
    api.sign_in()

    assert api.patch("me", {"display_name": given}).json()["display_name"] == kept
    assert User.objects.get().display_name == kept


def test_what_is_absent_stays(api: Api, alice: User) -> None:
    api.sign_in()

    assert api.patch("me", {}).json()["display_name"] == "Alice Koné"
    assert error(api.patch("me", {"display_name": None})) == (400, "bad_request")
    assert api.patch("me", {"username": "root", "is_staff": True}).status_code == 200
    user = User.objects.get()
    assert (user.username, user.is_staff, user.display_name) == ("alice", False, "Alice Koné")


def test_closed_registration_lets_nobody_in(api: Api, settings: Any) -> None:
    settings.REGISTRATION_OPEN = False

    assert error(api.post("auth/register", JOIN)) == (403, "forbidden")
    assert not User.objects.exists()


def test_three_an_hour_from_an_address(api: Api, alice: User) -> None:
    for number in range(3):
        assert api.post("auth/register", {**JOIN, "username": f"zoe{number}"}).status_code == 201

    answer = api.post("auth/register", {**JOIN, "username": "zoe3"})

    assert error(answer) == (429, "rate_limited")
    assert User.objects.count() == 4
    # Nor does it tell any more whether a name is taken.
    assert error(api.post("auth/register", {**JOIN, "username": "alice"})) == (429, "rate_limited")


def test_a_mistyped_form_costs_no_registration(api: Api) -> None:
    for _ in range(5):
        assert error(api.post("auth/register", {**JOIN, "password": "short"})) == (400, "bad_request")

    assert api.post("auth/register", JOIN).status_code == 201


@pytest.mark.django_db(transaction=True)
def test_eight_at_once_make_one_person(settings: Any) -> None:
    settings.CHAT_LIMITS = {"register": None}
    barrier = threading.Barrier(8)
    outcomes: list[str] = []

    def join(number: int) -> None:
        barrier.wait()
        try:
            services.register(
                username="zoe" if number % 2 else "ZOE",
                password=PHRASE,
                display_name="Zoé",
                address="127.0.0.1",
                device=Device(),
            )
            outcomes.append("made")
        except Conflict as refused:
            outcomes.append(",".join(refused.fields or {}))
        finally:
            connection.close()

    threads = [threading.Thread(target=join, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == ["made"] + ["username"] * 7
    assert User.objects.count() == Session.objects.count() == 1


class TestWhatTheDatabaseHolds:
    def test_a_name_in_another_case_is_refused(self, alice: User) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.create_user("ALICE", password=PASSWORD)

    @pytest.mark.parametrize("name", ["", "  ", "\n\t"])
    def test_a_blank_display_name_is_refused(self, name: str, alice: User) -> None:
        with pytest.raises(IntegrityError), transaction.atomic():
            User.objects.update(display_name=name)

    @pytest.mark.parametrize(
        "change", [{"gen": 0}, {"gen": 2}, {"gen_seen": False}, {"expires_at": "2001-01-01T00:00:00Z"}], ids=str
    )
    def test_an_impossible_session_is_refused(self, api: Api, alice: User, change: dict[str, Any]) -> None:
        api.sign_in()
        with pytest.raises(IntegrityError), transaction.atomic():
            Session.objects.update(**change)

    def test_a_person_with_sessions_is_not_deleted_in_passing(self, api: Api, alice: User) -> None:
        api.sign_in()
        with pytest.raises(Exception, match="protected"):
            alice.delete()

    def test_a_person_is_named_after_their_username_unless_said_otherwise(self, db: None) -> None:
        assert User.objects.create_user("kofi").display_name == "kofi"
