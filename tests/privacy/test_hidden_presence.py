"""Who hides their last visit, or that they type, shows neither, and sees neither of others."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

from planb.accounts.models import User
from tests.people import Person
from tests.privacy.conftest import Circle, hide
from tests.privacy.test_private_receipts import settled

SignIn = Callable[[User], Person]


async def test_nobody_hears_who_types_in_secret(circle: Circle) -> None:
    hide(circle.koffi, hide_typing=True)
    async with circle.awa.socket() as one, circle.koffi.socket() as secret:
        await secret.data("typing", conversation=circle.group, active=True)
        await secret.data("typing", conversation=circle.group, active=False)
        watched = await one.data("watch_conversation", conversation=circle.group)
        assert watched["typing"] == []
        await settled(one)
        assert one.events("typing") == []
        strange = await secret.ask("typing", conversation="01900000-0000-7000-8000-00000000ffff", active=True)
        assert strange["error"]["code"] == "not_found", "hiding opens no door"


async def test_who_types_in_secret_does_not_see_others_type(circle: Circle) -> None:
    async with circle.awa.socket() as one, circle.koffi.socket() as secret, circle.fatou.socket() as three:
        await asyncio.to_thread(hide, circle.koffi, hide_typing=True)
        await settled(secret)
        await one.data("typing", conversation=circle.group, active=True)
        await three.hear("typing")
        await settled(secret)
        assert secret.events("typing") == []
        assert (await secret.data("watch_conversation", conversation=circle.group))["typing"] == []
        watched = await three.data("watch_conversation", conversation=circle.group)
        assert [entry["user"] for entry in watched["typing"]] == [circle.awa.id]


async def test_a_hidden_last_visit_is_told_to_nobody_else(
    circle: Circle, serve: Callable[..., object], make_user: Callable[[str], User]
) -> None:
    server = serve(PRESENCE_GRACE=0.2)
    for person in (circle.awa, circle.koffi, circle.fatou):
        person.url, person.socket_url = server.url, server.socket_url  # type: ignore[attr-defined]
    hide(circle.koffi, hide_last_seen=True)
    circle.awa.send(circle.group, "Tous là ?")
    async with circle.awa.socket() as one:
        await one.data("watch_presence", users=[circle.koffi.id, circle.fatou.id])
        async with circle.koffi.socket(), circle.fatou.socket():
            for person in (circle.koffi, circle.fatou):
                await one.hear(lambda f, who=person.id: f.get("user") == who and f.get("state") == "online")  # type: ignore[misc]
        left = {
            person.id: await one.hear(
                lambda f, who=person.id: f.get("user") == who and f.get("state") == "offline",  # type: ignore[misc]
            )
            for person in (circle.koffi, circle.fatou)
        }
        assert left[circle.koffi.id]["last_seen"] is None
        assert left[circle.fatou.id]["last_seen"] is not None
        found = (await one.data("watch_presence", users=[circle.koffi.id, circle.fatou.id]))["presence"]
        assert found[circle.koffi.id] == {"state": "offline", "last_seen": None}
        assert found[circle.fatou.id]["last_seen"] is not None
        watched = await one.data("watch_conversation", conversation=circle.group)
        assert watched["presence"][circle.koffi.id]["last_seen"] is None
        assert watched["presence"][circle.fatou.id]["last_seen"] is not None
    asked = circle.awa.get(f"presence?users={circle.koffi.id},{circle.fatou.id}")["presence"]
    assert asked[circle.koffi.id]["last_seen"] is None
    assert asked[circle.fatou.id]["last_seen"] is not None
    # And the other way round: who hides does not see it of others, but of themselves.
    asked = circle.koffi.get(f"presence?users={circle.koffi.id},{circle.fatou.id}")["presence"]
    assert asked[circle.fatou.id]["last_seen"] is None
    assert asked[circle.koffi.id]["last_seen"] is not None


async def test_who_hides_their_last_visit_hears_that_others_go_but_not_when(
    circle: Circle, serve: Callable[..., object]
) -> None:
    server = serve(PRESENCE_GRACE=0.2)
    for person in (circle.awa, circle.koffi, circle.fatou):
        person.url, person.socket_url = server.url, server.socket_url  # type: ignore[attr-defined]
    hide(circle.koffi, hide_last_seen=True)
    async with circle.koffi.socket() as own, circle.awa.socket() as one:
        for socket in (own, one):
            await socket.data("watch_presence", users=[circle.fatou.id])
        async with circle.fatou.socket():
            await own.hear("presence")
        for socket, told in ((own, False), (one, True)):
            left = await socket.hear(lambda f: f["type"] == "presence" and f["state"] == "offline")
            assert (left["last_seen"] is not None) is told
