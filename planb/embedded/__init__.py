"""Private PostgreSQL and Valkey for one machine, from their wheels. They end with whoever starts them.

Each server keeps its address over `stop`, `kill` and `start`, so that a test can take it away and back.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from planb.embedded.postgres import Postgres, postgres_data
from planb.embedded.valkey import Valkey
from planb.machine.scratch import scratch

__all__ = ["Postgres", "Valkey", "postgres_data", "throwaway_servers"]


@contextmanager
def throwaway_servers() -> Iterator[tuple[Postgres, Valkey]]:
    """Both servers with data that goes with them: what a test run uses."""
    with scratch() as folder:
        database = Postgres(
            data=folder / "postgres", sockets=folder / "sockets", log=folder / "postgres.log", durable=False
        )
        layer = Valkey(data=folder / "valkey", log=folder / "valkey.log", password=secrets.token_urlsafe(24))
        try:
            database.start()
            layer.start()
            yield database, layer
        finally:
            layer.kill()
            database.kill()
