"""What a message said before it was edited or deleted: for moderators, never on the wire."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from chat.swap import MESSAGE_MODEL


class MessageVersion(models.Model):
    message = models.ForeignKey(MESSAGE_MODEL, models.PROTECT, related_name="versions")
    text = models.TextField()
    # Until when it said so, and who changed it.
    replaced_at = models.DateTimeField()
    replaced_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        indexes = [models.Index(fields=["message", "replaced_at"], name="chat_version_of_message")]

    def __str__(self) -> str:
        return f"{self.message_id} until {self.replaced_at:%F %T}"
