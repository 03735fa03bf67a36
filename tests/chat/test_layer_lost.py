"""The layer is taken away, and comes back: sockets live, sends go on, and what was lost is made up for.

With a Redis of the test's own, so that nobody else's is taken.
"""

from __future__ import annotations

import asyncio
import os
import signal
from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

import pytest
import redis as redis_client

from planb.accounts.models import User
from planb.embedded import Valkey
from planb.machine.scratch import scratch
from tests.chat.conftest import QUICK
from tests.conftest import Server
from tests.people import Person, Socket

SETTINGS = QUICK | {"CHAT_REDIS_TIMEOUT": 0.5}


@pytest.fixture(scope="module")
def _layer() -> Iterator[Valkey]:
    with scratch() as folder:
        layer = Valkey(data=Path(folder) / "valkey", log=Path(folder) / "valkey.log", password=uuid4().hex)
        layer.start()
        yield layer
        layer.kill()


@pytest.fixture(scope="module")
def _pair(_layer: Valkey, django_db_setup: None) -> Iterator[tuple[Server, Server]]:
    """Two processes that know each other through that Redis alone."""
    one, two = (Server({"REDIS_URL": _layer.url}, **SETTINGS) for _ in range(2))
    one.start()
    two.start()
    yield one, two
    one.stop()
    two.stop()


@pytest.fixture
def layer(_layer: Valkey) -> Iterator[Valkey]:
    """There when the test begins."""
    yield _layer
    if _layer.child is None:
        _layer.start()


@pytest.fixture
def pair(_pair: tuple[Server, Server], layer: Valkey, transactional_db: None) -> tuple[Server, Server]:
    return _pair


def at(server: Server, user: User) -> Person:
    return Person.sign_in(server.url, server.socket_url, user)


async def say(person: Person, conversation: str, text: str) -> None:
    await asyncio.to_thread(person.send, conversation, text)


async def heard(text: str, *sockets: Socket) -> None:
    for socket in sockets:
        await socket.message(text, 20)


def whole(socket: Socket, conversation: str, count: int) -> bool:
    """Everything was told; gaps in the telling are closed by later `changes`."""
    return sorted(socket.order(conversation)) == list(range(1, count + 1))


# --- two processes --------------------------------------------------------------------------------
async def test_people_at_different_servers_talk(pair: tuple[Server, Server], awa: User, koffi: User) -> None:
    left, right = at(pair[0], awa), at(pair[1], koffi)
    async with left.socket() as one, right.socket() as two:
        conversation = left.talk_to(koffi)
        await one.data("send_message", conversation=conversation, client_id=str(uuid4()), text="Bonjour")
        await two.hear("conversation_added")
        for number in range(10):
            socket = [one, two][number % 2]
            await socket.data("send_message", conversation=conversation, client_id=str(uuid4()), text=f"{number}")
        await heard("9", one, two)
        await two.data("mark_read", conversation=conversation, seq=11)
        assert (await one.hear("read"))["read_seq"] == 11
        assert one.order(conversation) == list(range(1, 12))
        assert two.order(conversation) == list(range(2, 12))
        assert not one.events("changes") + two.events("changes") + one.events("behind") + two.events("behind")


async def test_a_login_revoked_at_one_server_loses_its_sockets_at_the_other(
    pair: tuple[Server, Server], awa: User
) -> None:
    phone, laptop = at(pair[0], awa), at(pair[1], awa)
    async with phone.socket() as lost, laptop.socket() as kept:
        await asyncio.to_thread(laptop.call, "DELETE", f"auth/sessions/{phone.session}")
        assert await lost.until_closed() == 4401
        assert (await kept.ask("ping"))["ok"]


async def test_writers_at_both_servers_leave_one_order_for_all(
    pair: tuple[Server, Server], awa: User, koffi: User
) -> None:
    left, right = at(pair[0], awa), at(pair[1], koffi)
    conversation = left.talk_to(koffi, kind="group")
    async with left.socket() as one, right.socket() as two:

        async def write(socket: Socket) -> None:
            for number in range(30):
                await socket.data("send_message", conversation=conversation, client_id=str(uuid4()), text=f"{number}")

        await asyncio.gather(write(one), write(two), write(one), write(two))
        for socket in (one, two):
            await socket.hear(lambda _, socket=socket: whole(socket, conversation, 120), 20)  # type: ignore[misc]
            assert socket.order(conversation) == list(range(1, 121))


