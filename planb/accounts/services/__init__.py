"""What can be done with people and their logins. Only these write."""

from planb.accounts.services.people import change_password, register, rename
from planb.accounts.services.sessions import (
    end_session,
    end_sessions_of,
    prune_sessions,
    refresh,
    revoke,
    sessions_of,
    sign_in,
)

__all__ = [
    "change_password",
    "end_session",
    "end_sessions_of",
    "prune_sessions",
    "refresh",
    "register",
    "rename",
    "revoke",
    "sessions_of",
    "sign_in",
]
