"""What a person hides from others. Who hides something does not see it of others either."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models


class Privacy(models.Model):
    """One row per person who ever hid something; without one nothing is hidden."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="chat_privacy")
    hide_last_seen = models.BooleanField(default=False)
    hide_typing = models.BooleanField(default=False)
    # What they read is told to others as delivered.
    private_receipts = models.BooleanField(default=False)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        verbose_name_plural = "privacy"

    def __str__(self) -> str:
        return f"privacy of {self.user_id}"
