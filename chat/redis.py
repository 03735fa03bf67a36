"""Connections to Redis or Valkey: one client per process for threads, one per event loop for coroutines.

Both answer text and give up after `CHAT_REDIS_TIMEOUT`. Callers handle `redis.RedisError`: what lives there
is never the truth.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import AsyncGenerator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from weakref import WeakKeyDictionary

import redis
from django.core.signals import setting_changed
from redis import asyncio as aioredis
from redis.asyncio.retry import Retry as AsyncRetry
from redis.backoff import NoBackoff
from redis.retry import Retry

from chat.conf import conf

_CONNECTIONS = 64


@dataclass(frozen=True, slots=True)
class _Target:
    """What a client was made for; another one is made when the settings name another target."""

    url: str
    timeout: float

    @classmethod
    def current(cls) -> _Target:
        url = conf().redis_url
        # redis-py does not know Valkey's own scheme; the protocol is the same.
        if url.startswith(("valkey://", "valkeys://")):
            url = "redis" + url.removeprefix("valkey")
        return cls(url=url, timeout=conf().redis_timeout)

    def options(self) -> dict[str, Any]:
        options: dict[str, Any] = {
            "max_connections": _CONNECTIONS,
            # How long to wait for a free connection of the pool.
            "timeout": self.timeout,
            "socket_timeout": self.timeout,
            "decode_responses": True,
            # RESP3 costs redis-py more round trips per connection, for notifications of managed services.
            "protocol": 2,
        }
        if not self.url.startswith("unix://"):
            options |= {"socket_connect_timeout": self.timeout, "socket_keepalive": True}
        return options


_lock = threading.Lock()
_sync: tuple[_Target, redis.Redis] | None = None


def sync_client() -> redis.Redis:
    """The process's client for threads."""
    global _sync  # noqa: PLW0603 (one per process, under the lock)
    target = _Target.current()
    held = _sync
    if held is not None and held[0] == target:
        return held[1]
    with _lock:
        if _sync is None or _sync[0] != target:
            old = _sync
            pool = redis.BlockingConnectionPool.from_url(
                target.url,
                # Once more on a connection that a restart of the server has broken; a time-out is final.
                retry=Retry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
                **target.options(),
            )
            _sync = (target, redis.Redis.from_pool(pool))
            if old is not None:
                old[1].close()
        return _sync[1]


@dataclass(slots=True)
class _Held:
    target: _Target
    client: aioredis.Redis
    keeper: AsyncGenerator[None, None]


_async: WeakKeyDictionary[asyncio.AbstractEventLoop, list[_Held]] = WeakKeyDictionary()


def async_client() -> aioredis.Redis:
    """The running loop's client. It closes itself with the loop (`asyncio.run`, uvicorn, pytest)."""
    loop = asyncio.get_running_loop()
    target = _Target.current()
    with _lock:
        for held in _async.get(loop, ()):
            if held.target == target:
                return held.client
        pool = aioredis.BlockingConnectionPool.from_url(
            target.url,
            retry=AsyncRetry(NoBackoff(), 1, supported_errors=(redis.ConnectionError,)),
            **target.options(),
        )
        client = aioredis.Redis.from_pool(pool)
        keeper = _keep(loop, client)
        # Starts the generator without awaiting: it yields at once.
        with suppress(StopIteration):
            keeper.__anext__().send(None)
        _async.setdefault(loop, []).append(_Held(target, client, keeper))
        return client


async def _keep(loop: asyncio.AbstractEventLoop, client: aioredis.Redis) -> AsyncGenerator[None, None]:
    """Closes the client when the loop shuts down its asynchronous generators, after all tasks."""
    try:
        yield
    finally:
        with _lock:
            left = [held for held in _async.get(loop, ()) if held.client is not client]
            if left:
                _async[loop] = left
            else:
                _async.pop(loop, None)
        await client.aclose()


async def aclose() -> None:
    """Close the running loop's clients now; the next use makes new ones."""
    for held in list(_async.get(asyncio.get_running_loop(), ())):
        await held.keeper.aclose()


@atexit.register
def close() -> None:
    """Close the client for threads; the next use makes a new one."""
    global _sync
    with _lock:
        held, _sync = _sync, None
    if held is not None:
        held[1].close()


def _forget(*, setting: str, **_: Any) -> None:
    if setting in {"CHAT_REDIS_URL", "CHAT_REDIS_TIMEOUT"}:
        close()


setting_changed.connect(_forget)
