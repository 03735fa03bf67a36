"""Settings from the environment: typed, loud about nonsense, and NAME_FILE for secrets kept in files."""

from __future__ import annotations

from pathlib import Path
from urllib.parse import urlsplit

import environ
from django.core.exceptions import ImproperlyConfigured

env = environ.FileAwareEnv()


def read_file(path: Path) -> None:
    """Take NAME=value lines of a file for names that the environment does not set."""
    if path.is_file():
        env.read_env(str(path))


def flag(name: str, *, default: bool) -> bool:
    """1/true/yes/on or 0/false/no/off; anything else is refused."""
    raw = env.str(name, default="").strip().lower()
    if raw == "":
        return default
    if raw in {"1", "true", "yes", "on"}:
        return True
    if raw in {"0", "false", "no", "off"}:
        return False
    raise ImproperlyConfigured(f"{name} must be 1 or 0, not {raw!r}.")


def integer(name: str, *, default: int, least: int = 0, most: int = 2**31) -> int:
    raw = env.str(name, default="").strip()
    if raw == "":
        return default
    try:
        value = int(raw)
    except ValueError:
        raise ImproperlyConfigured(f"{name} must be a whole number, not {raw!r}.") from None
    if not least <= value <= most:
        raise ImproperlyConfigured(f"{name} must lie between {least} and {most}, not at {value}.")
    return value


def words(name: str, *, default: tuple[str, ...] = ()) -> tuple[str, ...]:
    """A comma-separated list."""
    raw = env.str(name, default="")
    return tuple(word.strip() for word in raw.split(",") if word.strip()) if raw else default


def url(name: str, *, schemes: set[str], default: str) -> str:
    value: str = env.str(name, default="") or default
    if urlsplit(value).scheme not in schemes:
        raise ImproperlyConfigured(f"{name} must start with one of {', '.join(sorted(schemes))}://")
    return value


def secret(name: str, *, default: str | None = None) -> str:
    """A value that nobody may guess; at least 32 characters."""
    value: str = env.str(name, default="") or (default or "")
    if len(value) < 32:
        raise ImproperlyConfigured(
            f"{name} (or {name}_FILE) must hold at least 32 random characters. "
            "`python3 -c 'import secrets; print(secrets.token_urlsafe(48))'` makes some."
        )
    return value
