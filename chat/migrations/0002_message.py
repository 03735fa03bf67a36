"""Tier two: messages need the conversation in force, whichever it is."""

import django.db.models.deletion
import uuid_utils.compat
from django.conf import settings
from django.db import migrations, models

from chat.swap import CONVERSATION_MODEL


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("chat", "0001_conversation"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
        migrations.swappable_dependency(CONVERSATION_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Message",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=uuid_utils.compat.uuid7, editable=False, primary_key=True, serialize=False
                    ),
                ),
                ("seq", models.BigIntegerField()),
                ("changed_seq", models.BigIntegerField()),
                ("client_id", models.UUIDField(editable=False, null=True)),
                ("draft_hash", models.BinaryField(max_length=32, null=True)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("text", "Text"),
                            ("voice", "Voice"),
                            ("call", "Call"),
                            ("system", "System"),
                        ],
                        default="text",
                        max_length=8,
                    ),
                ),
                ("text", models.TextField(blank=True, default="")),
                ("data", models.JSONField(blank=True, null=True)),
                ("mentions", models.JSONField(blank=True, default=list)),
                ("metadata", models.JSONField(blank=True, default=dict)),
                ("created_at", models.DateTimeField()),
                ("edited_at", models.DateTimeField(blank=True, null=True)),
                ("deleted_at", models.DateTimeField(blank=True, null=True)),
                (
                    "deleted_by",
                    models.CharField(
                        blank=True,
                        choices=[("author", "Author"), ("moderator", "Moderator")],
                        default="",
                        max_length=9,
                    ),
                ),
                ("hidden_at", models.DateTimeField(blank=True, null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="messages",
                        to=settings.CHAT_CONVERSATION_MODEL,
                    ),
                ),
                (
                    "reply_to",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.CHAT_MESSAGE_MODEL,
                    ),
                ),
                (
                    "sender",
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
                "swappable": "CHAT_MESSAGE_MODEL",
            },
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("conversation", "seq"), name="chat_message_place"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(fields=("conversation", "changed_seq"), name="chat_message_change"),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.UniqueConstraint(
                fields=("conversation", "sender", "client_id"), name="chat_message_sent_once"
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(("changed_seq__gte", models.F("seq")), ("seq__gte", 1)),
                name="chat_message_seq_grows",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("client_id__isnull", True), ("kind", "system"), ("sender__isnull", True)),
                    models.Q(
                        models.Q(("kind", "system"), _negated=True),
                        ("client_id__isnull", False),
                        ("draft_hash__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="chat_message_system_has_no_sender",
            ),
        ),
        migrations.AddConstraint(
            model_name="message",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("deleted_at__isnull", True), ("deleted_by", "")),
                    models.Q(
                        ("deleted_at__isnull", False),
                        ("text", ""),
                        models.Q(("deleted_by", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="chat_message_deleted_is_empty",
            ),
        ),
    ]
