"""Every error of the REST door has the same form, and the headers that belong to it."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions as drf

from chat.api.errors import exception_handler
from chat.exceptions import Conflict, NotFound, RateLimited, Refused, TokenExpired, Unauthenticated, Unavailable


@pytest.mark.parametrize(
    ("raised", "status", "code", "retry"),
    [
        (NotFound(), 404, "not_found", False),
        (Refused("No phone numbers."), 422, "refused", False),
        (Conflict(), 409, "conflict", False),
        (RateLimited(retry_after=3), 429, "rate_limited", True),
        (Unavailable(), 503, "unavailable", True),
        (Unauthenticated(), 401, "unauthenticated", False),
        (TokenExpired(), 401, "token_expired", False),
        (drf.ParseError("x"), 400, "bad_request", False),
        (drf.NotAuthenticated(), 401, "unauthenticated", False),
        (drf.AuthenticationFailed(), 401, "unauthenticated", False),
        (drf.PermissionDenied(), 403, "forbidden", False),
        (drf.NotFound(), 404, "not_found", False),
        (drf.MethodNotAllowed("GET"), 405, "unsupported", False),
        (drf.NotAcceptable(), 406, "unsupported", False),
        (drf.UnsupportedMediaType("text/x"), 415, "unsupported", False),
        (drf.Throttled(wait=7), 429, "rate_limited", True),
        (Http404(), 404, "not_found", False),
        (PermissionDenied(), 403, "forbidden", False),
        (RequestDataTooBig(), 413, "too_large", False),
        (SuspiciousOperation(), 400, "bad_request", False),
        (UnreadablePostError(), 400, "bad_request", False),
        (OperationalError("gone"), 503, "unavailable", True),
        (InterfaceError("gone"), 503, "unavailable", True),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, Exception) else "",
)
def test_each_error_has_its_status_and_code(
    raised: Exception, status: int, code: str, retry: bool, caplog: pytest.LogCaptureFixture
) -> None:
    answer = exception_handler(raised, {})

    assert answer.status_code == status
    error = answer.data["error"]
    assert (error["code"], error["retry"]) == (code, retry)
    assert isinstance(error["message"], str) and error["message"]
    assert answer.headers["Cache-Control"] == "no-store"
    assert ("WWW-Authenticate" in answer.headers) == (status == 401)
    assert not [record for record in caplog.records if record.levelname == "ERROR"]


@pytest.mark.parametrize(
    ("error", "header"),
    [
        (RateLimited(retry_after=0.2), "1"),
        (RateLimited(retry_after=12), "12"),
        (drf.Throttled(wait=6.4), "7"),
        (Unavailable(), None),
    ],
)
def test_it_tells_when_to_come_back_in_whole_seconds(error: Exception, header: str | None) -> None:
    assert exception_handler(error, {}).headers.get("Retry-After") == header


@pytest.mark.parametrize(
    ("detail", "fields"),
    [
        ({"a": ["wrong", "worse"]}, {"a": "wrong"}),
        ({"a": {"b": ["wrong"]}, "c": ["odd"]}, {"a.b": "wrong", "c": "odd"}),
        (["wrong"], {"body": "wrong"}),
        ("wrong", {"body": "wrong"}),
    ],
)
def test_it_names_the_fields(detail: Any, fields: dict[str, str]) -> None:
    answer = exception_handler(drf.ValidationError(detail), {})

    assert answer.status_code == 400
    assert answer.data["error"]["fields"] == fields


def test_nobody_learns_what_nobody_foresaw(caplog: pytest.LogCaptureFixture) -> None:
    answer = exception_handler(KeyError("the secret"), {})

    assert answer.status_code == 500
    assert answer.data["error"]["code"] == "internal"
    assert "secret" not in str(answer.data)
    assert "the secret" in caplog.text


def test_nobody_learns_what_the_database_says() -> None:
    assert "gone" not in str(exception_handler(OperationalError("gone"), {}).data)
