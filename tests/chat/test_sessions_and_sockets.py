"""How long a socket lives: as long as its token is renewed, its login lasts, and its person has not ten newer ones."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from contextlib import AsyncExitStack, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed

from chat.auth import Principal
from chat.conf import conf
from chat.realtime.connection import Connection
from chat.realtime.consumer import ChatConsumer
from planb.accounts.models import Session, User
from tests.people import Person, query

SignIn = Callable[[User], Person]


@pytest.fixture
def lasting(settings: Any) -> Callable[[float], None]:
    """How long the tokens last that are made from now on, in seconds."""

    def last(seconds: float) -> None:
        settings.SIMPLE_JWT = settings.SIMPLE_JWT | {"ACCESS_TOKEN_LIFETIME": timedelta(seconds=seconds)}

    return last


def moment(stamp: str) -> datetime:
    return datetime.fromisoformat(stamp.replace("Z", "+00:00"))


# --- tokens that end ------------------------------------------------------------------------------
async def test_a_socket_closes_when_its_token_ends_and_says_so_before(
    awa: User, sign_in: SignIn, lasting: Callable[[float], None]
) -> None:
    lasting(3)
    async with sign_in(awa).socket() as socket:
        warning = await socket.hear("token_expiring")
        assert warning["expires_at"] == socket.ready["expires_at"]
        assert await socket.until_closed(15) == 4501
        assert datetime.now(UTC) >= moment(warning["expires_at"])


async def test_the_warning_comes_thirty_seconds_ahead(
    awa: User, sign_in: SignIn, lasting: Callable[[float], None]
) -> None:
    lasting(34)
    async with sign_in(awa).socket() as socket:
        assert (await socket.ask("ping"))["ok"]
        assert socket.events("token_expiring") == [], "not at once"
        warning = await socket.hear("token_expiring", 15)
        left = moment(warning["expires_at"]) - datetime.now(UTC)
        # What the frame took to come here is the only thing that may be missing.
        assert timedelta(seconds=25) < left <= timedelta(seconds=31)


async def test_a_refreshed_socket_lives_on(awa: User, sign_in: SignIn, lasting: Callable[[float], None]) -> None:
    from planb.accounts import tokens

    lasting(4)
    person = sign_in(awa)
    async with person.socket() as socket:
        await socket.hear("token_expiring")
        lasting(300)
        session = query(lambda: Session.objects.get(pk=person.session))
        fresh = tokens.mint(session)
        answer = await socket.data("refresh", token=fresh.access)
        assert moment(answer["expires_at"]) == fresh.expires_at
        # Not a synchronisation: what is tested is that this moment passes and nothing happens.
        left = moment(socket.ready["expires_at"]) - datetime.now(UTC)
        await asyncio.sleep(left.total_seconds() + 0.5)
        assert (await socket.ask("ping"))["ok"]
        assert len(socket.events("token_expiring")) == 1


async def test_a_token_of_another_person_or_login_refreshes_nothing(
    awa: User, koffi: User, sign_in: SignIn, lasting: Callable[[float], None]
) -> None:
    lasting(3)
    person = sign_in(awa)
    async with person.socket() as socket:
        lasting(300)
        for token, code in [
            (sign_in(koffi).token, "forbidden"),
            (sign_in(awa).token, "forbidden"),
            ("nonsense", "unauthenticated"),
        ]:
            answer = await socket.ask("refresh", token=token)
            assert answer["error"]["code"] == code
        assert await socket.until_closed(15) == 4501


async def test_a_socket_does_not_live_for_ever_however_long_its_token_does(awa: User, settings: Any) -> None:
    settings.CHAT_SOCKET_LIFETIME = 0.5
    in_a_month = datetime.now(UTC) + timedelta(days=30)
    connection = Connection(Principal(user=awa, session=None, expires_at=in_a_month))
    async with asyncio.timeout(10):
        await ChatConsumer()._watch_token(connection)
    assert connection.outbox.closing == (4503, "restarting")


# --- logins that end ------------------------------------------------------------------------------
async def test_a_revoked_login_loses_all_its_sockets_and_no_other_login_does(
    awa: User, koffi: User, sign_in: SignIn
) -> None:
    phone, laptop, other = sign_in(awa), sign_in(awa), sign_in(koffi)
    async with phone.socket() as one, phone.socket() as two, laptop.socket() as three, other.socket() as four:
        assert laptop.call("DELETE", f"auth/sessions/{phone.session}").status_code in {200, 204}
        for socket in (one, two):
            assert await socket.until_closed() == 4401
        for socket in (three, four):
            assert (await socket.ask("ping"))["ok"]


async def test_a_login_that_is_revoked_behind_the_hubs_back_is_noticed(awa: User, enter: SignIn) -> None:
    phone, laptop = enter(awa), enter(awa)
    async with phone.socket() as lost, laptop.socket() as kept:
        query(lambda: Session.objects.filter(pk=phone.session).update(revoked_at=datetime.now(UTC)))
        assert await lost.until_closed(15) == 4401
        assert (await kept.ask("ping"))["ok"]


async def test_the_sockets_of_a_closed_account_end(awa: User, koffi: User, enter: SignIn) -> None:
    async with enter(awa).socket() as lost, enter(koffi).socket() as kept:
        query(lambda: User.objects.filter(pk=awa.pk).update(is_active=False))
        assert await lost.until_closed(15) == 4401
        assert (await kept.ask("ping"))["ok"]


async def test_a_login_revoked_while_commands_are_under_way_gets_no_more_through(
    awa: User, koffi: User, enter: SignIn
) -> None:
    phone, laptop = enter(awa), enter(awa)
    conversation = phone.talk_to(koffi)
    async with phone.socket() as socket:
        revoking = asyncio.create_task(asyncio.to_thread(laptop.call, "DELETE", f"auth/sessions/{phone.session}"))
        with suppress(ConnectionClosed):
            while socket.closed is None:
                await socket.post("ping")
                await asyncio.sleep(0)
        await revoking
        assert await socket.until_closed() == 4401
    assert phone.call("GET", f"conversations/{conversation}").status_code == 401


# --- too many -------------------------------------------------------------------------------------
async def test_the_eleventh_socket_closes_the_oldest(awa: User, koffi: User, sign_in: SignIn) -> None:
    person = sign_in(awa)
    async with AsyncExitStack() as stack:
        other = await stack.enter_async_context(sign_in(koffi).socket())
        sockets = [await stack.enter_async_context(person.socket()) for _ in range(conf().sockets_per_user)]
        assert all(socket.closed is None for socket in sockets)
        late = [await stack.enter_async_context(person.socket()) for _ in range(2)]
        assert [await socket.until_closed() for socket in sockets[:2]] == [4429, 4429]
        for socket in [*sockets[2:], *late, other]:
            assert (await socket.ask("ping"))["ok"]


async def test_ten_that_come_at_once_beside_ten_that_are_there_replace_all_of_them(awa: User, sign_in: SignIn) -> None:
    person = sign_in(awa)
    async with AsyncExitStack() as stack:
        old = [await stack.enter_async_context(person.socket()) for _ in range(10)]
        new = await asyncio.gather(*(stack.enter_async_context(person.socket()) for _ in range(10)))
        assert [await socket.until_closed() for socket in old] == [4429] * 10
        for socket in new:
            assert (await socket.ask("ping"))["ok"]
