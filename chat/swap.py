"""Which models stand for Conversation and Message: a project may swap them before its first migration."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.conf import settings

if TYPE_CHECKING:
    from chat.models import AbstractConversation, AbstractMessage

# Django's `swappable` and its migrations read the settings by name: they must exist even where nobody set them.
for _name, _default in (
    ("CHAT_CONVERSATION_MODEL", "chat.Conversation"),
    ("CHAT_MESSAGE_MODEL", "chat.Message"),
):
    if not hasattr(settings, _name):
        setattr(settings, _name, _default)

CONVERSATION_MODEL: str = settings.CHAT_CONVERSATION_MODEL
MESSAGE_MODEL: str = settings.CHAT_MESSAGE_MODEL


def conversation_model() -> type[AbstractConversation]:
    """The Conversation class in force."""
    return apps.get_model(CONVERSATION_MODEL)


def message_model() -> type[AbstractMessage]:
    """The Message class in force."""
    return apps.get_model(MESSAGE_MODEL)
