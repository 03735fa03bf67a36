"""The models in force: a team's own where it has swapped them. Tests that look into the database import them here."""

from __future__ import annotations

from typing import Any

from chat.swap import conversation_model, message_model

Conversation: Any = conversation_model()
Message: Any = message_model()
