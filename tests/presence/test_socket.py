"""Presence and typing over real sockets of a real server, whose times are short."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any
from uuid import uuid4

import pytest
from django.utils import timezone
from websockets.exceptions import ConnectionClosedError

from chat.models import Participant
from chat.swap import conversation_model
from planb.accounts.models import User
from tests.conftest import Server
from tests.people import Person, Socket, query
from tests.presence.conftest import until

SHORT = {"DJANGO_SETTINGS_MODULE": "tests.presence.short_times"}
Enter = Callable[[User], Person]


@pytest.fixture(scope="module")
def _short_server(django_db_setup: None) -> Iterator[Server]:
    server = Server(SHORT)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def short_server(_short_server: Server, transactional_db: None) -> Server:
    return _short_server


@pytest.fixture
def enter(short_server: Server) -> Enter:
    return lambda user: Person.sign_in(short_server.url, short_server.socket_url, user)


@pytest.fixture
def another_server(short_server: Server) -> Iterator[Server]:
    """A second process of the same deployment."""
    server = Server(SHORT)
    server.start()
    yield server
    server.stop()


def through(server: Server, person: Person) -> Person:
    """The same login at another process."""
    return Person(person.user, server.url, server.socket_url, person.token, person.session)


def talk(one: Person, *others: Person) -> str:
    return one.talk_to(*others, message={"client_id": str(uuid4()), "text": "Bonjour"})


def is_now(person: Person, state: str) -> Callable[[dict[str, Any]], bool]:
    return lambda frame: frame["type"] == "presence" and frame["user"] == person.id and frame["state"] == state


def states_heard(socket: Socket, person: Person) -> list[str]:
    return [frame["state"] for frame in socket.events("presence") if frame["user"] == person.id]


async def settled(socket: Socket) -> None:
    """Whatever was sent to this socket before has been heard: an answer comes behind it."""
    await socket.data("ping")


async def watch(socket: Socket, *people: Person) -> dict[str, Any]:
    found: dict[str, Any] = (await socket.data("watch_presence", users=[person.id for person in people]))["presence"]
    return found


async def watch_until_online(socket: Socket, person: Person) -> None:
    """Who has got `ready` is entered a moment later."""

    async def online() -> bool:
        found = await watch(socket, person)
        return bool(found[person.id] == {"state": "online", "last_seen": None})

    await until(online)


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


# --- typing -------------------------------------------------------------------------------------
async def test_typing_is_heard_by_everybody_in_the_conversation(awa: User, koffi: User, enter: Enter) -> None:
    one, other = enter(awa), enter(koffi)
    conversation = talk(one, other)
    async with one.socket() as left, other.socket() as right:
        assert await left.data("typing", conversation=conversation, active=True, kind="voice") == {}
        assert await right.hear("typing") == {
            "type": "typing",
            "conversation": conversation,
            "user": one.id,
            "active": True,
            "kind": "voice",
            "expires_in": 6.0,
        }
        await left.data("typing", conversation=conversation, active=False)
        ended = await right.hear(lambda frame: frame["type"] == "typing" and not frame["active"])
        assert (ended["user"], ended["kind"], ended["expires_in"]) == (one.id, "voice", 0)


async def test_who_opens_a_conversation_sees_who_types_and_how_the_others_are(
    awa: User, koffi: User, enter: Enter
) -> None:
    one, other = enter(awa), enter(koffi)
    conversation = talk(one, other)
    async with one.socket() as left, other.socket() as right:
        await watch_until_online(right, one)
        await watch(right)
        for socket in (left, right):
            await socket.data("typing", conversation=conversation, active=True)
        opened = await right.data("watch_conversation", conversation=conversation)
        (entry,) = opened["typing"]
        assert (entry["user"], entry["kind"]) == (one.id, "text")
        assert 0 < entry["expires_in"] <= 6
        assert opened["presence"] == {one.id: {"state": "online", "last_seen": None}}
        await left.data("set_presence", state="away")
        await right.hear(is_now(one, "away"))
        closed = await right.data("watch_conversation", conversation=None)
        assert (closed["typing"], closed["presence"]) == ([], {})
        async with other.socket() as watcher:
            await watch(watcher, one)
            await left.data("set_presence", state="active")
            await watcher.hear(is_now(one, "online"))
        await settled(right)
        assert states_heard(right, one)[-1] == "away"


async def test_a_socket_that_closes_types_no_more(awa: User, koffi: User, enter: Enter) -> None:
    one, other = enter(awa), enter(koffi)
    conversation = talk(one, other)
    async with other.socket() as right:
        async with one.socket() as left:
            await left.data("typing", conversation=conversation, active=True)
        ended = await right.hear(lambda frame: frame["type"] == "typing" and not frame["active"])
        assert ended["user"] == one.id
        assert (await right.data("watch_conversation", conversation=conversation))["typing"] == []


async def test_stopping_what_never_began_tells_nobody(awa: User, koffi: User, enter: Enter) -> None:
    one, other = enter(awa), enter(koffi)
    conversation = talk(one, other)
    async with one.socket() as left, other.socket() as right:
        for _ in range(20):
            assert await left.data("typing", conversation=conversation, active=False) == {}
        await settled(right)
        assert right.events("typing") == []


async def test_typing_too_often_is_refused_and_stopping_is_not(awa: User, koffi: User, enter: Enter) -> None:
    one, other = enter(awa), enter(koffi)
    conversation = talk(one, other)
    async with one.socket() as left, other.socket() as right:
        answers = [await left.ask("typing", conversation=conversation, active=True) for _ in range(8)]
        refused = [answer["error"] for answer in answers if not answer["ok"]]
        assert refused
        assert {error["code"] for error in refused} == {"rate_limited"}
        assert all(error["retry"] and error["retry_after"] > 0 for error in refused)
        assert await left.data("typing", conversation=conversation, active=False) == {}
        await right.hear(lambda frame: frame["type"] == "typing" and not frame["active"])
        told = [frame for frame in right.events("typing") if frame["active"]]
        assert len(told) == len(answers) - len(refused)


async def test_nobody_is_seen_typing_in_a_closed_conversation(awa: User, koffi: User, enter: Enter) -> None:
    one, other = enter(awa), enter(koffi)
    conversation = talk(one, other)
    query(lambda: conversation_model().objects.filter(pk=conversation).update(closed_at=timezone.now()))
    async with one.socket() as left, other.socket() as right:
        assert await left.data("typing", conversation=conversation, active=True) == {}
        await settled(right)
        assert right.events("typing") == []
        assert (await right.data("watch_conversation", conversation=conversation))["typing"] == []


# --- hostile ------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("command", "field"),
    [
        ({"type": "typing"}, "body"),
        ({"type": "typing", "conversation": "presence", "active": True}, "conversation"),
        ({"type": "typing", "conversation": str(uuid4()), "active": "yes"}, "active"),
        ({"type": "typing", "conversation": str(uuid4()), "active": True, "kind": "smoke"}, "kind"),
        ({"type": "set_presence", "state": "offline"}, "state"),
        ({"type": "set_presence", "state": None}, "state"),
        ({"type": "watch_presence", "users": "awa"}, "users"),
        ({"type": "watch_presence", "users": [str(uuid4())] * 201}, "users"),
        ({"type": "watch_presence", "users": [""]}, "users[0]"),
        ({"type": "watch_presence", "users": [1]}, "users[0]"),
        ({"type": "watch_presence", "users": ["x" * 65]}, "users[0]"),
    ],
)
async def test_what_does_not_fit_is_refused_by_name(
    awa: User, enter: Enter, command: dict[str, Any], field: str
) -> None:
    async with enter(awa).socket() as socket:
        answer = await socket.ask(**command)
        assert answer["error"]["code"] == "bad_request"
        assert field in answer["error"]["fields"]
        assert socket.closed is None


async def test_ids_that_are_nobodys_are_absent_and_harm_nothing(awa: User, enter: Enter) -> None:
    async with enter(awa).socket() as socket:
        hostile = ["1", "\x00", "' OR 1=1 --", "p.*", "é", str(uuid4()), "told"]
        assert await socket.data("watch_presence", users=hostile, conversation="presence") == {"presence": {}}


async def test_watches_that_follow_each_other_closely_end_with_the_last(awa: User, koffi: User, enter: Enter) -> None:
    one, other = enter(awa), enter(koffi)
    talk(one, other)
    async with one.socket() as left:
        for _ in range(10):
            await left.post("watch_presence", users=[other.id])
            await left.post("watch_presence", users=[])
        assert await left.data("watch_presence", users=[]) == {"presence": {}}
        async with one.socket() as second, other.socket():
            await watch(second, other)
            assert states_heard(left, other) == []


async def test_without_redis_every_command_is_answered(
    awa: User, koffi: User, enter: Enter, nobody_listens: str
) -> None:
    one, other = enter(awa), enter(koffi)
    conversation = talk(one, other)
    poor = Server({**SHORT, "REDIS_URL": nobody_listens})
    poor.start()
    try:
        async with through(poor, one).socket() as socket:
            assert await socket.data("typing", conversation=conversation, active=True) == {}
            assert await socket.data("typing", conversation=conversation, active=False) == {}
            assert await socket.data("set_presence", state="away") == {}
            assert await watch(socket, other) == {other.id: {"state": "offline", "last_seen": None}}
            opened = await socket.data("watch_conversation", conversation=conversation)
            assert opened["typing"] == []
            assert opened["presence"] == {other.id: {"state": "offline", "last_seen": None}}
            answer = through(poor, one).get(f"presence?users={other.id}")
            assert answer == {"presence": {other.id: {"state": "offline", "last_seen": None}}}
            assert socket.closed is None
    finally:
        poor.stop()
