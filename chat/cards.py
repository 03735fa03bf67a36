"""People as others see them: the wire User. `CHAT_USER_CARD` replaces `user_card`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import lru_cache
from typing import Any

from django.contrib.auth import get_user_model
from django.core.exceptions import ValidationError
from django.core.signals import setting_changed
from django.utils.module_loading import import_string

from chat import wire
from chat.conf import conf
from chat.exceptions import NotFound


def user_card(user: Any) -> wire.User:
    """`display_name` where the user model has one, else the full name, else the username."""
    name = getattr(user, "display_name", "") or getattr(user, "get_full_name", str)() or user.get_username()
    return wire.User(id=str(user.pk), display_name=name, avatar=None, deleted=not user.is_active, ext={})


@lru_cache(maxsize=1)
def _card() -> Callable[[Any], wire.User]:
    made: Callable[[Any], wire.User] = import_string(conf().user_card)
    return made


def card(user: Any) -> wire.User:
    """The deployment's form of one person."""
    return _card()(user)


def cards(user_ids: Iterable[Any]) -> list[wire.User]:
    """Those people, in one query, in order of id."""
    wanted = set(user_ids)
    if not wanted:
        return []
    rows = get_user_model()._default_manager.filter(pk__in=wanted).order_by("pk")
    return [card(row) for row in rows]


def people(raw: Iterable[str]) -> list[Any]:
    """The rows of these people. Raises NotFound where one of them is not there."""
    keys = {user_key(item) for item in raw}
    known: set[Any] = keys - {None}
    found = list(get_user_model()._default_manager.filter(pk__in=known).order_by("pk"))
    # `None` stands for what cannot be a key: it is never found.
    if len(found) != len(keys):
        raise NotFound("There is no such person.", fields={"users": "not found"})
    return found


def user_key(raw: str) -> Any | None:
    """A wire user id as this project's primary key; None where it cannot be one."""
    field = get_user_model()._meta.pk
    assert field is not None
    try:
        return field.to_python(raw)
    except (ValidationError, ValueError, OverflowError):
        return None


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "CHAT_USER_CARD":
        _card.cache_clear()


setting_changed.connect(_forget)
