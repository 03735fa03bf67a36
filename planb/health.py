"""For load balancers: `/healthz` says that the process lives, `/readyz` that it can work."""

from __future__ import annotations

import redis
from django.db import DatabaseError, connection
from django.http import HttpRequest, JsonResponse

from chat.realtime.hub import running
from chat.redis import sync_client


def healthz(request: HttpRequest) -> JsonResponse:
    return JsonResponse({"status": "ok"})


def readyz(request: HttpRequest) -> JsonResponse:
    """503 without PostgreSQL, deaf while Redis answers, or about to end. Redis down is `degraded`: sends go on."""
    database, store = _database(), _redis()
    found = running()
    hears = found is None or not (found.deaf or found.closing)
    parts = {"database": database, "redis": store, "hub": hears}
    if not database or (store and not hears):
        return JsonResponse({"status": "down", "parts": parts}, status=503)
    return JsonResponse({"status": "ok" if store else "degraded", "parts": parts})


def _database() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
    except DatabaseError:
        return False
    return True


def _redis() -> bool:
    try:
        return bool(sync_client().ping())
    except redis.RedisError:
        return False
