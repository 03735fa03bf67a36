"""Access and refresh tokens: what they claim, how they are signed, and a reader that raises only ChatErrors.

Nothing here asks the database; whether a login still lives is for authentication and services.
"""

from __future__ import annotations

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any, TypeVar
from uuid import UUID

import jwt
from django.conf import settings
from django.utils import timezone
from rest_framework_simplejwt import settings as jwt_settings
from rest_framework_simplejwt import tokens as simplejwt
from rest_framework_simplejwt.backends import TokenBackend
from rest_framework_simplejwt.exceptions import ExpiredTokenError, TokenBackendError, TokenError

from chat.exceptions import TokenExpired, Unauthenticated
from planb.accounts.models import Session

ALGORITHM = "HS256"
# Ours have some 500 characters; what is much longer is not worth a look.
_LONGEST = 4096


class KeyRing(TokenBackend):
    """Signs with one key, and accepts an older one while it is being replaced."""

    def __init__(self, key: str, old_key: str, audience: str, issuer: str) -> None:
        super().__init__(ALGORITHM, signing_key=key, audience=audience, issuer=issuer)
        self.keys = [key, old_key] if old_key else [key]
        self._old = TokenBackend(ALGORITHM, signing_key=old_key, audience=audience, issuer=issuer) if old_key else None

    def decode(self, token: Any, verify: bool = True) -> dict[str, Any]:
        try:
            return super().decode(token, verify=verify)
        except TokenBackendError as error:
            if self._old is None or not isinstance(error.__cause__, jwt.InvalidSignatureError):
                raise
            return self._old.decode(token, verify=verify)


@lru_cache(maxsize=8)
def _ring(key: str, old_key: str, audience: str, issuer: str) -> KeyRing:
    return KeyRing(key, old_key, audience, issuer)


def key_ring() -> KeyRing:
    """The keys in force."""
    given = jwt_settings.api_settings
    return _ring(settings.TOKEN_KEY, settings.TOKEN_KEY_OLD, given.AUDIENCE, given.ISSUER)


class SessionToken(simplejwt.Token):
    """A token of one login: `sid` is its session, `gen` the generation within it."""

    def get_token_backend(self) -> TokenBackend:
        return key_ring()

    def verify(self) -> None:
        super().verify()
        gen = self.payload.get("gen")
        if not isinstance(gen, int) or isinstance(gen, bool) or not 1 <= gen < 2**31:
            raise TokenError("Token has no generation")
        for claim in ("sid", "sub"):
            if not isinstance(self.payload.get(claim), str):
                raise TokenError(f"Token has no '{claim}' claim")
        try:
            UUID(self.payload["sid"])
        except ValueError as error:
            raise TokenError("Token names no session") from error


class AccessToken(SessionToken):
    token_type = "access"  # noqa: S105 (the kind, not a secret)
    lifetime = timedelta(minutes=5)


class RefreshToken(SessionToken):
    """Its `jti` follows from session and generation, so that the same successor can be made again."""

    token_type = "refresh"  # noqa: S105 (the kind, not a secret)
    lifetime = timedelta(days=30)

    def verify(self) -> None:
        super().verify()
        jti = str(self.payload["jti"]).encode("utf-8", "surrogatepass")
        expected = [_jti(key, self.payload["sid"], self.payload["gen"]) for key in key_ring().keys]
        if not any(hmac.compare_digest(jti, one.encode()) for one in expected):
            raise TokenError("Token has a foreign id")


def _jti(key: str, sid: str, gen: int) -> str:
    return hmac.new(key.encode(), f"planb refresh {sid}:{gen}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True, slots=True)
class Claims:
    """What a token that is genuine says."""

    user: str
    session: UUID
    gen: int
    expires_at: datetime


@dataclass(frozen=True, slots=True)
class Tokens:
    """What one sign-in or refresh hands out. `expires_at` is the access token's."""

    access: str
    refresh: str
    expires_at: datetime
    session: Session


def mint(session: Session) -> Tokens:
    """Tokens for the session's generation. The refresh token is the same each time, as long as the key is."""
    given = jwt_settings.api_settings
    # Whole seconds, as in the token: what we say and what is checked are the same moment.
    now = timezone.now().replace(microsecond=0)
    expires_at = min(now + given.ACCESS_TOKEN_LIFETIME, session.expires_at.replace(microsecond=0))
    sid = str(session.pk)

    access = AccessToken()
    access.set_iat(at_time=now)
    access.set_exp(from_time=expires_at, lifetime=timedelta(0))
    refresh = RefreshToken()
    refresh.set_iat(at_time=session.rotated_at or session.created_at)
    refresh.set_exp(from_time=session.expires_at, lifetime=timedelta(0))
    refresh["jti"] = _jti(key_ring().keys[0], sid, session.gen)
    for token in (access, refresh):
        token["sub"] = str(session.user_id)
        token["sid"] = sid
        token["gen"] = session.gen
    return Tokens(access=str(access), refresh=str(refresh), expires_at=expires_at, session=session)


def read_access(raw: object) -> Claims:
    """Raises Unauthenticated, or TokenExpired for one that was good."""
    return _read(raw, AccessToken)


def read_refresh(raw: object) -> Claims:
    """Raises Unauthenticated: an expired one means signing in again."""
    try:
        return _read(raw, RefreshToken)
    except TokenExpired as error:
        raise Unauthenticated("The session has ended: sign in again.") from error


TokenT = TypeVar("TokenT", bound=SessionToken)


def _read(raw: object, kind: type[TokenT]) -> Claims:
    if not isinstance(raw, str) or len(raw) > _LONGEST:
        raise Unauthenticated("The token is not valid.")
    try:
        token = kind(raw)  # type: ignore[arg-type]  # simplejwt takes text, and says that it takes a token
    except ExpiredTokenError as error:
        raise TokenExpired from error
    # Beside TokenError: what JSON parsers and arithmetic raise on a header or claim made to break them.
    except (TokenError, ValueError, TypeError, OverflowError, RecursionError) as error:
        raise Unauthenticated("The token is not valid.") from error
    payload = token.payload
    return Claims(
        user=payload["sub"],
        session=UUID(payload["sid"]),
        gen=payload["gen"],
        expires_at=datetime.fromtimestamp(payload["exp"], tz=UTC),
    )
