"""delivery: cookie. What a browser holds, no script reads; what a browser sends, only our own page may use."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from planb.accounts.models import Session, User
from tests.accounts.conftest import COOKIE, PASSWORD, Api, error

pytestmark = pytest.mark.django_db

SIGN_IN = {"username": "alice", "password": PASSWORD, "delivery": "cookie"}
JOIN = {
    "username": "zoe",
    "password": "a long enough phrase",
    "display_name": "Zoé",
    "delivery": "cookie",
}


@pytest.fixture
def page(api: Api, alice: User) -> Api:
    """A browser that is signed in."""
    answer = api.from_page("auth/token", SIGN_IN)
    assert answer.status_code == 200, answer.content
    return api


@pytest.mark.parametrize(("path", "body", "status"), [("auth/token", SIGN_IN, 200), ("auth/register", JOIN, 201)])
def test_the_refresh_token_is_in_the_cookie_alone(
    api: Api, alice: User, path: str, body: dict[str, str], status: int
) -> None:
    answer = api.from_page(path, body)

    assert answer.status_code == status
    assert set(answer.json()) == {"access", "expires_at", "session"}
    cookie = answer.cookies[COOKIE]
    assert cookie.value.count(".") == 2
    assert cookie.value.encode() not in answer.content
    assert cookie["secure"] and cookie["httponly"]
    assert cookie["samesite"] == "Strict"
    assert cookie["path"] == "/" and not cookie["domain"]
    assert 29 * 86_400 < int(cookie["max-age"]) <= 30 * 86_400


def test_a_refresh_by_cookie_answers_by_cookie(page: Api) -> None:
    before = page.client.cookies[COOKIE].value

    answer = page.from_page("auth/token/refresh")

    assert answer.status_code == 200
    assert set(answer.json()) == {"access", "expires_at", "session"}
    assert answer.cookies[COOKIE].value != before
    assert answer.headers["Cache-Control"] == "no-store"
    assert Session.objects.get().gen == 2


def test_a_refresh_by_body_leaves_the_cookie_alone(page: Api) -> None:
    other = Api().sign_in()

    answer = page.from_page("auth/token/refresh", {"refresh": other["refresh"]})

    assert answer.json()["session"] == other["session"]
    assert "refresh" in answer.json()
    assert not answer.cookies


REFUSED = [
    {"X_Requested_With": ""},
    {"X_Requested_With": "XMLHttpRequest"},
    {"Origin": ""},
    {"Origin": "null"},
    {"Origin": "https://evil.example"},
    {"Origin": "http://testserver"},
    {"Origin": "https://testserver.evil.example"},
    {"Origin": "https://testserver:444"},
    {"Origin": "https://testserver@evil.example"},
    {"Origin": "https://testserver/page"},
    {"Origin": "https://sub.testserver"},
    {"Origin": "https://[testserver"},
    {"Origin": "https://testserver:99999"},
    {"Origin": "javascript://testserver"},
]


@pytest.mark.parametrize("headers", REFUSED, ids=str)
def test_another_page_cannot_use_the_cookie(page: Api, headers: dict[str, str]) -> None:
    for path in ("auth/token/refresh", "auth/token/revoke"):
        assert error(page.from_page(path, **headers)) == (403, "forbidden")
    session = Session.objects.get()
    assert session.gen == 1 and session.revoked_at is None


@pytest.mark.parametrize("headers", REFUSED, ids=str)
def test_another_page_cannot_sign_somebody_in(api: Api, alice: User, headers: dict[str, str]) -> None:
    for path, body in (("auth/token", SIGN_IN), ("auth/register", JOIN)):
        answer = api.from_page(path, body, **headers)
        assert error(answer) == (403, "forbidden")
        assert not answer.cookies
    assert User.objects.count() == 1 and not Session.objects.exists()


@pytest.mark.parametrize("origin", ["https://testserver", "https://TESTSERVER:443", "https://app.example"])
def test_our_own_origins_may(page: Api, origin: str, settings: Any) -> None:
    settings.CHAT_ALLOWED_ORIGINS = ("https://app.example",)

    assert page.from_page("auth/token/refresh", Origin=origin).status_code == 200


def test_nonsense_in_the_settings_lets_no_nonsense_in(page: Api, settings: Any) -> None:
    settings.CHAT_ALLOWED_ORIGINS = ("null", "nonsense")

    for origin in ("null", "nonsense", ""):
        assert error(page.from_page("auth/token/refresh", Origin=origin)) == (403, "forbidden")


def test_a_useless_cookie_is_taken_away(page: Api) -> None:
    Session.objects.update(revoked_at=Session.objects.get().created_at)

    answer = page.from_page("auth/token/refresh")

    assert error(answer) == (401, "unauthenticated")
    taken = answer.cookies[COOKIE]
    assert taken.value == "" and int(taken["max-age"]) == 0
    assert taken["secure"] and taken["path"] == "/"


def test_a_refused_page_does_not_lose_its_cookie(page: Api) -> None:
    assert not page.from_page("auth/token/refresh", Origin="https://evil.example").cookies


def test_the_plain_name_is_for_a_developers_machine_alone(alice: User, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = False
    settings.HTTPS = False
    headers = {"X-Requested-With": "planb", "Origin": "http://testserver"}

    def names() -> set[str]:
        answer = Client().post("/api/v1/auth/token", SIGN_IN, content_type="application/json", headers=headers)
        return set(answer.cookies)

    settings.DEBUG = False
    assert names() == {COOKIE}
    settings.DEBUG = True
    assert names() == {"planb-refresh"}
    settings.HTTPS = True
    assert names() == {COOKIE}


def test_a_plain_cookie_is_not_read_over_tls(api: Api, alice: User) -> None:
    api.client.cookies["planb-refresh"] = api.sign_in()["refresh"]

    assert error(api.from_page("auth/token/refresh")) == (401, "unauthenticated")
    assert Session.objects.get().gen == 1
