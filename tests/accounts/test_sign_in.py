"""POST auth/token"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest
from django.contrib.auth.hashers import MD5PasswordHasher

from chat import limits
from planb.accounts.models import Session, User
from tests.accounts.conftest import PASSWORD, Api, error

pytestmark = pytest.mark.django_db


class CountingHasher(MD5PasswordHasher):
    """Counts the work that an answer's time tells of."""

    encoded = 0

    def encode(self, password: str, salt: str) -> str:
        type(self).encoded += 1
        return super().encode(password, salt)


def test_it_answers_with_tokens_and_a_session(api: Api, alice: User) -> None:
    answer = api.post(
        "auth/token",
        {
            "username": "alice",
            "password": PASSWORD,
            "device": "0199a000-0000-7000-8000-000000000001",
            "client": {"name": "web", "version": "1.4.0"},
        },
        User_Agent="Fire\tfox/140 " + "x" * 300,
    )

    assert answer.status_code == 200
    data = answer.json()
    assert set(data) == {"access", "expires_at", "session", "refresh"}
    assert answer.headers["Cache-Control"] == "no-store"
    assert not answer.cookies
    session = Session.objects.get()
    assert data["session"] == str(session.pk)
    assert session.user == alice
    assert str(session.device) == "0199a000-0000-7000-8000-000000000001"
    assert session.client == "web 1.4.0"
    assert session.user_agent.startswith("Firefox/140 xxx") and len(session.user_agent) == 200
    left = datetime.strptime(data["expires_at"], "%Y-%m-%dT%H:%M:%S.%fZ").replace(tzinfo=UTC) - datetime.now(UTC)
    assert 0 < left.total_seconds() <= 300


def test_its_access_token_opens_the_door(api: Api, alice: User) -> None:
    api.sign_in()

    assert api.get("me").json()["id"] == str(alice.pk)


@pytest.mark.parametrize("spelling", ["ALICE", "Alice", "ａｌｉｃｅ"])
def test_the_name_may_be_spelled_in_any_case_and_width(api: Api, alice: User, spelling: str) -> None:
    assert api.post("auth/token", {"username": spelling, "password": PASSWORD}).status_code == 200


def test_unknown_name_wrong_password_and_closed_account_get_one_answer(api: Api, alice: User, bob: User) -> None:
    User.objects.filter(pk=bob.pk).update(is_active=False)
    answers = [
        api.post("auth/token", {"username": "nobody", "password": PASSWORD}),
        api.post("auth/token", {"username": "alice", "password": "wrong"}),
        api.post("auth/token", {"username": "bob", "password": PASSWORD}),
    ]

    assert [error(answer) for answer in answers] == [(401, "unauthenticated")] * 3
    assert len({answer.content for answer in answers}) == 1
    assert len({str(sorted(answer.headers.items())) for answer in answers}) == 1
    assert not Session.objects.exists()


def test_a_hash_is_computed_whoever_asks(api: Api, alice: User, bob: User, settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["tests.accounts.test_sign_in.CountingHasher"]
    User.objects.filter(pk=bob.pk).update(is_active=False)
    work = []
    for name in ("nobody", "alice", "bob"):
        before = CountingHasher.encoded
        api.post("auth/token", {"username": name, "password": "wrong"})
        work.append(CountingHasher.encoded - before)

    assert work == [1, 1, 1]


def test_the_sixth_try_within_a_minute_is_refused_even_with_the_right_password(api: Api, alice: User) -> None:
    for _ in range(5):
        assert error(api.post("auth/token", {"username": "alice", "password": "wrong"})) == (401, "unauthenticated")

    answer = api.post("auth/token", {"username": "ALICE", "password": PASSWORD})

    assert error(answer) == (429, "rate_limited")
    told = answer.json()["error"]
    assert told["retry"] is True
    assert 0 < told["retry_after"] <= 12
    assert 0 < int(answer.headers["Retry-After"]) <= 12
    assert not Session.objects.exists()


def test_an_address_may_not_try_many_names(api: Api, alice: User) -> None:
    codes = [
        error(api.post("auth/token", {"username": f"name{number}", "password": "wrong"}))[1] for number in range(21)
    ]

    assert codes == ["unauthenticated"] * 20 + ["rate_limited"]


def test_a_refused_try_takes_nothing_from_the_other_bucket(api: Api, alice: User) -> None:
    for _ in range(30):
        api.post("auth/token", {"username": "alice", "password": "wrong"})

    assert error(api.post("auth/token", {"username": "bob", "password": "wrong"})) == (401, "unauthenticated")


def test_another_address_is_not_held_up(api: Api, alice: User, settings: Any) -> None:
    settings.CHAT_TRUSTED_PROXIES = 1
    for _ in range(6):
        api.post("auth/token", {"username": "alice", "password": "wrong"}, X_Forwarded_For="203.0.113.7")

    answer = api.post("auth/token", {"username": "alice", "password": PASSWORD}, X_Forwarded_For="203.0.113.8")

    assert answer.status_code == 200


def test_a_forged_address_counts_for_nothing(api: Api, alice: User) -> None:
    codes = [
        error(
            api.post(
                "auth/token",
                {"username": "alice", "password": "wrong"},
                X_Forwarded_For=f"203.0.113.{number}",
            )
        )[1]
        for number in range(6)
    ]

    assert codes[-1] == "rate_limited"


def test_without_redis_nobody_signs_in(api: Api, alice: User, settings: Any) -> None:
    settings.CHAT_REDIS_URL = "redis://127.0.0.1:1/0"

    answer = api.post("auth/token", {"username": "alice", "password": PASSWORD})

    assert error(answer) == (503, "unavailable")
    assert "Retry-After" in answer.headers
    assert not Session.objects.exists()
    limits.breaker.succeeded()


def test_a_password_changed_meanwhile_signs_nobody_in(api: Api, alice: User, monkeypatch: pytest.MonkeyPatch) -> None:
    from planb.accounts.services import sessions

    def authenticate(*args: Any, **kwargs: Any) -> User:
        found = User.objects.get(pk=alice.pk)
        User.objects.get(pk=alice.pk)
        changed = User.objects.get(pk=alice.pk)
        changed.set_password("another horse entirely")
        changed.save()
        return found

    monkeypatch.setattr(sessions, "authenticate", authenticate)

    assert error(api.post("auth/token", {"username": "alice", "password": PASSWORD})) == (401, "unauthenticated")
    assert not Session.objects.exists()


def test_a_stale_token_in_the_header_keeps_nobody_out(api: Api, alice: User) -> None:
    api.access = "stale"

    assert api.post("auth/token", {"username": "alice", "password": PASSWORD}).status_code == 200
