"""POST auth/token/revoke"""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from planb.accounts.models import Session, User
from tests.accounts.conftest import COOKIE, PASSWORD, Api, error

pytestmark = pytest.mark.django_db(transaction=True)

REVOKE = "auth/token/revoke"
Told = list[tuple[str, list[str]]]


def ended(session: str) -> bool:
    return Session.objects.get(pk=session).revoked_at is not None


def test_a_refresh_token_ends_its_session(api: Api, alice: User, closed_sockets: Told) -> None:
    here, there = api.sign_in(), Api().sign_in()
    api.access = None

    answer = api.post(REVOKE, {"refresh": here["refresh"]})

    assert answer.status_code == 204 and answer.content == b""
    assert ended(here["session"]) and not ended(there["session"])
    assert closed_sockets == [(str(alice.pk), [here["session"]])]
    assert error(api.get("me", Authorization=f"Bearer {here['access']}")) == (401, "unauthenticated")
    assert error(api.post("auth/token/refresh", {"refresh": here["refresh"]})) == (401, "unauthenticated")


def test_the_access_token_alone_ends_it(api: Api, alice: User, closed_sockets: Told) -> None:
    session = api.sign_in()["session"]

    assert api.post(REVOKE).status_code == 204

    assert ended(session)
    assert closed_sockets == [(str(alice.pk), [session])]


def test_the_cookie_ends_it_and_goes(api: Api, alice: User) -> None:
    body = {"username": "alice", "password": PASSWORD, "delivery": "cookie"}
    session = api.from_page("auth/token", body).json()["session"]

    answer = api.from_page(REVOKE)

    assert answer.status_code == 204
    assert ended(session)
    assert answer.cookies[COOKIE].value == "" and int(answer.cookies[COOKIE]["max-age"]) == 0


def test_a_spent_refresh_token_ends_it_too(api: Api, alice: User) -> None:
    data = api.sign_in()
    api.post("auth/token/refresh", {"refresh": data["refresh"]})
    api.access = None

    assert api.post(REVOKE, {"refresh": data["refresh"]}).status_code == 204
    assert ended(data["session"])


def test_again_is_no_error_and_tells_nobody(api: Api, alice: User, closed_sockets: Told) -> None:
    refresh = api.sign_in()["refresh"]
    for _ in range(2):
        assert api.post(REVOKE).status_code == 204
    api.access = None
    for _ in range(2):
        assert api.post(REVOKE, {"refresh": refresh}).status_code == 204

    assert len(closed_sockets) == 1


@pytest.mark.parametrize("token", ["", "nonsense", "a.b.c", "é"])
def test_a_token_of_no_session_is_no_error(api: Api, alice: User, token: str, closed_sockets: Told) -> None:
    session = api.sign_in()["session"]
    api.access = None

    assert api.post(REVOKE, {"refresh": token}).status_code == 204
    assert not ended(session) and not closed_sockets


def test_a_bad_access_token_ends_nothing(api: Api, alice: User, closed_sockets: Told) -> None:
    session = api.sign_in()["session"]
    api.access = "nonsense"

    assert error(api.post(REVOKE)) == (401, "unauthenticated")
    assert not ended(session) and not closed_sockets


def test_nobody_in_particular_ends_nothing(api: Api, alice: User) -> None:
    session = api.sign_in()["session"]
    api.access = None

    assert error(api.post(REVOKE)) == (401, "unauthenticated")
    assert not ended(session)


def test_a_hub_that_cannot_be_told_does_not_keep_a_session_alive(
    api: Api, alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(user: str, sessions: list[str]) -> None:
        raise RuntimeError

    monkeypatch.setattr("chat.broadcast.end_sessions", broken)
    session = api.sign_in()["session"]

    assert api.post(REVOKE).status_code == 204
    assert ended(session)


def test_old_sessions_are_pruned_a_month_after_their_end(alice: User) -> None:
    from planb.accounts.tasks import prune_sessions

    now = timezone.now()
    start = now - timedelta(days=100)

    def made(**ages: float) -> Session:
        moments = {name: now - timedelta(days=age) for name, age in ages.items()}
        return Session.objects.create(user=alice, created_at=start, **moments)

    kept = [made(expires_at=-1), made(expires_at=29), made(expires_at=-1, revoked_at=29)]
    made(expires_at=31)
    made(expires_at=-1, revoked_at=31)

    assert prune_sessions(0) == 2
    assert set(Session.objects.values_list("pk", flat=True)) == {session.pk for session in kept}
