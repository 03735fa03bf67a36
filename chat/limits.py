"""How often somebody may do something: GCRA by Redis' own clock, in one script, exact in parallel.

A bucket is an action and a key (a person, an address, a conversation). REST and socket share it.
"""

from __future__ import annotations

import asyncio
import hashlib
import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

import redis
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.signals import setting_changed

from chat.conf import conf
from chat.exceptions import RateLimited, Unavailable
from chat.redis import async_client, sync_client

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Rate:
    """`burst` at once, and `burst` more per `per_seconds`, evenly spread.

    Without Redis a limit is kept by each process alone, unless `fail_closed`: then nobody may.
    """

    name: str
    burst: int
    per_seconds: float
    fail_closed: bool = False

    @property
    def interval(self) -> int:
        """Microseconds after which one more is allowed."""
        return round(self.per_seconds * 1_000_000 / self.burst)


# `CHAT_LIMITS = {"send": (60, 10), "search": None}` replaces a burst and its seconds, or lifts a limit.
DEFAULTS = (
    # A name from an address, and the address, which slows down who tries one password on many names: wider,
    # because whole towns sit behind one address of their carrier.
    Rate("login", 5, 60, fail_closed=True),
    Rate("login_address", 20, 60, fail_closed=True),
    Rate("password", 5, 60, fail_closed=True),
    Rate("reset", 5, 60, fail_closed=True),
    Rate("register", 3, 3600),
    Rate("send", 30, 10),
    Rate("send_conversation", 100, 10),
    Rate("new_conversation", 10, 3600),
    Rate("edit", 60, 60),
    Rate("react", 60, 60),
    Rate("typing", 3, 9),
    Rate("upload", 30, 3600),
    Rate("search", 20, 60),
)
_registered: dict[str, Rate] = {rate.name: rate for rate in DEFAULTS}


def register(rate: Rate) -> None:
    """Add an action of another app, from its `ready()`."""
    if rate.name in _registered:
        raise ImproperlyConfigured(f"There is already a limit named {rate.name!r}.")
    _registered[rate.name] = rate
    rates.cache_clear()


@lru_cache(maxsize=1)
def rates() -> dict[str, Rate | None]:
    rates: dict[str, Rate | None] = dict(_registered)
    given: Any = getattr(settings, "CHAT_LIMITS", {})
    for name, value in given.items():
        if name not in rates:
            raise ImproperlyConfigured(f"CHAT_LIMITS names {name!r}; there are {', '.join(sorted(rates))}.")
        if value is None:
            rates[name] = None
            continue
        try:
            burst, seconds = value
            fine = isinstance(burst, int) and burst >= 1 and seconds > 0
        except (TypeError, ValueError):
            fine = False
        if not fine:
            raise ImproperlyConfigured(f"CHAT_LIMITS[{name!r}] must be (burst, seconds) or None, not {value!r}.")
        rates[name] = replace(_registered[name], burst=burst, per_seconds=seconds)
    return rates


# KEYS: buckets, ARGV: their intervals and bursts. Answers 0, or the microseconds to wait; takes from all or
# none. A bucket holds the time at which it will be full again; a time beyond what it can hold comes from a
# clock that was set back, and is cut.
_SCRIPT = """
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
local full, wait = {}, 0
for i, key in ipairs(KEYS) do
  local interval, burst = tonumber(ARGV[2 * i - 1]), tonumber(ARGV[2 * i])
  local at = full[key] or tonumber(redis.call('GET', key) or now) or now
  at = math.min(math.max(at, now), now + interval * burst)
  wait = math.max(wait, at + interval - interval * burst - now)
  full[key] = at + interval
end
if wait > 0 then return wait end
for key, at in pairs(full) do
  redis.call('SET', key, string.format('%.0f', at), 'PX', math.ceil((at - now) / 1000))
end
return 0
"""
_SHA = hashlib.sha1(_SCRIPT.encode(), usedforsecurity=False).hexdigest()

Bucket = tuple[str, str]


def check(action: str, key: str) -> None:
    """Take one from a bucket. Raises RateLimited; Unavailable without Redis where the limit fails closed."""
    check_all([(action, key)])


async def acheck(action: str, key: str) -> None:
    """`check` for coroutines."""
    await acheck_all([(action, key)])


def check_all(buckets: Sequence[Bucket]) -> None:
    """Take one from each bucket, `(action, key)`, or none from any."""
    taken = _Taking(buckets)
    if not taken.rates:
        return None
    if not breaker.allows():
        return taken.locally()
    try:
        client = sync_client()
        try:
            wait = client.evalsha(_SHA, len(taken.keys), *taken.arguments())
        except redis.exceptions.NoScriptError:
            wait = client.eval(_SCRIPT, len(taken.keys), *taken.arguments())
    except (redis.RedisError, OSError) as error:
        breaker.failed(error)
        return taken.locally()
    breaker.succeeded()
    return _judge(wait)


