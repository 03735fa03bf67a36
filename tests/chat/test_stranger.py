"""Yao takes no part: every endpoint and every command that names a conversation or message is `not_found` to him,
nothing changes, nothing leaves, and his open socket stays silent.

The tables are held against the URL patterns and the registry: what is missing from them fails here.
"""

from __future__ import annotations

import asyncio
import re
from collections.abc import Callable, Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.core import serializers
from django.urls import URLPattern, URLResolver

from chat import broadcast
from chat.api import urls
from chat.events import Hint, user_topic
from chat.models import Conversation, Inbox, Message, Participant
from chat.realtime.handlers import registry
from planb.accounts.models import User
from planb.urls import urlpatterns as every_pattern
from presence import urls as presence_urls
from tests.chat.conversing import row_of
from tests.people import Json, Person, Socket, query

SignIn = Callable[[User], Person]


class Scene:
    """A talk of Awa's and Koffi's; `conversation` and `message` are what a stranger names."""

    def __init__(self, awa: Person, koffi: Person) -> None:
        self.awa, self.koffi = awa, koffi
        self.conversation = awa.talk_to(koffi)
        self.message = awa.send(self.conversation, "Between us")["id"]
        koffi.send(self.conversation, "Yes")

    def draft(self, **fields: Any) -> Json:
        return {"conversation": self.conversation, "client_id": str(uuid4()), "text": "me too"} | fields


@pytest.fixture
def scene(awa: User, koffi: User, sign_in: SignIn) -> Scene:
    return Scene(sign_in(awa), sign_in(koffi))


Asking = tuple[str, str, Any]
# By route: what a stranger asks, and the answer where it is no 404 (for what names several: they are passed over).
ROUTES: dict[str, list[tuple[Callable[[Scene], Asking], Json | None]]] = {
    "conversations/<str:conversation>": [
        (lambda s: ("GET", f"conversations/{s.conversation}", None), None),
        (lambda s: ("PATCH", f"conversations/{s.conversation}", {"title": "Mine"}), None),
    ],
    "conversations/<str:conversation>/mine": [
        (lambda s: ("PATCH", f"conversations/{s.conversation}/mine", {"pinned": True}), None),
    ],
    "conversations/<str:conversation>/participants": [
        (lambda s: ("GET", f"conversations/{s.conversation}/participants", None), None),
        (lambda s: ("POST", f"conversations/{s.conversation}/participants", {"users": [s.koffi.id]}), None),
    ],
    "conversations/<str:conversation>/participants/<str:user>": [
        (lambda s: ("PATCH", f"conversations/{s.conversation}/participants/{s.koffi.id}", {"role": "owner"}), None),
        (lambda s: ("DELETE", f"conversations/{s.conversation}/participants/{s.koffi.id}", None), None),
    ],
    "conversations/<str:conversation>/messages": [
        (lambda s: ("GET", f"conversations/{s.conversation}/messages", None), None),
        (lambda s: ("GET", f"conversations/{s.conversation}/messages?before=9", None), None),
        (lambda s: ("GET", f"conversations/{s.conversation}/messages?after=0", None), None),
        (lambda s: ("GET", f"conversations/{s.conversation}/messages?around=1", None), None),
    ],
    "conversations/<str:conversation>/changes": [
        (lambda s: ("GET", f"conversations/{s.conversation}/changes?after=0", None), None),
    ],
    "conversations/<str:conversation>/read": [
        (lambda s: ("POST", f"conversations/{s.conversation}/read", {"seq": 1}), None),
    ],
    "conversations/<str:conversation>/receipts": [
        (lambda s: ("GET", f"conversations/{s.conversation}/receipts", None), None),
    ],
    "delivered": [(lambda s: ("POST", "delivered", {"marks": {s.conversation: 1}}), {})],
    "sync": [(lambda s: ("POST", "sync", {"cursors": {s.conversation: 0}}), {"changes": []})],
    "messages": [(lambda s: ("POST", "messages", s.draft()), None)],
    "messages/<str:message>": [
        (lambda s: ("GET", f"messages/{s.message}", None), None),
        (lambda s: ("PATCH", f"messages/{s.message}", {"text": "mine now"}), None),
        (lambda s: ("DELETE", f"messages/{s.message}", None), None),
    ],
    "messages/<str:message>/reactions": [(lambda s: ("GET", f"messages/{s.message}/reactions", None), None)],
    "messages/<str:message>/reactions/<str:emoji>": [
        (lambda s: ("PUT", f"messages/{s.message}/reactions/👍", None), None),
        (lambda s: ("DELETE", f"messages/{s.message}/reactions/👍", None), None),
    ],
    "users": [(lambda s: ("GET", f"users?ids={s.awa.id},{s.koffi.id}", None), {"users": []})],
    "presence": [(lambda s: ("GET", f"presence?users={s.awa.id}", None), {"presence": {}})],
    "conversations": [
        (lambda s: ("GET", "conversations", None), {"items": [], "users": [], "next": None}),
        (lambda s: ("GET", "conversations?folder=archived", None), {"items": [], "users": [], "next": None}),
    ],
    "inbox": [
        (
            lambda s: ("GET", "inbox?after=0", None),
            {"inbox_seq": 0, "changed": [], "removed": [], "users": [], "more": False},
        )
    ],
}
# Routes that name nothing of anybody's.
OPEN_ROUTES = {"config", "me/privacy", "positions"}

