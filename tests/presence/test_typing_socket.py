"""Typing and the conversation on screen, over real sockets."""

from __future__ import annotations

from django.utils import timezone

from chat.swap import conversation_model
from planb.accounts.models import User
from tests.people import query
from tests.presence.watchers import Enter, is_now, settled, states_heard, talk, watch, watch_until_online


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
