"""Whatever is sent to the accounts' endpoints, the answer is an error with a code, and nothing is written."""

from __future__ import annotations

from typing import Any

import pytest

from planb.accounts.models import Session, User
from tests.accounts.conftest import PASSWORD, Api, error

pytestmark = pytest.mark.django_db

GOOD: dict[str, dict[str, Any]] = {
    "auth/token": {"username": "alice", "password": PASSWORD},
    "auth/register": {"username": "zoe", "password": "a long enough phrase", "display_name": "Zoé"},
    "auth/token/refresh": {"refresh": "x"},
    "auth/token/revoke": {"refresh": "x"},
}
FIELDS = [(path, name) for path, body in GOOD.items() for name in body]


@pytest.mark.parametrize(("path", "name"), FIELDS)
@pytest.mark.parametrize("value", [1, 1.5, True, [], {}, ["x"], "x" * 20_000])
def test_it_names_the_field_of_a_wrong_type_or_size(api: Api, alice: User, path: str, name: str, value: Any) -> None:
    answer = api.post(path, {**GOOD[path], name: value})

    assert error(answer) == (400, "bad_request")
    assert set(answer.json()["error"]["fields"]) == {name}
    assert User.objects.count() == 1 and not Session.objects.exists()


@pytest.mark.parametrize("path", ["auth/token", "auth/register"])
@pytest.mark.parametrize("name", ["username", "password"])
@pytest.mark.parametrize("value", ["", "a\x00b"])
def test_it_refuses_empty_and_nul(api: Api, alice: User, path: str, name: str, value: str) -> None:
    assert error(api.post(path, {**GOOD[path], name: value})) == (400, "bad_request")


@pytest.mark.parametrize("path", ["auth/token", "auth/register"])
@pytest.mark.parametrize(
    ("name", "value"),
    [("delivery", "pigeon"), ("delivery", None), ("device", "not-a-uuid"), ("device", 5), ("client", "web")],
)
def test_it_refuses_nonsense_beside_the_password(api: Api, alice: User, path: str, name: str, value: Any) -> None:
    assert error(api.post(path, {**GOOD[path], name: value})) == (400, "bad_request")


@pytest.mark.parametrize("path", GOOD)
@pytest.mark.parametrize(
    "raw",
    [
        b"{",
        b"null x",
        b"[]",
        b'"text"',
        b"12",
        b'{"username": NaN}',
        b'{"username": "\\ud800", "password": "x", "display_name": "x", "refresh": "\\ud800"}',
        b'{"username": "\xff", "refresh": "\xff"}',
        b"[" * 30_000,
        b'{"a":' * 10_000,
        b'{"username": ' + b"9" * 6000 + b', "refresh": ' + b"9" * 6000 + b"}",
    ],
    ids=range(11),
)
def test_it_survives_what_is_no_body(api: Api, alice: User, path: str, raw: bytes) -> None:
    answer = api.client.post(f"/api/v1/{path}", raw, content_type="application/json", secure=True)

    if path in {"auth/token/refresh", "auth/token/revoke"} and raw == b"[]":
        # An empty list says as little as an absent body.
        assert answer.status_code in {400, 401}
    else:
        assert error(answer) == (400, "bad_request")
    assert User.objects.count() == 1 and not Session.objects.exists()


@pytest.mark.parametrize("path", GOOD)
def test_it_reads_no_more_than_a_frame(api: Api, path: str) -> None:
    raw = b'{"username": "' + b"x" * 70_000 + b'"}'

    answer = api.client.post(f"/api/v1/{path}", raw, content_type="application/json", secure=True)

    assert error(answer) == (413, "too_large")


@pytest.mark.parametrize("kind", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data; boundary=x"])
def test_it_reads_json_only(api: Api, alice: User, kind: str) -> None:
    answer = api.client.post("/api/v1/auth/token", b"username=alice", content_type=kind, secure=True)

    assert error(answer) == (415, "unsupported")


def test_another_method_is_told_which_there_are(api: Api) -> None:
    answer = api.get("auth/token")

    assert error(answer) == (405, "unsupported")
    assert "POST" in answer.headers["Allow"]


def test_an_unforeseen_error_is_logged_and_says_nothing(
    api: Api, alice: User, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(**kwargs: Any) -> None:
        raise ZeroDivisionError("a secret detail")

    monkeypatch.setattr("planb.accounts.services.sign_in", broken)

    answer = api.post("auth/token", GOOD["auth/token"])

    assert error(answer) == (500, "internal")
    assert b"secret" not in answer.content
    assert "ZeroDivisionError" in caplog.text
    assert PASSWORD not in caplog.text
