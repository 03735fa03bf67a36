"""Presence that ends soon, for servers that these tests start."""

from typing import Any

SHORT: dict[str, Any] = {
    # Not the prefix of the servers of other tests: their sweeps would find these people too.
    "CHAT_REDIS_PREFIX": "planb-short",
    "CHAT_PING_INTERVAL": 1.0,
    "PRESENCE_TTL": 4.0,
    "PRESENCE_GRACE": 0.5,
    "PRESENCE_RECHECK_INTERVAL": 1.0,
}
