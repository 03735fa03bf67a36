"""The authenticator for projects that log people in with Django's own sessions: short signed tokens for who is logged
in, from `GET auth/chat` (`include("chat.tokens")`). A changed password or a closed account ends them.
"""

from __future__ import annotations

import hmac
from datetime import UTC, datetime, timedelta
from typing import Any

from django.contrib.auth import get_user_model
from django.core import signing
from django.urls import path
from rest_framework.authentication import SessionAuthentication
from rest_framework.request import Request
from rest_framework.response import Response

from chat import cards, wire
from chat.api.base import ChatView, answer
from chat.auth import Principal
from chat.conf import conf
from chat.exceptions import TokenExpired, Unauthenticated

SALT = "chat.tokens"


def token_for(user: Any) -> tuple[str, datetime]:
    """A token for this person, and when it ends (`CHAT_TOKEN_SECONDS` from now)."""
    until = datetime.now(UTC) + timedelta(seconds=conf().token_seconds)
    claims = {"user": str(user.pk), "until": until.timestamp(), "proof": _proof(user)}
    return signing.dumps(claims, salt=SALT), until


def _proof(user: Any) -> str:
    """Changes with the password, as Django's own sessions do."""
    return str(user.get_session_auth_hash())[:32] if hasattr(user, "get_session_auth_hash") else ""


class SignedTokens:
    """The default `CHAT_AUTHENTICATOR`."""

    def authenticate(self, token: str) -> Principal:
        """Raises Unauthenticated, TokenExpired."""
        try:
            claims = signing.loads(token, salt=SALT)
        except signing.BadSignature as error:
            raise Unauthenticated("The token is not valid.") from error
        until = datetime.fromtimestamp(claims["until"], UTC)
        if until <= datetime.now(UTC):
            raise TokenExpired()
        key: Any = cards.user_key(claims["user"])
        user = get_user_model()._default_manager.filter(pk=key, is_active=True).first()
        if user is None or not hmac.compare_digest(_proof(user), claims["proof"]):
            raise Unauthenticated("The token is not valid any more.")
        return Principal(user=user, session=None, expires_at=until)

    def revoked(self, sessions: list[str]) -> set[str]:
        """These tokens stand for no session: they are short instead."""
        return set()


class TokenView(ChatView):
    """A token for who is logged in by Django's session cookie. Other origins cannot read the answer."""

    authentication_classes = [SessionAuthentication]

    def get(self, request: Request) -> Response:
        access, until = token_for(request.user)
        return answer({"access": access, "expires_at": wire.stamp(until)})


urlpatterns = [path("auth/chat", TokenView.as_view())]
