"""Who comes, goes and is away, as watchers hear it over real sockets of a server whose times are short."""

from __future__ import annotations

import asyncio
from contextlib import suppress

from django.utils import timezone
from websockets.exceptions import ConnectionClosedError

from chat.models import Participant
from planb.accounts.models import User
from tests.conftest import Server
from tests.people import Person, query
from tests.presence.watchers import Enter, is_now, settled, states_heard, talk, through, watch, watch_until_online


# --- watching -----------------------------------------------------------------------------------
async def test_a_watcher_hears_who_comes_and_goes(awa: User, koffi: User, enter: Enter) -> None:
    one, other = enter(awa), enter(koffi)
    talk(one, other)
    async with one.socket() as left:
        assert {"presence", "typing"} <= set(left.ready["features"])
        await watch_until_online(left, one)
        assert await watch(left, other, one) == {
            other.id: {"state": "offline", "last_seen": None},
            one.id: {"state": "online", "last_seen": None},
        }
        async with other.socket():
            heard = await left.hear(is_now(other, "online"))
            assert heard == {"type": "presence", "user": other.id, "state": "online", "last_seen": None}
        heard = await left.hear(is_now(other, "offline"))
        assert heard["last_seen"] is not None
        assert (await watch(left, other))[other.id] == {"state": "offline", "last_seen": heard["last_seen"]}


async def test_a_stranger_is_told_nothing_and_hears_nothing(awa: User, koffi: User, yao: User, enter: Enter) -> None:
    one, other, stranger = enter(awa), enter(koffi), enter(yao)
    conversation = talk(one, other)
    async with one.socket() as left, stranger.socket() as outside:
        await watch(left, other)
        await watch_until_online(outside, stranger)
        assert await watch(outside, one, other, stranger) == {stranger.id: {"state": "online", "last_seen": None}}
        for command in (
            {"type": "typing", "active": True},
            {"type": "typing", "active": False},
            {"type": "watch_conversation"},
        ):
            answer = await outside.ask(conversation=conversation, **command)
            assert answer["error"]["code"] == "not_found"
        async with other.socket() as right:
            await left.hear(is_now(other, "online"))
            await right.data("typing", conversation=conversation, active=True)
            await left.hear("typing")
            await settled(outside)
        assert states_heard(outside, one) == states_heard(outside, other) == []
        assert outside.events("typing") == []
        assert {frame["user"] for frame in left.events("typing")} == {other.id}


async def test_a_conversation_that_only_one_has_opened_shows_nobody(awa: User, yao: User, enter: Enter) -> None:
    one, curious = enter(awa), enter(yao)
    conversation = curious.talk_to(one)
    async with one.socket(), curious.socket() as outside:
        assert await watch(outside, one) == {}
        assert (await outside.data("watch_conversation", conversation=conversation))["presence"] == {}


async def test_a_watch_replaces_the_one_before(awa: User, koffi: User, yao: User, enter: Enter) -> None:
    one, other, third = enter(awa), enter(koffi), enter(yao)
    talk(one, other, third)
    async with one.socket() as left, one.socket() as second:
        await watch(left, other, third)
        await watch(second, other, third)
        assert set(await watch(left, third)) == {third.id}
        async with other.socket(), third.socket():
            await second.hear(is_now(other, "online"))
            await left.hear(is_now(third, "online"))
            await settled(left)
            assert states_heard(left, other) == []


async def test_whoever_is_removed_hears_no_more(awa: User, koffi: User, yao: User, enter: Enter) -> None:
    one, other, third = enter(awa), enter(koffi), enter(yao)
    conversation = talk(one, other, third)
    async with one.socket() as left, third.socket() as leaver:
        for socket in (left, leaver):
            await watch(socket, other)
        query(lambda: _remove(third, conversation))
        async with asyncio.timeout(10):
            heard = 0
            while True:
                async with other.socket() as right:
                    await right.data("set_presence", state="away")
                    await settled(left)
                    await settled(leaver)
                    before, heard = heard, len(leaver.events("presence"))
                    if heard == before and heard < len(left.events("presence")):
                        break
                await asyncio.sleep(0.3)
        assert await watch(leaver, other) == {}