COMMANDS: dict[str, tuple[Callable[[Scene], Json], Json | None]] = {
    "send_message": (lambda s: s.draft(), None),
    "edit_message": (lambda s: {"message": s.message, "text": "mine now"}, None),
    "delete_message": (lambda s: {"message": s.message}, None),
    "react": (lambda s: {"message": s.message, "emoji": "👍", "on": True}, None),
    "update_mine": (lambda s: {"conversation": s.conversation, "pinned": True}, None),
    "mark_read": (lambda s: {"conversation": s.conversation, "seq": 1}, None),
    "mark_delivered": (lambda s: {"marks": {s.conversation: 1}}, {}),
    "watch_conversation": (lambda s: {"conversation": s.conversation}, None),
    "typing": (lambda s: {"conversation": s.conversation, "active": True}, None),
    "watch_presence": (lambda s: {"users": [s.awa.id, s.koffi.id]}, {"presence": {}}),
}
OPEN_COMMANDS = {"positions", "refresh", "ping", "set_presence"}


def routes(patterns: Any) -> Iterator[str]:
    for pattern in patterns:
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns)
        elif isinstance(pattern, URLPattern):
            yield str(pattern.pattern)


def all_rows() -> str:
    """Everything that these two have, as it is stored."""
    return "\n".join(
        serializers.serialize("json", model.objects.order_by("pk"))
        for model in (Conversation, Message, Participant, Inbox)
    )


# --- the tables are whole ---------------------------------------------------------------------------
def test_no_route_is_missing_from_the_table() -> None:
    declared = {*routes(urls.urlpatterns), *routes(presence_urls.urlpatterns)}
    assert declared == set(ROUTES) | OPEN_ROUTES


def test_no_app_is_missing_from_the_table() -> None:
    (api,) = [pattern for pattern in every_pattern if str(getattr(pattern, "pattern", "")) == "api/v1/"]
    assert isinstance(api, URLResolver)
    modules = {
        inner.urlconf_name.__name__  # type: ignore[union-attr]
        for inner in api.url_patterns
        if isinstance(inner, URLResolver)
    }
    # The schema is for everybody, and names nothing of anybody's; accounts have tests of their own.
    assert modules == {"planb.accounts.urls", "presence.urls", "chat.schema.urls", "chat.api.urls"}


def test_no_command_is_missing_from_the_table() -> None:
    assert set(registry) == set(COMMANDS) | OPEN_COMMANDS


# --- what he gets -------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("route", "place"), [(route, place) for route, askings in ROUTES.items() for place in range(len(askings))]
)
async def test_an_endpoint_knows_nothing_for_a_stranger(
    route: str, place: int, scene: Scene, yao: User, sign_in: SignIn
) -> None:
    stranger = sign_in(yao)
    asking, wanted = ROUTES[route][place]
    before = query(all_rows)
    async with scene.awa.socket() as one, stranger.socket() as own:
        answer = await asyncio.to_thread(stranger.call, *asking(scene))
        if wanted is None:
            assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
        else:
            assert (answer.status_code, answer.json()) == (200, wanted)
        await silent(one, own)
    assert query(all_rows) == before


async def silent(*sockets: Socket) -> None:
    """Nothing came but answers, and what the connection itself says."""
    for socket in sockets:
        # What was told before this comes before it: one Redis, one loop, one outbox.
        await socket.data("ping")
        key = str(uuid4())
        hint = Hint(topic=user_topic(socket.person.id), frame={"type": "marker", "key": key})
        await asyncio.to_thread(broadcast.send, [hint])
        await socket.hear(lambda frame, key=key: frame.get("key") == key)  # type: ignore[misc]
        assert {frame["type"] for frame in socket.heard} <= {"ready", "reply", "marker"}, socket.heard


@pytest.mark.parametrize("type", COMMANDS)
async def test_a_command_knows_nothing_for_a_stranger(type: str, scene: Scene, yao: User, sign_in: SignIn) -> None:
    fields, wanted = COMMANDS[type]
    before = query(all_rows)
    async with scene.awa.socket() as one, scene.koffi.socket() as two, sign_in(yao).socket() as own:
        answer = await own.ask(type, **fields(scene))
        if wanted is None:
            assert (answer["ok"], answer["error"]["code"]) == (False, "not_found")
        else:
            assert (answer["ok"], answer["data"]) == (True, wanted)
        await silent(one, two, own)
    assert query(all_rows) == before


def _elsewhere(name: str, value: Any) -> Any:
    return str(uuid4()) if name in {"conversation", "message"} else value


