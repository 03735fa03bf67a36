"""The REST door's way of asking who it is: `Authorization: Bearer`, judged by `CHAT_AUTHENTICATOR`."""

from __future__ import annotations

from typing import Any

from rest_framework.authentication import BaseAuthentication
from rest_framework.request import Request

from chat.auth import Principal, authenticator
from chat.exceptions import Unauthenticated


class PrincipalAuthentication(BaseAuthentication):
    """Sets `request.user`, and `request.auth` to the Principal."""

    def authenticate(self, request: Request) -> tuple[Any, Principal] | None:
        token = bearer(request.META.get("HTTP_AUTHORIZATION", ""))
        if token is None:
            return None
        principal = authenticator().authenticate(token)
        return principal.user, principal

    def authenticate_header(self, request: Request) -> str:
        return 'Bearer realm="api"'


def bearer(header: str) -> str | None:
    """The token of an Authorization header; None without one. Raises Unauthenticated for a mangled one."""
    scheme, _, token = header.strip().partition(" ")
    if scheme.lower() != "bearer":
        return None
    token = token.strip()
    if not token or " " in token:
        raise Unauthenticated("The Authorization header is not valid.")
    return token