def _remove(person: Person, conversation: str) -> None:
    Participant.objects.filter(conversation=conversation, user=person.user).update(
        removed_at=timezone.now(), removed_seq=1, removal="removed"
    )


async def test_a_deactivated_person_is_offline(awa: User, koffi: User, enter: Enter) -> None:
    one, other = enter(awa), enter(koffi)
    talk(one, other)
    async with one.socket() as left, other.socket():
        await watch_until_online(left, other)
        query(lambda: User.objects.filter(pk=koffi.pk).update(is_active=False))
        assert await watch(left, other) == {other.id: {"state": "offline", "last_seen": None}}


# --- states -------------------------------------------------------------------------------------
async def test_away_and_back_are_told_once_each(awa: User, koffi: User, enter: Enter) -> None:
    one, other = enter(awa), enter(koffi)
    talk(one, other)
    async with one.socket() as left:
        await watch(left, other)
        async with other.socket() as right:
            await left.hear(is_now(other, "online"))
            for state in ("away", "away", "active", "active", "away"):
                assert await right.data("set_presence", state=state) == {}
            await left.hear(lambda _: states_heard(left, other) == ["online", "away", "online", "away"])


async def test_changing_back_and_forth_is_limited_and_saying_it_again_is_not(awa: User, enter: Enter) -> None:
    async with enter(awa).socket() as socket:
        for _ in range(30):
            assert await socket.data("set_presence", state="active") == {}
        answers = [await socket.ask("set_presence", state=state) for _ in range(15) for state in ("away", "active")]
        refused = [answer["error"] for answer in answers if not answer["ok"]]
        assert refused
        assert {(error["code"], error["retry"]) for error in refused} == {("rate_limited", True)}


async def test_a_reload_announces_nothing(awa: User, koffi: User, enter: Enter) -> None:
    one, other = enter(awa), enter(koffi)
    talk(one, other)
    async with one.socket() as left:
        await watch(left, other)
        async with other.socket():
            await left.hear(is_now(other, "online"))
        async with other.socket() as again:
            # Longer than the grace time of the closed one: its end is seen by a sweep.
            await asyncio.sleep(2)
            await again.data("set_presence", state="away")
            await left.hear(is_now(other, "away"))
            assert states_heard(left, other) == ["online", "away"]


async def test_somebody_with_two_devices_stays_while_one_is_open(awa: User, koffi: User, enter: Enter) -> None:
    one, other = enter(awa), enter(koffi)
    talk(one, other)
    async with one.socket() as left:
        await watch(left, other)
        async with other.socket() as laptop:
            await left.hear(is_now(other, "online"))
            async with other.socket():
                pass
            # Beyond the whole life of an entry: the open one is refreshed, the closed one is swept.
            await asyncio.sleep(5)
            assert (await watch(left, other))[other.id]["state"] == "online"
            await laptop.data("set_presence", state="away")
            await left.hear(is_now(other, "away"))
            assert states_heard(left, other) == ["online", "away"]


async def test_a_killed_server_puts_its_people_offline_once(
    awa: User, koffi: User, enter: Enter, another_server: Server
) -> None:
    one, other = enter(awa), enter(koffi)
    talk(one, other)
    async with one.socket() as left, one.socket() as second:
        for socket in (left, second):
            await watch(socket, other)
        with suppress(ConnectionClosedError):
            async with through(another_server, other).socket():
                await left.hear(is_now(other, "online"))
                another_server.kill()
        for socket in (left, second):
            await socket.hear(is_now(other, "offline"), seconds=15)
        await asyncio.sleep(1.5)
        for socket in (left, second):
            await settled(socket)
            assert states_heard(socket, other) == ["online", "offline"]
