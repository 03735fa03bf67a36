"""Tier three: what is never swapped."""

import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

from chat.swap import CONVERSATION_MODEL, MESSAGE_MODEL


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("chat", "0002_message"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(CONVERSATION_MODEL),
        migrations.swappable_dependency(MESSAGE_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Epoch",
            fields=[
                (
                    "id",
                    models.SmallIntegerField(default=1, editable=False, primary_key=True, serialize=False),
                ),
                ("value", models.UUIDField(default=uuid.uuid4, editable=False)),
            ],
            options={
                "constraints": [models.CheckConstraint(condition=models.Q(("id", 1)), name="chat_epoch_single")],
            },
        ),
        migrations.CreateModel(
            name="Inbox",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="chat_inbox",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("seq", models.BigIntegerField(default=0)),
            ],
            options={
                "verbose_name_plural": "inboxes",
                "constraints": [
                    models.CheckConstraint(condition=models.Q(("seq__gte", 0)), name="chat_inbox_seq_grows")
                ],
            },
        ),
        migrations.CreateModel(
            name="Participant",
            fields=[
                (
                    "id",
                    models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID"),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("owner", "Owner"), ("admin", "Admin"), ("member", "Member")],
                        default="member",
                        max_length=6,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[("active", "Active"), ("request", "Request"), ("ignored", "Ignored")],
                        default="active",
                        max_length=7,
                    ),
                ),
                ("listed", models.BooleanField(default=True)),
                ("joined_at", models.DateTimeField()),
                ("removed_at", models.DateTimeField(blank=True, null=True)),
                ("removed_seq", models.BigIntegerField(blank=True, null=True)),
                (
                    "removal",
                    models.CharField(
                        blank=True,
                        choices=[("left", "Left"), ("removed", "Removed"), ("deleted", "Deleted")],
                        default="",
                        max_length=7,
                    ),
                ),
                ("read_seq", models.BigIntegerField(default=0)),
                ("delivered_seq", models.BigIntegerField(default=0)),
                ("inbox_seq", models.BigIntegerField(default=0)),
                ("muted_until", models.DateTimeField(blank=True, null=True)),
                ("archived", models.BooleanField(default=False)),
                ("pinned", models.BooleanField(default=False)),
                ("marked_unread", models.BooleanField(default=False)),
                ("draft", models.TextField(blank=True, default="")),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="participants",
                        to=settings.CHAT_CONVERSATION_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="chat_participations",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
        ),
        migrations.AddIndex(
            model_name="participant",
            index=models.Index(
                condition=models.Q(("listed", True), ("removed_at__isnull", True)),
                fields=["user", "conversation"],
                name="chat_participant_current",
            ),
        ),
        migrations.AddIndex(
            model_name="participant",
            index=models.Index(fields=["user", "inbox_seq"], name="chat_participant_inbox"),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.UniqueConstraint(fields=("conversation", "user"), name="chat_participant_once"),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(("delivered_seq__gte", models.F("read_seq")), ("read_seq__gte", 0)),
                name="chat_participant_read_is_delivered",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("removal", ""), ("removed_at__isnull", True), ("removed_seq__isnull", True)),
                    models.Q(
                        ("removed_at__isnull", False),
                        ("removed_seq__isnull", False),
                        models.Q(("removal", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="chat_participant_removal_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(("role__in", ["owner", "admin", "member"])),
                name="chat_participant_role_known",
            ),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__in", ["active", "request", "ignored"])),
                name="chat_participant_state_known",
            ),
        ),
    ]
