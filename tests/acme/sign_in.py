"""`CHAT_AUTHENTICATOR`: people come with a JWT of an outside issuer; who is new gets a row on first sight."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

import jwt
from django.conf import settings
from django.contrib.auth import get_user_model

from chat.auth import Principal
from chat.exceptions import TokenExpired, Unauthenticated, Unavailable

AUDIENCE = "acme-chat"


@lru_cache(maxsize=1)
def _keys(issuer: str) -> jwt.PyJWKClient:
    return jwt.PyJWKClient(f"{issuer}/jwks.json", timeout=2)


class IssuerAuthenticator:
    """RS256 by the issuer's published keys, fetched by key id and kept."""

    def authenticate(self, token: str) -> Principal:
        issuer: str = getattr(settings, "ACME_ISSUER")  # noqa: B009 (a setting that the type checker does not know)
        try:
            key = _keys(issuer).get_signing_key_from_jwt(token)
            claims = jwt.decode(
                token,
                key.key,
                # Never from the token's own header: `none` and HS256 with a public key are known tricks.
                algorithms=["RS256"],
                audience=AUDIENCE,
                issuer=issuer,
                options={"require": ["exp", "iat", "sub"]},
            )
        except jwt.ExpiredSignatureError as error:
            raise TokenExpired() from error
        except jwt.PyJWKClientConnectionError as error:
            raise Unavailable(retry_after=5) from error
        except jwt.PyJWTError as error:
            raise Unauthenticated("The token is not valid.") from error
        if not claims["sub"]:
            raise Unauthenticated("The token names nobody.")
        user = _person(claims)
        if not user.is_active:
            raise Unauthenticated("This account is closed.")
        return Principal(user=user, session=None, expires_at=datetime.fromtimestamp(claims["exp"], UTC))

    def revoked(self, sessions: list[str]) -> set[str]:
        """The issuer knows no sessions: its tokens are short instead."""
        return set()


def _person(claims: dict[str, Any]) -> Any:
    # The issuer never gives a `sub` to somebody else. Two first sights at once: the constraint decides.
    user, _ = get_user_model()._default_manager.get_or_create(
        username=claims["sub"], defaults={"display_name": claims.get("name", claims["sub"])}
    )
    return user
