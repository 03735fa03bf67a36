"""Who reacted with what. Messages carry the sum, rewritten under the conversation's lock with each change."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from chat.swap import MESSAGE_MODEL


class Reaction(models.Model):
    # In order of arrival: the first use of an emoji decides its place.
    message = models.ForeignKey(MESSAGE_MODEL, models.PROTECT, related_name="reaction_rows")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    # One fully qualified RGI sequence (Unicode TS #51, ED-27).
    emoji = models.CharField(max_length=40)
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["message", "user", "emoji"], name="chat_reaction_once")]

    def __str__(self) -> str:
        return f"{self.emoji} of {self.user_id} on {self.message_id}"
