"""Tier one: what may be swapped comes alone, so that a swapped model can stand between the tiers."""

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Conversation",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("kind", models.CharField(choices=[("direct", "Direct"), ("group", "Group")], max_length=8)),
                ("title", models.CharField(blank=True, default="", max_length=120)),
                ("subject_type", models.CharField(blank=True, default="", max_length=40)),
                ("subject_id", models.CharField(blank=True, default="", max_length=80)),
                ("subject_card", models.JSONField(blank=True, default=dict)),
                ("direct_key", models.CharField(blank=True, max_length=64, null=True, unique=True)),
                ("client_id", models.UUIDField(editable=False, null=True)),
                ("draft_hash", models.BinaryField(max_length=32, null=True)),
                ("seq", models.BigIntegerField(default=0)),
                ("changed_seq", models.BigIntegerField(default=0)),
                ("history_start", models.BigIntegerField(default=1)),
                ("last_message_seq", models.BigIntegerField(default=0)),
                ("last_message_at", models.DateTimeField()),
                ("participant_count", models.PositiveIntegerField(default=0)),
                ("closed_at", models.DateTimeField(blank=True, null=True)),
                ("slow_mode", models.PositiveIntegerField(default=0)),
                ("metadata", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField()),
                (
                    "created_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "abstract": False,
                "swappable": "CHAT_CONVERSATION_MODEL",
            },
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["direct", "group"])), name="chat_conversation_kind_known"
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("direct_key__isnull", False), ("kind", "direct"), ("title", "")),
                    models.Q(("direct_key__isnull", True), ("kind", "group")),
                    _connector="OR",
                ),
                name="chat_conversation_direct_has_key",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("subject_id", ""), ("subject_type", "")),
                    models.Q(
                        models.Q(("subject_type", ""), _negated=True),
                        models.Q(("subject_id", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="chat_conversation_subject_whole",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("changed_seq__gte", 0),
                    ("history_start__gte", 1),
                    ("last_message_seq__gte", 0),
                    ("seq__gte", models.F("last_message_seq")),
                    ("seq__gte", models.F("changed_seq")),
                ),
                name="chat_conversation_seq_is_head",
            ),
        ),
        migrations.AddConstraint(
            model_name="conversation",
            constraint=models.UniqueConstraint(
                fields=("created_by", "client_id"), name="chat_conversation_creation_once"
            ),
        ),
    ]
