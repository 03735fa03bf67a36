"""People and their logins. Services write them; a session is ended, never deleted while it may matter."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.contrib.auth.models import UserManager as DjangoUserManager
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from uuid_utils.compat import uuid7

from planb.accounts.names import BLANK, DISPLAY_NAME_LIMIT, validate_display_name


class UserManager(DjangoUserManager["User"]):
    """`create_user` names a person after their username if nobody says otherwise."""

    def create_user(
        self, username: str, email: str | None = None, password: str | None = None, **extra_fields: Any
    ) -> User:
        extra_fields.setdefault("display_name", username)
        return super().create_user(username, email, password, **extra_fields)

    def create_superuser(
        self, username: str, email: str | None = None, password: str | None = None, **extra_fields: Any
    ) -> User:
        extra_fields.setdefault("display_name", username)
        return super().create_superuser(username, email, password, **extra_fields)

    def get_by_natural_key(self, username: str | None) -> User:
        """`AWA` is awa. By the database's lower(), as in the constraint: Python's differs in places."""
        name = self.model.normalize_username(username or "")
        return self.alias(username_lower=Lower("username")).get(username_lower=Lower(models.Value(name)))


class User(AbstractUser):
    """A person. People see `display_name`; `username` is what they sign in with."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # One name, as people write it: many have no first and last one.
    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    display_name = models.CharField(
        max_length=DISPLAY_NAME_LIMIT, validators=[validate_display_name], help_text="What others see."
    )

    REQUIRED_FIELDS: ClassVar[list[str]] = ["display_name"]
    objects: ClassVar[UserManager] = UserManager()

    class Meta(AbstractUser.Meta):
        constraints = [
            models.UniqueConstraint(
                Lower("username"),
                name="accounts_user_username_ci",
                violation_error_message="This name is taken.",
            ),
            models.CheckConstraint(
                condition=~models.Q(display_name__regex=BLANK), name="accounts_user_display_name_not_blank"
            ),
        ]

    def __str__(self) -> str:
        return self.display_name

    def get_full_name(self) -> str:
        return self.display_name

    def get_short_name(self) -> str:
        return self.display_name


class SessionQuerySet(models.QuerySet["Session"]):
    def live(self) -> SessionQuerySet:
        """Those that a token may still stand for."""
        return self.filter(revoked_at=None, expires_at__gt=timezone.now(), user__is_active=True)

    def of(self, user: User) -> SessionQuerySet:
        return self.filter(user=user)

    def ended_before(self, moment: datetime) -> SessionQuerySet:
        return self.filter(models.Q(revoked_at__lt=moment) | models.Q(expires_at__lt=moment))


class Session(models.Model):
    """One login on one device: the family of refresh tokens that follow from it.

    Only one generation of the family can be used to go on. The one before it is answered again, with the same
    successor, for as long as its answer may have been lost (`answers_again`).
    """

    # After a rotation, tabs that share a cookie may still come with the token before it.
    GRACE = timedelta(seconds=60)
    # However often it is refreshed, a login ends after this long.
    LONGEST = timedelta(days=365)

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    # Who signed in. Nobody who has sessions can be deleted in passing.
    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="sessions")
    # The generation of the refresh token that may be used; raised by each use.
    gen = models.PositiveIntegerField(default=1)
    # Whether an access token of this generation was used: then its answer has arrived.
    gen_seen = models.BooleanField(default=True)
    # When `gen` was last raised.
    rotated_at = models.DateTimeField(null=True, blank=True)
    # The installation, as the client names it.
    device = models.UUIDField(null=True, blank=True)
    # What the client says that it is: "web 1.4.0".
    client = models.CharField(max_length=80, blank=True)
    user_agent = models.CharField(max_length=200, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(default=timezone.now)
    # Slides with each refresh, up to LONGEST after the start.
    expires_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(gen__gte=1), name="accounts_session_gen_from_one"),
            models.CheckConstraint(
                condition=models.Q(gen=1, rotated_at=None, gen_seen=True)
                | models.Q(gen__gt=1, rotated_at__isnull=False),
                name="accounts_session_rotated_after_first",
            ),
            models.CheckConstraint(
                condition=models.Q(expires_at__gt=models.F("created_at")),
                name="accounts_session_expires_after_start",
            ),
        ]
        indexes = [
            models.Index(
                fields=["user", "-last_used_at"],
                condition=models.Q(revoked_at=None),
                name="accounts_session_of_user",
            ),
            # For the daily pruning.
            models.Index(fields=["expires_at"], name="accounts_session_expiry"),
            models.Index(
                fields=["revoked_at"],
                condition=models.Q(revoked_at__isnull=False),
                name="accounts_session_revoked",
            ),
        ]
        permissions = [("end_session", "Can end sessions")]

    def __str__(self) -> str:
        return f"{self.client or self.user_agent or 'a login'} of {self.user_id}"

    def answers_again(self, now: datetime) -> bool:
        """Whether the generation before this one gets the same successor once more.

        Until that successor's answer is known to have arrived, since a lost answer must not log a phone out;
        and for a minute at least.
        """
        return not self.gen_seen or (self.rotated_at is not None and now - self.rotated_at <= self.GRACE)
