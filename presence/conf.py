"""The app's settings, typed, with their defaults: `PRESENCE_<NAME>` in Django's settings overrides `name` here.

How long typing lasts is `CHAT_TYPING_EXPIRE`, which clients are told in `ready`.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.signals import setting_changed


@dataclass(frozen=True, slots=True)
class Conf:
    """Times are in seconds."""

    # An entry that nobody refreshes ends after this long: two and a half times CHAT_PING_INTERVAL.
    ttl: float = 75.0
    # How long a closed socket still counts, so that a reload or a change of network announces nothing.
    grace: float = 10.0
    # How long it is remembered when somebody was last seen.
    remember: float = 30 * 86_400.0
    # How often it is asked whether those who are watched may still be seen by their watchers.
    recheck_interval: float = 8.0
    # People whose entries are due, looked at in one round of a sweep.
    sweep_limit: int = 200


@lru_cache(maxsize=1)
def conf() -> Conf:
    """The settings in force. Read it per use, not at import: tests and start-up change it."""
    given: dict[str, Any] = {}
    for field in fields(Conf):
        name = f"PRESENCE_{field.name.upper()}"
        if hasattr(settings, name):
            given[field.name] = getattr(settings, name)
    return Conf(**given)


def _forget(*, setting: str, **_: Any) -> None:
    if setting.startswith("PRESENCE_"):
        conf.cache_clear()


setting_changed.connect(_forget)
