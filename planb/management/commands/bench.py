"""`manage.py bench`: measure on servers of its own, print one table. Arguments go to tests/bench/latency.py."""

from __future__ import annotations

import subprocess
import sys

from django.conf import settings
from django.core.management.base import BaseCommand

from planb.management.commands.test import servers


class Command(BaseCommand):
    help = "Measure latency and cost beside a peer. TEST_DATABASE_URL and TEST_REDIS_URL choose other servers."

    def run_from_argv(self, argv: list[str]) -> None:
        with servers():
            command = [sys.executable, "-m", "tests.bench.latency", *argv[2:]]
            sys.exit(subprocess.run(command, cwd=settings.BASE_DIR, check=False).returncode)
