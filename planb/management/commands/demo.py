"""`manage.py demo`: people and conversations to look at. `up` calls it."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.test.utils import override_settings

from planb.demo.fill import fill


class Command(BaseCommand):
    help = "Fill an empty database with demo people and conversations. Only under DEBUG."

    def handle(self, *args: Any, **options: Any) -> None:
        if not settings.DEBUG:
            raise CommandError("Demo accounts have a known password: they are made only under DEBUG.")
        # Limits are for people, not for filling a database.
        with override_settings(CHAT_LIMITS={"new_conversation": None}):
            fill(lambda line: self.stdout.write(f"  {line}"))
