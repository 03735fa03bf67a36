"""A conversation, and the sequence that orders everything durable in it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, Self

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from uuid_utils.compat import uuid7

if TYPE_CHECKING:
    from django.contrib.auth.models import AbstractBaseUser


class ConversationQuerySet(models.QuerySet["AbstractConversation"]):
    def visible_to(self, user: AbstractBaseUser) -> Self:
        """Those that this person takes part in now; a direct one from its first message or their opening."""
        return self.filter(
            participants__user_id=user.pk,
            participants__removed_at__isnull=True,
            participants__listed=True,
        )


class AbstractConversation(models.Model):
    """Extend this to swap the model (`CHAT_CONVERSATION_MODEL`); keep every field."""

    class Kind(models.TextChoices):
        DIRECT = "direct"
        GROUP = "group"

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    kind = models.CharField(max_length=8, choices=Kind.choices)
    # Groups have one; a direct conversation is named by its reader after the other person.
    title = models.CharField(max_length=120, blank=True, default="")
    # The business object talked about: what clients sent (type, id), and what a resolver made of it.
    subject_type = models.CharField(max_length=40, blank=True, default="")
    subject_id = models.CharField(max_length=80, blank=True, default="")
    subject_card = models.JSONField(default=dict, blank=True)
    # SHA-256 over the sorted pair and the subject: one direct conversation per pair and subject.
    direct_key = models.CharField(max_length=64, null=True, blank=True, unique=True)
    # What the creator called this creation: a repeated request finds it again.
    created_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    client_id = models.UUIDField(null=True, editable=False)
    draft_hash = models.BinaryField(max_length=32, null=True, editable=False)
    # The last number taken: 1, 2, 3 … dense, handed out under this row's lock.
    seq = models.BigIntegerField(default=0)
    # The number of the conversation's own last change (title, participants …); 0 before the first.
    changed_seq = models.BigIntegerField(default=0)
    # Messages below are gone by retention.
    history_start = models.BigIntegerField(default=1)
    # The place of the newest message, and when it came; the list is ordered by the latter.
    last_message_seq = models.BigIntegerField(default=0)
    last_message_at = models.DateTimeField()
    participant_count = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    # Seconds between two messages of one person; 0 is off.
    slow_mode = models.PositiveIntegerField(default=0)
    metadata = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()

    objects: ClassVar[models.Manager[Any]] = ConversationQuerySet.as_manager()

    class Meta:
        abstract = True
        constraints = [
            models.CheckConstraint(
                condition=Q(kind__in=["direct", "group"]), name="%(app_label)s_%(class)s_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(kind="direct", direct_key__isnull=False, title="")
                | Q(kind="group", direct_key__isnull=True),
                name="%(app_label)s_%(class)s_direct_has_key",
            ),
            models.CheckConstraint(
                condition=Q(subject_type="", subject_id="") | (~Q(subject_type="") & ~Q(subject_id="")),
                name="%(app_label)s_%(class)s_subject_whole",
            ),
            models.CheckConstraint(
                condition=Q(
                    seq__gte=F("last_message_seq"),
                    last_message_seq__gte=0,
                    changed_seq__gte=0,
                    history_start__gte=1,
                )
                & Q(seq__gte=F("changed_seq")),
                name="%(app_label)s_%(class)s_seq_is_head",
            ),
            models.UniqueConstraint(fields=["created_by", "client_id"], name="%(app_label)s_%(class)s_creation_once"),
        ]

    def __str__(self) -> str:
        return self.title or f"{self.kind} {self.pk}"


class Conversation(AbstractConversation):
    class Meta(AbstractConversation.Meta):
        swappable = "CHAT_CONVERSATION_MODEL"
