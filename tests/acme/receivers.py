"""What the team does after the fact: a search index, statistics. Here: a line for each."""

from __future__ import annotations

from typing import Any

from django.dispatch import receiver

from chat import signals, wire
from tests.acme.models import Notice


@receiver(signals.message_sent)
def note_message(message: wire.Message, **kwargs: Any) -> None:
    if message.text.startswith("index me"):
        Notice.objects.create(event="sent", subject=message.id)
    if message.text.startswith("break me"):
        raise RuntimeError("an index that is down")


@receiver(signals.message_deleted)
def note_deletion(message: wire.Message, **kwargs: Any) -> None:
    Notice.objects.create(event="deleted", subject=message.id)


@receiver(signals.conversation_removed)
def note_removal(user: str, reason: str, **kwargs: Any) -> None:
    Notice.objects.create(event=reason, subject=user)
