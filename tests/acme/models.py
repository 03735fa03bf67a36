"""Conversation and Message with fields more, and models of the team's own that point at them."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models

from chat.models import AbstractConversation, AbstractMessage


class Conversation(AbstractConversation):
    # The branch that looks after it: from the listing, set when it begins.
    branch = models.CharField(max_length=20, db_default="", default="")
    # Nobody writes while a dispute is being settled.
    frozen = models.BooleanField(db_default=False, default=False)

    class Meta(AbstractConversation.Meta):
        pass


class Message(AbstractMessage):
    # What the team's rules took it for: "en", "fr" or "".
    language = models.CharField(max_length=2, db_default="", default="")

    class Meta(AbstractMessage.Meta):
        pass


class Listing(models.Model):
    """The business object that conversations are about."""

    slug = models.SlugField(primary_key=True)
    title = models.CharField(max_length=120)
    branch = models.CharField(max_length=20)
    withdrawn = models.BooleanField(default=False)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    def __str__(self) -> str:
        return self.title


class Offer(models.Model):
    """An offer commits with the message that tells it, or not at all."""

    message = models.OneToOneField(settings.CHAT_MESSAGE_MODEL, models.PROTECT, related_name="offer")
    buyer = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    amount = models.PositiveIntegerField()

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(amount__gte=1), name="acme_offer_is_something")]

    def __str__(self) -> str:
        return str(self.amount)


class Notice(models.Model):
    """What receivers of signals wrote down."""

    event = models.CharField(max_length=40)
    subject = models.CharField(max_length=40)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    def __str__(self) -> str:
        return f"{self.event} {self.subject}"
