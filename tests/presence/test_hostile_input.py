"""Input that does not fit, watches in a hurry, and a server without Redis."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest

from planb.accounts.models import User
from tests.conftest import Server
from tests.presence.short_times import SHORT
from tests.presence.watchers import Enter, states_heard, talk, through, watch


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
    poor = Server({"REDIS_URL": nobody_listens}, **SHORT)
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