async def acheck_all(buckets: Sequence[Bucket]) -> None:
    """`check_all` for coroutines."""
    taken = _Taking(buckets)
    if not taken.rates:
        return None
    if not breaker.allows():
        return taken.locally()
    try:
        async with asyncio.timeout(conf().redis_timeout):
            client = async_client()
            try:
                wait = await client.evalsha(_SHA, len(taken.keys), *taken.arguments())
            except redis.exceptions.NoScriptError:
                wait = await client.eval(_SCRIPT, len(taken.keys), *taken.arguments())
    except (redis.RedisError, OSError) as error:
        breaker.failed(error)
        return taken.locally()
    except asyncio.CancelledError:
        breaker.abandoned()
        raise
    breaker.succeeded()
    return _judge(wait)


def _judge(wait: Any) -> None:
    if int(wait) > 0:
        raise RateLimited(retry_after=int(wait) / 1_000_000)


class _Taking:
    """One call: the buckets whose limits are on."""

    def __init__(self, buckets: Sequence[Bucket]) -> None:
        self.rates: list[Rate] = []
        self.keys: list[str] = []
        prefix = conf().redis_prefix
        for action, key in buckets:
            rate = rates()[action]
            if rate is not None:
                # Keys may be anything that people type: a digest is short and harmless.
                digest = hashlib.blake2b(key.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()
                self.rates.append(rate)
                self.keys.append(f"{prefix}:limit:{action}:{digest}")

    def arguments(self) -> list[str | int]:
        shapes = [number for rate in self.rates for number in (rate.interval, rate.burst)]
        return [*self.keys, *shapes]

    def locally(self) -> None:
        """Without Redis: refuse what fails closed, count the rest in this process."""
        if any(rate.fail_closed for rate in self.rates):
            raise Unavailable(retry_after=Breaker.PAUSE)
        _judge(local.take(self.keys, self.rates, now=time.monotonic_ns() // 1000))


class LocalBuckets:
    """The same arithmetic in memory; the least recently used buckets go first."""

    def __init__(self, size: int = 10_000) -> None:
        self._size = size
        self._full: OrderedDict[str, int] = OrderedDict()
        self._lock = threading.Lock()

    def take(self, keys: Sequence[str], rates: Sequence[Rate], *, now: int) -> int:
        """Microseconds to wait; 0 if one was taken from each. `now`: microseconds of a monotonic clock."""
        with self._lock:
            full: dict[str, int] = {}
            wait = 0
            for key, rate in zip(keys, rates, strict=True):
                at = max(full.get(key, self._full.get(key, now)), now)
                wait = max(wait, at + rate.interval - rate.interval * rate.burst - now)
                full[key] = at + rate.interval
            if wait > 0:
                return wait
            for key, at in full.items():
                self._full[key] = at
                self._full.move_to_end(key)
            while len(self._full) > self._size:
                self._full.popitem(last=False)
            return 0

    def clear(self) -> None:
        with self._lock:
            self._full.clear()


class Breaker:
    """After a failure nobody asks Redis for `PAUSE` seconds; then one caller tries, and the others go on."""

    PAUSE = 2.0

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._open_until: float | None = None

    def allows(self) -> bool:
        with self._lock:
            if self._open_until is None:
                return True
            now = time.monotonic()
            if now < self._open_until:
                return False
            # This caller tries; the next one may when it has had the time to.
            self._open_until = now + conf().redis_timeout + self.PAUSE
            return True

    def failed(self, error: Exception) -> None:
        with self._lock:
            first = self._open_until is None
            self._open_until = time.monotonic() + self.PAUSE
        if first:
            logger.warning("limits are kept without Redis: %r", error)

    def abandoned(self) -> None:
        """The caller was cancelled before it knew: the next one may try at once."""
        with self._lock:
            if self._open_until is not None:
                self._open_until = time.monotonic()

    def succeeded(self) -> None:
        with self._lock:
            back, self._open_until = self._open_until is not None, None
        if back:
            logger.info("limits are kept in Redis again")


local = LocalBuckets()
breaker = Breaker()


def _forget(*, setting: str, **_: Any) -> None:
    if setting == "CHAT_LIMITS":
        rates.cache_clear()
    elif setting in {"CHAT_REDIS_URL", "CHAT_REDIS_PREFIX", "CHAT_REDIS_TIMEOUT"}:
        local.clear()
        breaker.succeeded()


setting_changed.connect(_forget)
