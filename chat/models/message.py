"""A message: keeps the `seq` of its birth, and carries that of its last change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

from chat.swap import CONVERSATION_MODEL, MESSAGE_MODEL

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class MessageQuerySet(models.QuerySet["AbstractMessage"]):
    def visible_to(self, user: AbstractBaseUser) -> Self:
        """Those in conversations that this person takes part in now."""
        return self.filter(
            conversation__participants__user_id=user.pk,
            conversation__participants__removed_at__isnull=True,
            conversation__participants__listed=True,
        )


class AbstractMessage(models.Model):
    """Extend this to swap the model (`CHAT_MESSAGE_MODEL`).

    Rows are inserted in bulk: `save()` and `post_save` do not run, and extra fields need a `db_default` or a
    value from a `before_send` hook.
    """

    class Kind(models.TextChoices):
        TEXT = "text"
        VOICE = "voice"
        CALL = "call"
        SYSTEM = "system"

    class DeletedBy(models.TextChoices):
        AUTHOR = "author"
        MODERATOR = "moderator"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    conversation = models.ForeignKey(CONVERSATION_MODEL, models.PROTECT, related_name="messages")
    # Its place, for ever.
    seq = models.BigIntegerField()
    # The number of its last change; equals `seq` at birth.
    changed_seq = models.BigIntegerField()
    # Chosen by the sender's device when composing: makes a send repeatable.
    client_id = models.UUIDField(null=True, editable=False)
    # SHA-256 over the draft as received: a repeat with other content is a conflict.
    draft_hash = models.BinaryField(max_length=32, null=True, editable=False)
    # Null for system messages and for people who were erased.
    sender = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=8, choices=Kind.choices, default=Kind.TEXT)
    text = models.TextField(blank=True, default="")
    # Typed by kind: {"event": "participants_added", "actor": …, "users": […]} for a system message.
    data = models.JSONField(null=True, blank=True)
    reply_to = models.ForeignKey(MESSAGE_MODEL, models.PROTECT, null=True, related_name="+")
    # User keys as they stand on the wire.
    mentions = models.JSONField(default=list, blank=True)
    # [{emoji, count, users}] as on the wire: the sum of the Reaction rows.
    reactions = models.JSONField(default=list, blank=True)
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    edited_at = models.DateTimeField(null=True, blank=True)
    deleted_at = models.DateTimeField(null=True, blank=True)
    deleted_by = models.CharField(max_length=9, choices=DeletedBy.choices, blank=True, default="")
    hidden_at = models.DateTimeField(null=True, blank=True)

    objects: ClassVar[models.Manager[Any]] = MessageQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["conversation", "seq"], name="%(app_label)s_%(class)s_place"),
            models.UniqueConstraint(fields=["conversation", "changed_seq"], name="%(app_label)s_%(class)s_change"),
            models.UniqueConstraint(
                fields=["conversation", "sender", "client_id"], name="%(app_label)s_%(class)s_sent_once"
            ),
            models.CheckConstraint(
                condition=Q(seq__gte=1, changed_seq__gte=F("seq")), name="%(app_label)s_%(class)s_seq_grows"
            ),
            models.CheckConstraint(
                condition=Q(kind="system", sender__isnull=True, client_id__isnull=True)
                | (~Q(kind="system") & Q(client_id__isnull=False, draft_hash__isnull=False)),
                name="%(app_label)s_%(class)s_system_has_no_sender",
            ),
            models.CheckConstraint(
                condition=Q(deleted_at__isnull=True, deleted_by="")
                | (Q(deleted_at__isnull=False, text="") & ~Q(deleted_by="")),
                name="%(app_label)s_%(class)s_deleted_is_empty",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.conversation_id}#{self.seq}"


class Message(AbstractMessage):
    class Meta(AbstractMessage.Meta):
        swappable = "CHAT_MESSAGE_MODEL"
