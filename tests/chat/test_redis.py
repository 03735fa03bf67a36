"""Connections to Redis: one client per process or loop, bounded in time, closed without being asked."""

from __future__ import annotations

import asyncio
import gc
import threading
import weakref
from typing import Any

import pytest
import redis

from chat import redis as clients
from chat.conf import conf


def test_threads_share_one_client() -> None:
    seen: list[Any] = []
    threads = [threading.Thread(target=lambda: seen.append(clients.sync_client())) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len({id(client) for client in seen}) == 1
    assert seen[0].ping() is True


def test_it_answers_text() -> None:
    assert clients.sync_client().echo("é") == "é"


def test_another_target_gets_another_client(settings: Any) -> None:
    before = clients.sync_client()
    settings.CHAT_REDIS_TIMEOUT = 0.5

    after = clients.sync_client()

    assert after is not before
    assert after.connection_pool.connection_kwargs["socket_timeout"] == 0.5


def test_valkeys_own_scheme_is_understood(settings: Any) -> None:
    settings.CHAT_REDIS_URL = conf().redis_url.replace("redis://", "valkey://", 1)

    assert clients.sync_client().ping() is True


def test_a_closed_client_is_replaced() -> None:
    before = clients.sync_client()
    before.ping()
    clients.close()

    assert clients.sync_client() is not before
    assert clients.sync_client().ping() is True


def test_a_broken_connection_is_renewed_once() -> None:
    client = clients.sync_client()
    client.ping()
    pool: Any = client.connection_pool
    for connection in pool._connections:
        if connection._sock is not None:
            # As after a restart of the server: the next write or read fails.
            connection._sock.shutdown(2)

    assert client.ping() is True


def test_a_dead_server_is_an_error_and_not_a_wait(settings: Any) -> None:
    settings.CHAT_REDIS_URL = "redis://127.0.0.1:1/0"

    with pytest.raises(redis.ConnectionError):
        clients.sync_client().ping()


async def test_a_dead_server_is_an_error_for_coroutines(settings: Any) -> None:
    settings.CHAT_REDIS_URL = "redis://127.0.0.1:1/0"

    with pytest.raises(redis.ConnectionError):
        await clients.async_client().ping()


async def test_coroutines_of_a_loop_share_one_client() -> None:
    async def one() -> Any:
        client = clients.async_client()
        await client.ping()
        return client

    seen = await asyncio.gather(*(one() for _ in range(20)))

    assert len({id(client) for client in seen}) == 1


async def test_a_broken_connection_is_renewed_for_coroutines() -> None:
    client = clients.async_client()
    await client.ping()
    pool: Any = client.connection_pool
    for connection in pool._available_connections:
        connection._writer.transport.abort()

    assert await client.ping() is True


def test_each_loop_has_a_client_that_ends_with_it() -> None:
    clients_seen: list[Any] = []
    loops: list[Any] = []

    async def use() -> None:
        client = clients.async_client()
        await asyncio.gather(*(client.ping() for _ in range(5)))
        clients_seen.append(weakref.ref(client))
        loops.append(weakref.ref(asyncio.get_running_loop()))

    for _ in range(3):
        asyncio.run(use())
    # A connection left open would warn here, and a warning is an error.
    gc.collect()

    assert not clients._async
    assert [seen() for seen in clients_seen + loops] == [None] * 6


async def test_a_client_can_be_closed_and_made_again() -> None:
    before = clients.async_client()
    await before.ping()

    await clients.aclose()

    after = clients.async_client()
    assert after is not before
    assert await after.ping() is True


async def test_a_client_of_another_target_does_not_close_the_first(settings: Any) -> None:
    first = clients.async_client()
    await first.ping()
    settings.CHAT_REDIS_TIMEOUT = 0.5
    second = clients.async_client()

    assert second is not first
    assert await first.ping() is True and await second.ping() is True