# --- the layer is lost ----------------------------------------------------------------------------
async def test_lost_subscriptions_are_made_up_for(
    pair: tuple[Server, Server], layer: Valkey, awa: User, koffi: User
) -> None:
    left, right = at(pair[0], awa), at(pair[1], koffi)
    conversation = left.talk_to(koffi, kind="group")
    async with left.socket() as one, right.socket() as two:
        await say(left, conversation, "before")
        await heard("before", one, two)
        with redis_client.Redis.from_url(layer.url) as client:
            assert client.execute_command("CLIENT", "KILL", "TYPE", "pubsub") >= 2
        for number in range(3):
            await say([left, right][number % 2], conversation, f"after {number}")
        await heard("after 2", one, two)
        for socket in (one, two):
            await socket.hear(lambda _, socket=socket: whole(socket, conversation, 4), 20)  # type: ignore[misc]
            assert socket.closed is None


async def test_a_flushed_redis_is_not_even_noticed(
    pair: tuple[Server, Server], layer: Valkey, awa: User, koffi: User
) -> None:
    left, right = at(pair[0], awa), at(pair[1], koffi)
    conversation = left.talk_to(koffi, kind="group")
    async with left.socket() as one, right.socket() as two:
        with redis_client.Redis.from_url(layer.url) as client:
            client.flushall()
            client.script_flush()
        await say(left, conversation, "on")
        await heard("on", one, two)


async def test_without_redis_people_enter_send_and_find_what_was_said(
    pair: tuple[Server, Server], layer: Valkey, awa: User, koffi: User
) -> None:
    left, right = at(pair[0], awa), at(pair[1], koffi)
    conversation = left.talk_to(koffi, kind="group")
    async with left.socket() as one:
        await say(left, conversation, "before")
        await heard("before", one)
        layer.kill()
        try:
            async with asyncio.timeout(30), right.socket() as two:
                assert two.ready["positions"][conversation]["seq"] == 1, "who comes meanwhile gets in"
                await one.data("send_message", conversation=conversation, client_id=str(uuid4()), text="deaf")
                # By heads, at either server.
                await heard("deaf", one, two)
                layer.start()
                await say(right, conversation, "again")
                await heard("again", one, two)
                assert one.closed is two.closed is None
        finally:
            if layer.child is None:
                layer.start()


async def test_a_restarted_redis_loses_nothing_for_good(
    pair: tuple[Server, Server], layer: Valkey, awa: User, koffi: User
) -> None:
    left, right = at(pair[0], awa), at(pair[1], koffi)
    conversation = left.talk_to(koffi, kind="group")
    async with left.socket() as one, right.socket() as two:
        sending = asyncio.create_task(talk_on(left, conversation, 40))
        await heard("5", one, two)
        layer.kill()
        layer.start()
        await sending
        for socket in (one, two):
            await socket.hear(lambda _, socket=socket: whole(socket, conversation, 40), 30)  # type: ignore[misc]
            assert socket.closed is None


async def talk_on(person: Person, conversation: str, count: int) -> None:
    for number in range(count):
        await say(person, conversation, f"{number}")


async def test_a_redis_that_takes_calls_and_says_nothing_is_found_out(
    pair: tuple[Server, Server], layer: Valkey, awa: User, koffi: User
) -> None:
    left, right = at(pair[0], awa), at(pair[1], koffi)
    conversation = left.talk_to(koffi, kind="group")
    async with left.socket() as one, right.socket() as two:
        await say(left, conversation, "before")
        await heard("before", one, two)
        assert layer.child is not None
        os.kill(layer.child.pid, signal.SIGSTOP)
        try:
            await one.data("send_message", conversation=conversation, client_id=str(uuid4()), text="stalled")
            await heard("stalled", one, two)
        finally:
            os.kill(layer.child.pid, signal.SIGCONT)
        await say(right, conversation, "on")
        await heard("on", one, two)
        assert one.closed is two.closed is None


def test_sends_over_rest_go_on_without_redis(
    pair: tuple[Server, Server], layer: Valkey, awa: User, koffi: User
) -> None:
    left = at(pair[0], awa)
    conversation = left.talk_to(koffi)
    layer.kill()
    try:
        assert left.send(conversation, "still there")["seq"] == 1
    finally:
        layer.start()
