"""Who takes part in a conversation, how far they have read, and what of it is theirs alone."""

from __future__ import annotations

from typing import Any, ClassVar

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from chat.swap import CONVERSATION_MODEL


class Participant(models.Model):
    """One person in one conversation. A person who leaves keeps the row, for those who ask what changed."""

    class Role(models.TextChoices):
        OWNER = "owner"
        ADMIN = "admin"
        MEMBER = "member"

    class State(models.TextChoices):
        ACTIVE = "active"
        REQUEST = "request"
        IGNORED = "ignored"

    class Removal(models.TextChoices):
        LEFT = "left"
        REMOVED = "removed"
        DELETED = "deleted"

    conversation = models.ForeignKey(CONVERSATION_MODEL, models.PROTECT, related_name="participants")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="chat_participations")
    role = models.CharField(max_length=6, choices=Role.choices, default=Role.MEMBER)
    state = models.CharField(max_length=7, choices=State.choices, default=State.ACTIVE)
    # False on the other side of a direct conversation until its first message.
    listed = models.BooleanField(default=True)
    joined_at = models.DateTimeField()
    removed_at = models.DateTimeField(null=True, blank=True)
    # The conversation's `seq` of the removal: nothing above it reaches this person.
    removed_seq = models.BigIntegerField(null=True, blank=True)
    removal = models.CharField(max_length=7, choices=Removal.choices, blank=True, default="")
    # Marks only grow; read implies delivered.
    read_seq = models.BigIntegerField(default=0)
    delivered_seq = models.BigIntegerField(default=0)
    # How much of what was read others may know, where that is less: they read on in private. Grows too.
    shown_read_seq = models.BigIntegerField(null=True, blank=True)
    # The person's inbox number of the last private change of this row.
    inbox_seq = models.BigIntegerField(default=0)
    muted_until = models.DateTimeField(null=True, blank=True)
    archived = models.BooleanField(default=False)
    pinned = models.BooleanField(default=False)
    marked_unread = models.BooleanField(default=False)
    draft = models.TextField(blank=True, default="")

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["conversation", "user"], name="chat_participant_once"),
            models.CheckConstraint(
                condition=Q(read_seq__gte=0, delivered_seq__gte=F("read_seq")),
                name="chat_participant_read_is_delivered",
            ),
            models.CheckConstraint(
                condition=Q(shown_read_seq__isnull=True) | Q(shown_read_seq__gte=0, shown_read_seq__lte=F("read_seq")),
                name="chat_participant_shown_was_read",
            ),
            models.CheckConstraint(
                condition=Q(removed_at__isnull=True, removed_seq__isnull=True, removal="")
                | (Q(removed_at__isnull=False, removed_seq__isnull=False) & ~Q(removal="")),
                name="chat_participant_removal_whole",
            ),
            models.CheckConstraint(
                condition=Q(role__in=["owner", "admin", "member"]), name="chat_participant_role_known"
            ),
            models.CheckConstraint(
                condition=Q(state__in=["active", "request", "ignored"]), name="chat_participant_state_known"
            ),
        ]
        indexes = [
            # A person's conversations now: the list, positions at hello.
            models.Index(
                fields=["user", "conversation"],
                condition=Q(removed_at__isnull=True, listed=True),
                name="chat_participant_current",
            ),
            # What changed for a person since an inbox number.
            models.Index(fields=["user", "inbox_seq"], name="chat_participant_inbox"),
        ]

    def __str__(self) -> str:
        return f"{self.user_id} in {self.conversation_id}"

    @property
    def seen_by_others(self) -> int:
        """The read mark that others are told."""
        return self.read_seq if self.shown_read_seq is None else self.shown_read_seq


class Inbox(models.Model):
    """A person's private sequence: added, removed, own marks, mute, archive, draft. Dense, under this row's lock."""

    user = models.OneToOneField(settings.AUTH_USER_MODEL, models.PROTECT, primary_key=True, related_name="chat_inbox")
    seq = models.BigIntegerField(default=0)

    objects: ClassVar[models.Manager[Any]] = models.Manager()

    class Meta:
        constraints = [models.CheckConstraint(condition=Q(seq__gte=0), name="chat_inbox_seq_grows")]
        verbose_name_plural = "inboxes"

    def __str__(self) -> str:
        return f"inbox of {self.user_id} at {self.seq}"
