"""Which models stand for Conversation and Message: a project may swap them before its first migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings

if TYPE_CHECKING:
    from chat.models import AbstractConversation, AbstractMessage

CONVERSATION_MODEL: str = getattr(settings, "CHAT_CONVERSATION_MODEL", "chat.Conversation")
MESSAGE_MODEL: str = getattr(settings, "CHAT_MESSAGE_MODEL", "chat.Message")


def conversation_model() -> type[AbstractConversation]:
    """The Conversation class in force."""
    return apps.get_model(CONVERSATION_MODEL)  # type: ignore[return-value]


def message_model() -> type[AbstractMessage]:
    """The Message class in force."""
    return apps.get_model(MESSAGE_MODEL)  # type: ignore[return-value]
