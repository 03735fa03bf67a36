"""Run the jobs that wait in PostgreSQL, until it is told to end."""

from __future__ import annotations

import asyncio
from typing import Any, cast

from django.core.management.base import BaseCommand, CommandParser
from procrastinate import App
from procrastinate.contrib.django import app
from procrastinate.contrib.django.django_connector import DjangoConnector


class Command(BaseCommand):
    help = "Run the jobs that wait in PostgreSQL."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--concurrency", type=int, default=4, help="jobs at a time (default: 4)")
        parser.add_argument("--queues", nargs="*", help="only these queues (default: all)")

    def handle(self, *_: Any, concurrency: int, queues: list[str] | None, **__: Any) -> None:
        jobs: App = app
        # Django's own connection cannot LISTEN; the worker has a pool beside it, on the same database.
        connector = cast(DjangoConnector, jobs.connector).get_worker_connector()

        async def work() -> None:
            with jobs.replace_connector(connector) as ready:
                async with ready.open_async():
                    await ready.run_worker_async(
                        queues=queues or None,  # type: ignore[arg-type]  # None is all of them
                        concurrency=concurrency,
                        shutdown_graceful_timeout=5,
                    )

        asyncio.run(work())
