"""`CHAT_AUTHENTICATOR` of this project: an access token stands for a session that lives."""

from __future__ import annotations

from uuid import UUID

from django.db import InterfaceError, OperationalError

from chat.auth import Principal
from chat.exceptions import Unauthenticated, Unavailable
from planb.accounts import tokens
from planb.accounts.models import Session
from planb.accounts.services import sessions


class SessionAuthenticator:
    """One query per token, that joins session and person; one more when a token pair is first used."""

    def authenticate(self, token: str) -> Principal:
        """Raises Unauthenticated, TokenExpired; Unavailable without the database."""
        claims = tokens.read_access(token)
        try:
            session = Session.objects.live().select_related("user").filter(pk=claims.session).first()
            if session is None or str(session.user_id) != claims.user:
                raise Unauthenticated("The session has ended: sign in again.")
            if claims.gen == session.gen and not session.gen_seen:
                sessions.seen(session=session.pk, gen=claims.gen)
        except (OperationalError, InterfaceError) as error:
            raise Unavailable(retry_after=1) from error
        return Principal(user=session.user, session=str(session.pk), expires_at=claims.expires_at)

    def revoked(self, sessions: list[str]) -> set[str]:
        """Those that ended, expired, never were, or whose person may not enter any more."""
        keys: dict[UUID, str] = {}
        for session in sessions:
            try:
                keys[UUID(session)] = session
            except ValueError:
                continue
        living = set(Session.objects.live().filter(pk__in=keys).values_list("pk", flat=True))
        return set(sessions) - {keys[key] for key in living}
