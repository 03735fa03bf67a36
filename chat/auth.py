"""Who is asking: the one seam between chat and a project's way of signing people in."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any, Protocol

from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from chat.conf import conf


@dataclass(frozen=True, slots=True)
class Principal:
    """A person who has proved who they are.

    `session` names the login (its sockets close when it is revoked), or is None where the issuer has no
    such thing. `expires_at` is when the proof must be renewed; aware, UTC.
    """

    user: Any
    session: str | None
    expires_at: datetime

    @property
    def user_id(self) -> str:
        """The user's key as it stands on the wire."""
        return str(self.user.pk)


class Authenticator(Protocol):
    """What `CHAT_AUTHENTICATOR` names: a class without constructor arguments."""

    def authenticate(self, token: str) -> Principal:
        """Return who holds this access token. May query the database; called from a worker thread.

        Raises Unauthenticated or TokenExpired; Unavailable where it cannot tell.
        """
        ...

    def revoked(self, sessions: list[str]) -> set[str]:
        """Which of these sessions have ended."""
        ...


@lru_cache(maxsize=1)
def authenticator() -> Authenticator:
    """The deployment's authenticator, made once."""
    made: Authenticator = import_string(conf().authenticator)()
    return made


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "CHAT_AUTHENTICATOR":
        authenticator.cache_clear()


setting_changed.connect(_forget)
