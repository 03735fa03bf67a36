"""People: join, change their name, change their password."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from chat import limits
from chat.address import network_of
from chat.exceptions import BadRequest, Conflict, Forbidden
from chat.services.people import announce_user
from planb.accounts import tokens
from planb.accounts.models import User
from planb.accounts.names import clean_display_name
from planb.accounts.services import sessions

_NAME_CONSTRAINTS = {"accounts_user_username_ci", "accounts_user_username_key"}


def register(
    *, username: str, password: str, display_name: str, address: str, device: sessions.Device
) -> tokens.Tokens:
    """A new person, signed in. Raises Forbidden where registration is closed, Conflict where the name is taken,
    BadRequest, RateLimited.
    """
    if not settings.REGISTRATION_OPEN:
        raise Forbidden("Registration is closed.")
    user = User(username=User.normalize_username(username), display_name=display_name)
    complaints: dict[str, str] = {}
    try:
        user.display_name = clean_display_name(display_name)
    except ValidationError as error:
        complaints["display_name"] = _first(error)
    try:
        user.clean_fields(exclude={"display_name", "password"})
    except ValidationError as error:
        complaints |= {name: _first(found[0]) for name, found in error.error_dict.items()}
    try:
        validate_password(password, user)
    except ValidationError as error:
        complaints["password"] = _first(error)
    if complaints:
        raise BadRequest(fields=complaints)
    # Counted before the name is looked for: whether somebody has it is told three times an hour at most.
    limits.check("register", network_of(address))
    user.set_password(password)
    try:
        with transaction.atomic():
            user.save(force_insert=True)
            return sessions.begin(user=user, device=device)
    except IntegrityError as error:
        if _constraint(error) in _NAME_CONSTRAINTS:
            raise Conflict("This name is taken.", fields={"username": "This name is taken."}) from error
        raise


def rename(*, user: User, display_name: str) -> User:
    """Change what others see. Raises BadRequest."""
    try:
        name = clean_display_name(display_name)
    except ValidationError as error:
        raise BadRequest(fields={"display_name": _first(error)}) from error
    if name == user.display_name:
        return user
    user.display_name = name
    with transaction.atomic():
        user.save(update_fields=["display_name"])
        announce_user(user)
    return user


def change_password(*, user: User, old: str, new: str, session: UUID | None) -> None:
    """Change it, given the old one; all sessions but `session` end.

    Raises BadRequest, RateLimited; Unavailable without Redis.
    """
    # A stolen access token must not become a place to try passwords.
    limits.check("password", str(user.pk))
    if not user.check_password(old):
        raise BadRequest(fields={"old_password": "This is not the password."})
    verified = user.password
    try:
        validate_password(new, user)
    except ValidationError as error:
        raise BadRequest(fields={"new_password": _first(error)}) from error
    user.set_password(new)
    with transaction.atomic():
        locked = User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if locked.password != verified:
            raise BadRequest(fields={"old_password": "This is not the password."})
        user.save(update_fields=["password"])
        sessions.end_sessions_of(user=user, but=session)


def _first(error: ValidationError) -> str:
    return str(error.messages[0])


def _constraint(error: IntegrityError) -> str | None:
    diagnosis = getattr(error.__cause__, "diag", None)
    return getattr(diagnosis, "constraint_name", None)