@pytest.mark.parametrize("type", sorted(type for type, (_, wanted) in COMMANDS.items() if wanted is None))
async def test_what_is_not_there_looks_the_same(type: str, scene: Scene, yao: User, sign_in: SignIn) -> None:
    async with sign_in(yao).socket() as own:
        fields = COMMANDS[type][0](scene)
        foreign = await own.ask(type, **fields)
        nowhere = await own.ask(type, **{key: _elsewhere(key, value) for key, value in fields.items()})
        assert foreign["error"] == nowhere["error"]


def test_a_stranger_cannot_quote_or_mention_his_way_in(
    scene: Scene, yao: User, make_user: Callable[..., User], sign_in: SignIn
) -> None:
    stranger = sign_in(yao)
    own = stranger.talk_to(make_user("fatou"))
    for fields in ({"reply_to": scene.message}, {"mentions": [scene.awa.id]}):
        answer = stranger.call("POST", "messages", scene.draft(conversation=own, **fields))
        assert answer.json()["error"]["code"] == "bad_request"


# --- what he hears ------------------------------------------------------------------------------------
async def test_a_stranger_hears_nothing_while_two_others_talk(
    scene: Scene, awa: User, koffi: User, yao: User, sign_in: SignIn
) -> None:
    stranger = sign_in(yao)
    async with scene.awa.socket() as one, scene.koffi.socket() as two, stranger.socket() as own:
        await own.ask("watch_presence", users=[scene.awa.id, scene.koffi.id])
        await own.ask("watch_conversation", conversation=scene.conversation)
        await one.data("watch_presence", users=[scene.koffi.id])
        await one.data("typing", conversation=scene.conversation, active=True)
        await two.hear("typing")
        sent = (await one.data("send_message", **scene.draft(text="Secret")))["message"]
        await two.message("Secret")
        await two.data("mark_delivered", marks={scene.conversation: sent["seq"]})
        await one.hear("delivered")
        await two.data("mark_read", conversation=scene.conversation, seq=sent["seq"])
        await one.hear("read")
        await two.data("set_presence", state="away")
        await one.hear("presence")
        await silent(own)
        # And a group made under his nose.
        third = await asyncio.to_thread(scene.awa.talk_to, koffi, title="Without Yao", kind="group")
        await two.hear(lambda frame: frame["type"] == "conversation_added" and frame["conversation"] == third)
        await silent(own)


ROUTES_OF_A_GROUP = [route for route in ROUTES if route.startswith("conversations/<") or route.startswith("messages/")]


@pytest.mark.parametrize("route", ROUTES_OF_A_GROUP)
def test_a_group_is_as_closed_as_a_direct_conversation(route: str, scene: Scene, yao: User, sign_in: SignIn) -> None:
    scene.conversation = scene.awa.talk_to(scene.koffi, kind="group")
    scene.message = scene.awa.send(scene.conversation, "Between us")["id"]
    before = query(all_rows)
    for asking, _ in ROUTES[route]:
        answer = sign_in(yao).call(*asking(scene))
        assert (answer.status_code, answer.json()["error"]["code"]) == (404, "not_found")
    assert query(all_rows) == before


async def test_a_former_member_hears_and_gets_nothing_more(
    scene: Scene, awa: User, koffi: User, yao: User, sign_in: SignIn
) -> None:
    group = scene.awa.talk_to(koffi, yao)
    scene.awa.send(group, "All three")
    removed = {"removed_at": "2026-01-01T00:00:00Z", "removed_seq": 1, "removal": "removed"}
    query(lambda: Participant.objects.filter(pk=row_of(yao, group).pk).update(**removed))  # type: ignore[arg-type]
    former = sign_in(yao)
    async with former.socket() as own, scene.koffi.socket() as two:
        assert own.ready["positions"] == {}
        await asyncio.to_thread(scene.awa.send, group, "Two")
        await two.message("Two")
        await silent(own)
        assert former.call("GET", f"conversations/{group}").status_code == 404
        assert former.call("GET", f"conversations/{group}/changes?after=0").status_code == 404
        answer = await own.ask("send_message", conversation=group, client_id=str(uuid4()), text="Still here?")
        assert answer["error"]["code"] == "not_found"


# --- nobody at all --------------------------------------------------------------------------------------
@pytest.mark.parametrize("route", [*sorted(set(ROUTES) | OPEN_ROUTES - {"config"}), "nowhere"])
def test_without_a_token_there_is_nothing(route: str, client: Any, db: None) -> None:
    path = re.sub(r"<str:\w+>", str(uuid4()), route)
    for method in ("GET", "POST", "PATCH", "PUT", "DELETE", "OPTIONS"):
        for headers in ({}, {"Authorization": "Basic YTpi"}, {"Authorization": "Bearer nonsense"}):
            answer = client.generic(method, f"/api/v1/{path}", b"{}", content_type="application/json", headers=headers)
            if route == "nowhere":
                assert answer.status_code == 404
                continue
            assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")
            assert answer.headers["WWW-Authenticate"].startswith("Bearer")


def test_the_configuration_is_for_everybody(client: Any, db: None) -> None:
    answer = client.get("/api/v1/config", headers={"Authorization": "Bearer nonsense"})
    assert answer.status_code == 200
    assert set(answer.json()) == {"revision", "features", "limits", "timing", "registration_open"}
