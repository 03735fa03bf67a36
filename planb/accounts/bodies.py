"""What clients send to the accounts' endpoints, and the wire form of a session."""

from __future__ import annotations

from typing import Annotated, Literal
from uuid import UUID

from msgspec import UNSET, Meta, UnsetType

from chat import wire
from planb.accounts.models import Session

# PostgreSQL holds no NUL, and no name or password of a person has one.
Username = Annotated[str, Meta(min_length=1, max_length=150, pattern=r"^[^\x00]*$")]
Password = Annotated[str, Meta(min_length=1, max_length=256, pattern=r"^[^\x00]*$")]
# Longer than a name may be: the service says what is wrong with it, and counts after normalisation.
DisplayName = Annotated[str, Meta(max_length=400, pattern=r"^[^\x00]*$")]
Delivery = Literal["cookie", "body"]


class ClientName(wire.Command, frozen=True):
    name: Annotated[str, Meta(max_length=40)]
    version: Annotated[str, Meta(max_length=39)] = ""


class SignIn(wire.Command, frozen=True):
    username: Username
    password: Password
    delivery: Delivery = "body"
    device: UUID | None = None
    client: ClientName | None = None


class Register(SignIn, frozen=True, kw_only=True):
    display_name: DisplayName


class RefreshOrRevoke(wire.Command, frozen=True):
    refresh: Annotated[str, Meta(max_length=8192)] | None = None


class ChangePassword(wire.Command, frozen=True):
    old_password: Password
    new_password: Password


class ChangeMe(wire.Command, frozen=True):
    display_name: DisplayName | UnsetType = UNSET


class SessionEntry(wire.Resource, frozen=True):
    """A login, as its person sees it. `current`: the one that asks."""

    id: wire.Id
    device: wire.Id | None
    client: str
    user_agent: str
    created_at: wire.Time
    last_used_at: wire.Time
    expires_at: wire.Time
    current: bool


class SessionsAnswer(wire.Resource, frozen=True):
    items: list[SessionEntry]


class TokenAnswer(wire.Resource, frozen=True, omit_defaults=True):
    """`refresh` is absent where a cookie carries it. `expires_at` is the access token's."""

    access: str
    expires_at: wire.Time
    session: wire.Id
    refresh: str | UnsetType = UNSET


def session_entry(session: Session, *, current: bool) -> SessionEntry:
    return SessionEntry(
        id=str(session.pk),
        device=str(session.device) if session.device else None,
        client=session.client,
        user_agent=session.user_agent,
        created_at=wire.stamp(session.created_at),
        last_used_at=wire.stamp(session.last_used_at),
        expires_at=wire.stamp(session.expires_at),
        current=current,
    )
