"""The product without rate limits, for the bench alone: they are not what is measured, and they are said to be off."""

from __future__ import annotations

from django.conf import settings

settings.CHAT_LIMITS = {"send": None, "send_conversation": None}

from planb.asgi import application  # noqa: E402 (after the setting)

__all__ = ["application"]
