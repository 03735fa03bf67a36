"""What people hide, and the read mark that others see of those who read in private."""

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("chat", "0004_reaction"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.AddField(
            model_name="participant",
            name="shown_read_seq",
            field=models.BigIntegerField(blank=True, null=True),
        ),
        migrations.AddConstraint(
            model_name="participant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("shown_read_seq__isnull", True),
                    models.Q(("shown_read_seq__gte", 0), ("shown_read_seq__lte", models.F("read_seq"))),
                    _connector="OR",
                ),
                name="chat_participant_shown_was_read",
            ),
        ),
        migrations.CreateModel(
            name="Privacy",
            fields=[
                (
                    "user",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT,
                        primary_key=True,
                        related_name="chat_privacy",
                        serialize=False,
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                ("hide_last_seen", models.BooleanField(default=False)),
                ("hide_typing", models.BooleanField(default=False)),
                ("private_receipts", models.BooleanField(default=False)),
            ],
            options={"verbose_name_plural": "privacy"},
        ),
    ]
