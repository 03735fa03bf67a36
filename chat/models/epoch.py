"""One random row: with the server's own identity it names this database's history."""

from __future__ import annotations

from typing import Any, ClassVar
from uuid import uuid4

from django.db import models
from django.db.models import Q


class Epoch(models.Model):
    id = models.SmallIntegerField(primary_key=True, default=1, editable=False)
    value = models.UUIDField(default=uuid4, editable=False)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(id=1), name="chat_epoch_single")]

    def __str__(self) -> str:
        return str(self.value)
