"""Logins: begin, go on, end. A refresh has one winner, whatever comes beside it."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from django.contrib.auth import authenticate
from django.db import transaction
from django.utils import timezone
from rest_framework_simplejwt import settings as jwt_settings

from chat import limits
from chat.address import network_of
from chat.exceptions import NotFound, Unauthenticated
from planb.accounts import tokens
from planb.accounts.models import Session, User
from planb.accounts.names import trimmed

logger = logging.getLogger(__name__)

# What is kept of ended logins, for their people and for whoever looks into an incident.
KEPT = timedelta(days=30)
_SHOWN = 100
# One answer to a wrong name, a wrong password and a closed account.
_REFUSED = "The name or the password is wrong."
_ENDED = "The session has ended: sign in again."


@dataclass(frozen=True, slots=True, kw_only=True)
class Device:
    """What is known of where somebody signs in; all of it is their word."""

    id: UUID | None = None
    client: str = ""
    user_agent: str = ""


def sign_in(*, username: str, password: str, address: str, device: Device) -> tokens.Tokens:
    """Begin a session. Raises Unauthenticated, RateLimited; Unavailable without Redis, which counts tries."""
    network = network_of(address)
    name = User.normalize_username(username).casefold()
    limits.check_all([("login", f"{name}\n{network}"), ("login_address", network)])
    # Hashes for unknown names too, so that time tells nothing.
    found = authenticate(None, username=username, password=password)
    if not isinstance(found, User):
        raise Unauthenticated(_REFUSED)
    with transaction.atomic():
        # Not FOR UPDATE: this person's messages would wait, since their foreign key takes a key share lock.
        user = User.objects.select_for_update(no_key=True).get(pk=found.pk)
        # A change of the password ends all sessions: none may begin beside it with the old one.
        if user.password != found.password or not user.is_active:
            raise Unauthenticated(_REFUSED)
        user.last_login = timezone.now()
        user.save(update_fields=["last_login"])
        return begin(user=user, device=device)


def begin(*, user: User, device: Device) -> tokens.Tokens:
    """Begin a session of somebody who has just proved who they are."""
    now = timezone.now()
    session = Session.objects.create(
        user=user,
        device=device.id,
        client=trimmed(device.client, 80),
        user_agent=trimmed(device.user_agent, 200),
        created_at=now,
        last_used_at=now,
        expires_at=now + min(_lifetime(), Session.LONGEST),
    )
    return tokens.mint(session)


# One statement decides among parallel uses: the others wait for its row lock, then find another generation.
_ROTATE = """
UPDATE accounts_session AS session
   SET gen = session.gen + 1, gen_seen = false, rotated_at = %(now)s, last_used_at = %(now)s,
       expires_at = LEAST(%(expires_at)s, session.created_at + %(longest)s)
  FROM accounts_user AS person
 WHERE session.id = %(session)s AND session.gen = %(gen)s
   AND session.revoked_at IS NULL AND session.expires_at > %(now)s
   AND person.id = session.user_id AND person.is_active AND person.id::text = %(user)s
RETURNING session.*
"""


def refresh(*, token: object) -> tokens.Tokens:
    """Go on with a session: new tokens for the current refresh token, the same again for the one before it.

    An older one was copied by somebody: the session ends for both. Raises Unauthenticated.
    """
    claims = tokens.read_refresh(token)
    now = timezone.now()
    rotated = list(
        Session.objects.raw(
            _ROTATE,
            {
                "now": now,
                "expires_at": now + _lifetime(),
                "longest": Session.LONGEST,
                "session": claims.session,
                "gen": claims.gen,
                "user": claims.user,
            },
        )
    )
    if rotated:
        return tokens.mint(rotated[0])
    session = Session.objects.live().filter(pk=claims.session).first()
    if session is None or str(session.user_id) != claims.user:
        raise Unauthenticated(_ENDED)
    if claims.gen == session.gen - 1 and session.answers_again(now):
        return tokens.mint(session)
    if claims.gen < session.gen:
        logger.warning("an old refresh token was used again: session %s ends", session.pk)
        _end(user_id=session.user_id, sessions=[session.pk])
    # A later generation than the database knows comes from a time that a restored backup forgot.
    raise Unauthenticated(_ENDED)


def seen(*, session: UUID, gen: int) -> None:
    """An access token of this generation was used: its answer has arrived, the token before it is spent."""
    Session.objects.filter(pk=session, gen=gen, gen_seen=False).update(gen_seen=True)


def revoke(*, refresh: object = None, access: object = None) -> None:
    """End the sessions that these tokens stand for; those that ended, and tokens of none, are no error.

    An access token must be good, though its session may have ended. Raises Unauthenticated, TokenExpired.
    """
    found: list[tokens.Claims] = []
    if access is not None:
        found.append(tokens.read_access(access))
    if refresh is not None:
        try:
            found.append(tokens.read_refresh(refresh))
        except Unauthenticated:
            logger.debug("a token of no session was to be revoked")
    for claims in found:
        session = Session.objects.filter(pk=claims.session).first()
        if session is not None and str(session.user_id) == claims.user:
            _end(user_id=session.user_id, sessions=[session.pk])


def end_session(*, user: User, session: UUID) -> None:
    """End one of somebody's own sessions; an ended one stays ended. Raises NotFound for those of others."""
    if not Session.objects.of(user).filter(pk=session).exists():
        raise NotFound
    _end(user_id=user.pk, sessions=[session])


def end_sessions_of(*, user: User, but: UUID | None = None) -> int:
    """End all sessions of a person, or all others. Answers how many."""
    lasting = Session.objects.of(user).filter(revoked_at=None)
    if but is not None:
        lasting = lasting.exclude(pk=but)
    return _end(user_id=user.pk, sessions=lasting.values_list("pk", flat=True))


def sessions_of(*, user: User) -> list[Session]:
    """The live ones, last used first; at most 100."""
    return list(Session.objects.live().of(user).order_by("-last_used_at", "pk")[:_SHOWN])


def prune_sessions(*, now: datetime | None = None) -> int:
    """Delete what ended more than 30 days ago. Answers how many."""
    deleted, _ = Session.objects.ended_before((now or timezone.now()) - KEPT).delete()
    return deleted


def _end(*, user_id: UUID, sessions: Iterable[UUID]) -> int:
    with transaction.atomic():
        ended = list(
            Session.objects.select_for_update()
            .filter(pk__in=sessions, user_id=user_id, revoked_at=None)
            .order_by("pk")
            .values_list("pk", flat=True)
        )
        if ended:
            Session.objects.filter(pk__in=ended).update(revoked_at=timezone.now())

            # Not a `partial`: what Django logs of a robust callback's error needs a function's name.
            def close_sockets() -> None:
                from chat import broadcast

                broadcast.end_sessions(str(user_id), [str(key) for key in ended])

            # Robust: the sessions have ended, and hubs find out by themselves within seconds.
            transaction.on_commit(close_sockets, robust=True)
    return len(ended)


def _lifetime() -> timedelta:
    lifetime: timedelta = jwt_settings.api_settings.REFRESH_TOKEN_LIFETIME
    return lifetime
