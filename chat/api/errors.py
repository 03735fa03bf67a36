"""The REST door's one mapping from errors to answers: `{"error": {…}}` and the headers of its status."""

from __future__ import annotations

import logging
import math
from typing import Any

from django.core.exceptions import PermissionDenied, RequestDataTooBig, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, UnreadablePostError
from rest_framework import exceptions as drf
from rest_framework.response import Response
from rest_framework.views import set_rollback

from chat.exceptions import (
    BadRequest,
    ChatError,
    Forbidden,
    Internal,
    NotFound,
    RateLimited,
    TokenExpired,
    TooLarge,
    Unauthenticated,
    Unavailable,
    Unsupported,
)

logger = logging.getLogger(__name__)


def exception_handler(exc: Exception, context: dict[str, Any]) -> Response:
    """DRF's `EXCEPTION_HANDLER`: every error becomes an answer; one that nobody foresaw is logged first."""
    set_rollback()
    # The wire has no code of its own for these two: the status says more.
    if isinstance(exc, drf.MethodNotAllowed | drf.NotAcceptable):
        return error_response(Unsupported(str(exc.detail)), status=exc.status_code)
    error = _foreseen(exc)
    if error is None:
        view = type(context.get("view")).__name__
        logger.error("unforeseen error in %s", view, exc_info=exc)
        error = Internal()
    return error_response(error)


def error_response(error: ChatError, *, status: int | None = None) -> Response:
    """The answer for one error."""
    headers = {"Cache-Control": "no-store"}
    if error.retry_after is not None:
        headers["Retry-After"] = str(math.ceil(error.retry_after))
    if isinstance(error, Unauthenticated):
        detail = ', error="invalid_token"' if isinstance(error, TokenExpired) else ""
        headers["WWW-Authenticate"] = f'Bearer realm="api"{detail}'
    return Response({"error": error.as_data()}, status=status or error.status, headers=headers)


def _foreseen(exc: Exception) -> ChatError | None:
    if isinstance(exc, ChatError):
        return exc
    if isinstance(exc, OperationalError | InterfaceError):
        logger.warning("database unavailable: %s", exc)
        return Unavailable(retry_after=1)
    if isinstance(exc, drf.APIException):
        return _of_drf(exc)
    if isinstance(exc, Http404):
        return NotFound()
    if isinstance(exc, PermissionDenied):
        return Forbidden()
    if isinstance(exc, RequestDataTooBig):
        return TooLarge()
    if isinstance(exc, SuspiciousOperation | UnreadablePostError):
        return BadRequest()
    return None


def _of_drf(exc: drf.APIException) -> ChatError | None:
    if isinstance(exc, drf.ValidationError):
        return BadRequest(fields=_fields(exc.detail))
    if isinstance(exc, drf.NotAuthenticated | drf.AuthenticationFailed):
        return Unauthenticated()
    if isinstance(exc, drf.Throttled):
        return RateLimited(retry_after=getattr(exc, "wait", None))
    by_class: tuple[tuple[type[drf.APIException], type[ChatError]], ...] = (
        (drf.ParseError, BadRequest),
        (drf.PermissionDenied, Forbidden),
        (drf.NotFound, NotFound),
        (drf.UnsupportedMediaType, Unsupported),
    )
    for theirs, ours in by_class:
        if isinstance(exc, theirs):
            return ours()
    return BadRequest(str(exc.detail)) if 400 <= exc.status_code < 500 else None


def _fields(detail: Any, name: str = "") -> dict[str, str]:
    """DRF's nested lists of complaints as one complaint per field: `client.name`."""
    if isinstance(detail, dict):
        found: dict[str, str] = {}
        for key, value in detail.items():
            found |= _fields(value, f"{name}.{key}" if name else str(key))
        return found
    if isinstance(detail, list | tuple):
        return _fields(detail[0], name) if detail else {}
    return {name or "body": str(detail)}
