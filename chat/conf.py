"""The app's settings, typed, with their defaults: `CHAT_<NAME>` in Django's settings overrides `name` here."""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed


@dataclass(frozen=True, slots=True)
class Conf:
    """Sizes are in bytes, times in seconds, text in code points, unless a line says otherwise."""

    # Seams: dotted paths
    authenticator: str = "chat.tokens.SignedTokens"
    user_card: str = "chat.cards.user_card"
    policy: str = "chat.policy.Policy"
    # Resolvers of business objects: type → dotted path of `resolve(id, user) -> Subject | None`
    subjects: tuple[tuple[str, str], ...] = ()
    redis_url: str = "redis://127.0.0.1:6379/0"
    redis_prefix: str = "planb"
    redis_timeout: float = 1.0
    # Origins that may open a socket, beside the page's own host: "https://example.org"
    allowed_origins: tuple[str, ...] = ()

    # Whether `GET users?search=` answers, and in which fields of the user model it looks; those it lacks are skipped.
    people_search: bool = False
    people_search_fields: tuple[str, ...] = ("display_name", "username")
    # Accounts younger than this start few conversations with strangers (limit `new_conversation`).
    young_account_days: int = 7
    # Told in `config`; whoever signs people up decides.
    registration_open: bool = False
    # How long a token of `chat.tokens` lasts, in seconds.
    token_seconds: float = 300.0

    # Content
    text_limit: int = 4_000
    metadata_limit: int = 4_096
    title_limit: int = 120
    group_limit: int = 1_000
    page_limit: int = 100
    # Text may be edited for a day after it was sent.
    edit_seconds: float = 86_400.0
    emoji_limit: int = 20
    reaction_users_limit: int = 50
    changes_limit: int = 1_000
    positions_limit: int = 200
    # In a larger conversation marks are counted, not told one by one.
    receipts_limit: int = 100

    # Socket
    socket_path: str = "/ws/v1"
    frame_limit: int = 65_536
    frame_close_limit: int = 262_144
    frame_depth: int = 8
    hello_timeout: float = 10.0
    ping_interval: float = 30.0
    reply_timeout: float = 10.0
    # How long a socket that we close may take to read what is left for it.
    close_timeout: float = 5.0
    outbox_frames: int = 256
    outbox_bytes: int = 1_048_576
    sockets_per_user: int = 10
    pending_sockets_per_address: int = 20
    socket_lifetime: float = 22 * 3600.0
    bad_frames_per_minute: int = 10
    commands_in_flight: int = 32
    # Threads for database work; each holds at most one connection while it works.
    database_threads: int = 12
    lock_timeout: float = 2.0
    statement_timeout: float = 5.0
    hole_wait: float = 0.05
    # One query compares what the hub has said with what the database holds.
    heads_interval: float = 5.0

    typing_resend: float = 3.0
    typing_expire: float = 6.0


@lru_cache(maxsize=1)
def conf() -> Conf:
    """The settings in force. Read it per use, not at import: tests and start-up change it."""
    given: dict[str, Any] = {}
    for field in fields(Conf):
        name = f"CHAT_{field.name.upper()}"
        if hasattr(settings, name):
            given[field.name] = getattr(settings, name)
    return Conf(**given)


def _forget(*, setting: str, **_: Any) -> None:
    if setting.startswith("CHAT_"):
        conf.cache_clear()


setting_changed.connect(_forget)
