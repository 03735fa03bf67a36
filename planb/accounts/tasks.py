"""What the worker does for accounts by itself."""

from __future__ import annotations

from procrastinate.contrib.django import app

from planb.accounts import services


@app.periodic(cron="17 3 * * *")
@app.task(queueing_lock="accounts.prune_sessions")
def prune_sessions(timestamp: int) -> int:
    """Daily. `timestamp` is when it was due."""
    return services.prune_sessions()
