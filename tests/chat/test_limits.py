"""Buckets in Redis: exact in parallel, all or none, and what remains without Redis."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core.exceptions import ImproperlyConfigured

from chat import limits
from chat.exceptions import RateLimited, Unavailable
from chat.limits import Breaker, LocalBuckets, Rate
from chat.redis import sync_client

# Nobody listens there.
DEAD = "redis://127.0.0.1:1/0"


@pytest.fixture(autouse=True)
def prefix(settings: Any) -> Iterator[str]:
    """Buckets of this test alone, and a breaker that has seen nothing."""
    settings.CHAT_LIMITS = {"send": (5, 60), "send_conversation": (3, 60), "search": (5, 60)}
    settings.CHAT_REDIS_PREFIX = f"test-{uuid4()}"
    yield settings.CHAT_REDIS_PREFIX
    limits.breaker.succeeded()
    limits.local.clear()


def taken(action: str, key: str, tries: int) -> int:
    """How many of these tries pass."""
    passed = 0
    for _ in range(tries):
        try:
            limits.check(action, key)
        except RateLimited:
            continue
        passed += 1
    return passed


def test_it_lets_a_burst_pass_and_not_one_more() -> None:
    assert taken("send", "alice", 9) == 5


def test_it_tells_when_to_come_back() -> None:
    taken("send", "alice", 5)

    with pytest.raises(RateLimited) as refused:
        limits.check("send", "alice")

    assert refused.value.retry_after is not None
    assert 11 < refused.value.retry_after <= 12


def test_one_more_is_allowed_when_an_interval_has_passed(settings: Any) -> None:
    settings.CHAT_LIMITS = {"send": (2, 0.4)}
    assert taken("send", "alice", 3) == 2
    with pytest.raises(RateLimited) as refused:
        limits.check("send", "alice")
    assert refused.value.retry_after is not None

    time.sleep(refused.value.retry_after)

    limits.check("send", "alice")


def test_a_refused_try_does_not_put_off_the_next(settings: Any) -> None:
    taken("send", "alice", 5)
    waits = []
    for _ in range(20):
        with pytest.raises(RateLimited) as refused:
            limits.check("send", "alice")
        waits.append(refused.value.retry_after or 0)

    assert waits == sorted(waits, reverse=True)
    assert max(waits) <= 12


def test_keys_and_actions_have_buckets_of_their_own() -> None:
    assert taken("send", "alice", 9) == 5
    assert taken("send", "bob", 9) == 5
    assert taken("search", "alice", 9) == 5


def test_fifty_at_once_from_threads_pass_exactly_five() -> None:
    barrier = threading.Barrier(50)
    outcomes: list[int] = []

    def one() -> None:
        barrier.wait()
        outcomes.append(taken("send", "alice", 1))

    threads = [threading.Thread(target=one) for _ in range(50)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(outcomes) == 50 and sum(outcomes) == 5


async def test_fifty_at_once_from_coroutines_pass_exactly_five() -> None:
    outcomes = await asyncio.gather(*(limits.acheck("send", "alice") for _ in range(50)), return_exceptions=True)

    assert outcomes.count(None) == 5
    assert all(isinstance(outcome, RateLimited) for outcome in outcomes if outcome is not None)


async def test_threads_and_coroutines_share_a_bucket() -> None:
    await asyncio.to_thread(taken, "send", "alice", 3)
    outcomes = await asyncio.gather(*(limits.acheck("send", "alice") for _ in range(5)), return_exceptions=True)

    assert outcomes.count(None) == 2


def test_several_buckets_give_all_or_nothing() -> None:
    both = [("send", "alice"), ("send_conversation", "c1")]
    for _ in range(3):
        limits.check_all(both)
    for _ in range(10):
        with pytest.raises(RateLimited) as refused:
            limits.check_all(both)
    assert refused.value.retry_after is not None and refused.value.retry_after > 12

    # Her own bucket has lost nothing to the refused tries.
    assert taken("send", "alice", 9) == 2


async def test_several_buckets_give_all_or_nothing_to_coroutines() -> None:
    both = [("send", "alice"), ("send_conversation", "c1")]
    outcomes = await asyncio.gather(*(limits.acheck_all(both) for _ in range(9)), return_exceptions=True)

    assert outcomes.count(None) == 3
    assert await asyncio.to_thread(taken, "send", "alice", 9) == 2


def test_the_same_bucket_twice_takes_two() -> None:
    limits.check_all([("send", "alice"), ("send", "alice")])

    assert taken("send", "alice", 9) == 3


@pytest.mark.parametrize("key", ["", "a b", "é", "\x00", "\ud800", "x" * 100_000, "a:b*\n"])
def test_any_key_will_do(key: str, prefix: str) -> None:
    assert taken("send", key, 9) == 5
    names = list(sync_client().scan_iter(f"{prefix}:*"))
    assert len(names) == 1 and len(names[0]) < 120


def test_a_bucket_leaves_redis_when_it_is_full_again(prefix: str) -> None:
    limits.check("send", "alice")

    (name,) = sync_client().scan_iter(f"{prefix}:*")
    assert 11_000 < sync_client().pttl(name) <= 12_000


@pytest.mark.parametrize("held", ["9" * 16, "nonsense", "-5"])
def test_a_clock_set_back_or_nonsense_locks_nobody_out_for_long(held: str, prefix: str) -> None:
    limits.check("send", "alice")
    (name,) = sync_client().scan_iter(f"{prefix}:*")
    sync_client().set(name, held)

    try:
        limits.check("send", "alice")
    except RateLimited as refused:
        assert refused.retry_after is not None and refused.retry_after <= 12


async def test_a_server_that_forgot_the_script_is_told_it_again() -> None:
    sync_client().script_flush()
    limits.check("send", "alice")
    sync_client().script_flush()
    await limits.acheck("send", "alice")

    assert taken("send", "alice", 9) == 3
    assert limits.breaker._open_until is None


def test_none_lifts_a_limit(settings: Any, prefix: str) -> None:
    settings.CHAT_LIMITS = {"send": None, "search": (1, 60)}

    assert taken("send", "alice", 100) == 100
    assert taken("search", "alice", 2) == 1
    limits.check_all([("send", "alice"), ("send_conversation", "c")])
    assert len(list(sync_client().scan_iter(f"{prefix}:*"))) == 2


@pytest.mark.parametrize(
    "given",
    [{"sned": (1, 1)}, {"send": 5}, {"send": (0, 5)}, {"send": (5, 0)}, {"send": ("5", 5)}, {"send": (1, 2, 3)}],
    ids=str,
)
def test_nonsense_in_the_settings_is_said_aloud(given: Any, settings: Any) -> None:
    settings.CHAT_LIMITS = given

    with pytest.raises(ImproperlyConfigured, match="CHAT_LIMITS"):
        limits.check("search", "alice")


def test_the_numbers_are_those_that_were_promised(settings: Any) -> None:
    del settings.CHAT_LIMITS
    promised = {
        "login": (5, 60), "register": (3, 3600), "send": (30, 10), "send_conversation": (100, 10),
        "new_conversation": (10, 3600), "edit": (60, 60), "react": (60, 60), "typing": (3, 9),
        "upload": (30, 3600), "search": (20, 60),
    }  # fmt: skip

    assert {name: taken(name, "alice", burst + 5) for name, (burst, _) in promised.items()} == {
        name: burst for name, (burst, _) in promised.items()
    }
    for name, (burst, seconds) in promised.items():
        with pytest.raises(RateLimited) as refused:
            limits.check(name, "alice")
        assert refused.value.retry_after is not None
        assert 0 < refused.value.retry_after <= seconds / burst


def test_another_app_adds_an_action(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(limits, "_registered", dict(limits._registered))
    limits.register(Rate("acme_quote", 2, 60))
    try:
        assert taken("acme_quote", "alice", 5) == 2
        with pytest.raises(ImproperlyConfigured):
            limits.register(Rate("acme_quote", 9, 60))
    finally:
        monkeypatch.undo()
        limits.rates.cache_clear()


class TestWithoutRedis:
    @pytest.fixture(autouse=True)
    def _dead(self, settings: Any, prefix: str) -> None:
        settings.CHAT_REDIS_URL = DEAD

    @pytest.mark.parametrize("action", ["login", "login_address", "password", "reset"])
    def test_what_fails_closed_is_refused(self, action: str) -> None:
        with pytest.raises(Unavailable) as refused:
            limits.check(action, "alice")
        assert refused.value.retry_after

    async def test_what_fails_closed_is_refused_to_coroutines(self) -> None:
        with pytest.raises(Unavailable):
            await limits.acheck("login", "alice")

    def test_a_bucket_that_fails_closed_decides_for_all(self) -> None:
        with pytest.raises(Unavailable):
            limits.check_all([("send", "alice"), ("login", "alice")])
        assert taken("send", "alice", 9) == 5

    def test_each_process_keeps_the_rest_itself(self) -> None:
        assert taken("send", "alice", 9) == 5
        assert taken("send", "bob", 9) == 5

    async def test_each_process_keeps_the_rest_itself_for_coroutines(self) -> None:
        outcomes = await asyncio.gather(*(limits.acheck("send", "alice") for _ in range(9)), return_exceptions=True)

        assert outcomes.count(None) == 5


class Deaf:
    """A server that takes connections and never answers, and counts them."""

    def __init__(self) -> None:
        import socket

        self.socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"redis://127.0.0.1:{self.socket.getsockname()[1]}/0"
        self.taken: list[Any] = []
        self.came = threading.Event()
        self.thread = threading.Thread(target=self._accept, daemon=True)
        self.thread.start()

    def _accept(self) -> None:
        while True:
            try:
                self.taken.append(self.socket.accept()[0])
                self.came.set()
            except OSError:
                return

    def close(self) -> None:
        import socket

        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()
        self.thread.join()
        for connection in self.taken:
            connection.close()


class TestWithADeafRedis:
    @pytest.fixture(autouse=True)
    def deaf(self, settings: Any, prefix: str) -> Iterator[Deaf]:
        server = Deaf()
        settings.CHAT_REDIS_TIMEOUT = 0.2
        settings.CHAT_REDIS_URL = server.url
        yield server
        from chat import redis

        redis.close()
        server.close()

    def test_one_caller_waits_and_the_others_go_on(self, deaf: Deaf) -> None:
        assert taken("send", "alice", 50) == 5

        # Each try that was made opened a connection, and waited.
        assert len(deaf.taken) == 1

    async def test_one_coroutine_waits_and_the_others_go_on(self, deaf: Deaf) -> None:
        for number in range(50):
            await limits.acheck("send", f"user {number}")

        assert len(deaf.taken) == 1

    async def test_a_caller_that_goes_away_does_not_shut_the_others_out(self, deaf: Deaf) -> None:
        limits.breaker.failed(OSError())
        limits.breaker._open_until = time.monotonic()
        task = asyncio.create_task(limits.acheck("send", "alice"))
        assert await asyncio.to_thread(deaf.came.wait, 5)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

        assert limits.breaker.allows()


class TestBreaker:
    def test_it_lets_one_try_after_the_pause(self) -> None:
        breaker = Breaker()
        assert breaker.allows() and breaker.allows()
        breaker.failed(OSError())
        assert not breaker.allows()

        breaker._open_until = time.monotonic()

        assert breaker.allows()
        assert not breaker.allows()
        breaker.succeeded()
        assert breaker.allows() and breaker.allows()

    def test_with_it_open_each_process_counts_and_then_redis_again(self) -> None:
        limits.breaker.failed(OSError())
        assert taken("send", "alice", 9) == 5
        with pytest.raises(Unavailable):
            limits.check("login", "alice")

        limits.breaker._open_until = time.monotonic()

        assert taken("send", "alice", 9) == 5
        limits.check("login", "alice")


class TestLocalBuckets:
    RATE = Rate("x", 3, 3)

    def take(self, buckets: LocalBuckets, now: int, *keys: str) -> int:
        return buckets.take(keys, [self.RATE] * len(keys), now=now)

    def test_it_is_the_same_arithmetic(self) -> None:
        buckets = LocalBuckets()
        assert [self.take(buckets, 0, "a") for _ in range(4)] == [0, 0, 0, 1_000_000]
        assert self.take(buckets, 999_999, "a") == 1
        assert self.take(buckets, 1_000_000, "a") == 0
        assert self.take(buckets, 1_000_000, "a") == 1_000_000

    def test_it_gives_all_or_nothing(self) -> None:
        buckets = LocalBuckets()
        assert self.take(buckets, 0, "a", "a", "a") == 0
        assert self.take(buckets, 0, "a", "b") == 1_000_000
        assert self.take(buckets, 0, "b", "b", "b") == 0

    def test_it_forgets_the_least_recently_used(self) -> None:
        buckets = LocalBuckets(size=2)
        for key in ("a", "b", "a", "c"):
            self.take(buckets, 0, key)

        assert self.take(buckets, 0, "a", "a") == 1_000_000
        assert self.take(buckets, 0, "b", "b", "b") == 0
