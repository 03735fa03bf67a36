"""`CHAT_USER_CARD`: people as others see them, with a field of the team's own."""

from __future__ import annotations

from typing import Any

from chat import wire


def card(user: Any) -> wire.User:
    return wire.User(
        id=str(user.pk),
        display_name=user.display_name,
        avatar=None,
        deleted=not user.is_active,
        ext={"seller": user.is_staff},
    )
