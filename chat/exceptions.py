"""What can go wrong, as data: each error has a wire code and an HTTP status. Doors map them once.

ChatError
├── BadRequest (UnknownType, TooLarge)    the sender must change what it sends
├── Unauthenticated (TokenExpired)        the sender must sign in or refresh
├── Forbidden (Closed, Refused)           the rules say no
├── NotFound                              not there, or not for you to know
├── Conflict                              the same key with other content, or a name that is taken
└── RateLimited, Unavailable, Internal    come back later (`retry` is true)
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar


class ChatError(Exception):
    """Base of every error that a door answers with.

    `fields` maps a field's name to what is wrong with it; `retry_after` is in seconds.
    """

    code: ClassVar[str] = "internal"
    status: ClassVar[int] = 500
    retry: ClassVar[bool] = False
    default_message: ClassVar[str] = "Something went wrong."

    def __init__(
        self,
        message: str | None = None,
        *,
        fields: Mapping[str, str] | None = None,
        retry_after: float | None = None,
    ) -> None:
        self.message = message or self.default_message
        self.fields = dict(fields) if fields else None
        self.retry_after = retry_after
        super().__init__(self.message)

    def as_data(self) -> dict[str, Any]:
        """The `error` object of the wire contract."""
        data: dict[str, Any] = {"code": self.code, "message": self.message, "retry": self.retry}
        if self.retry_after is not None:
            data["retry_after"] = round(self.retry_after, 3)
        if self.fields:
            data["fields"] = self.fields
        return data


class BadRequest(ChatError):
    code = "bad_request"
    status = 400
    default_message = "The request is not valid."


class UnknownType(BadRequest):
    code = "unknown_type"
    default_message = "There is no command of this type."


class TooLarge(BadRequest):
    code = "too_large"
    status = 413
    default_message = "The request is too large."


class Unauthenticated(ChatError):
    code = "unauthenticated"
    status = 401
    default_message = "Sign in first."


class TokenExpired(Unauthenticated):
    code = "token_expired"
    default_message = "The access token has expired: refresh it."


class Forbidden(ChatError):
    code = "forbidden"
    status = 403
    default_message = "You may not do this."


class Closed(Forbidden):
    code = "closed"
    default_message = "This conversation is closed."


class Refused(Forbidden):
    code = "refused"
    status = 422
    default_message = "A rule of this service refuses it."


class NotFound(ChatError):
    code = "not_found"
    status = 404
    default_message = "Not found."


class Conflict(ChatError):
    code = "conflict"
    status = 409
    default_message = "This was already done with other content."


class Unsupported(ChatError):
    code = "unsupported"
    status = 415
    default_message = "This is not supported here."


class RateLimited(ChatError):
    code = "rate_limited"
    status = 429
    retry = True
    default_message = "Too many requests: slow down."


class Unavailable(ChatError):
    code = "unavailable"
    status = 503
    retry = True
    default_message = "A part of the service is down: try again shortly."


class Internal(ChatError):
    retry = True
