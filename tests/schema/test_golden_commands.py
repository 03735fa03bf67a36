"""Every command and its answer, as the golden files have them."""

from __future__ import annotations

from uuid import uuid4

from chat.realtime import handlers
from tests.golden import GOLDEN, as_golden
from tests.presence.watchers import watch_until_online
from tests.schema.conftest import Cast, exchange


async def test_commands_about_messages(cast: Cast, direct: str) -> None:
    awa, koffi = cast["awa"], cast["koffi"]
    first = awa.get(f"conversations/{direct}/messages")["messages"][0]["id"]
    async with koffi.socket() as socket:
        sent = await exchange(
            socket,
            "send_message",
            conversation=direct,
            client_id=str(uuid4()),
            text="Oui, 65 000 F 🚲",
            reply_to=first,
            mentions=[awa.id],
            metadata={"from": "listing"},
        )
        own = sent["message"]["id"]
        await exchange(socket, "react", message=first, emoji="👍", on=True)
        await exchange(socket, "edit_message", message=own, text="Oui, 60 000 F 🚲", if_edited_at=None)
        await exchange(socket, "delete_message", message=own)


async def test_commands_about_marks_and_what_is_ones_own(cast: Cast, direct: str) -> None:
    async with cast["koffi"].socket() as socket:
        await exchange(socket, "mark_delivered", marks={direct: 1})
        await exchange(socket, "mark_read", conversation=direct, seq=1)
        await exchange(
            socket,
            "update_mine",
            conversation=direct,
            muted_until="2100-01-01T00:00:00.000Z",
            pinned=True,
            draft="Je",
        )
        await exchange(socket, "positions")


async def test_commands_about_presence(cast: Cast, direct: str) -> None:
    awa, koffi = cast["awa"], cast["koffi"]
    async with awa.socket() as left, koffi.socket() as right:
        await watch_until_online(right, awa)
        await exchange(right, "watch_presence", users=[awa.id])
        await exchange(left, "typing", conversation=direct, active=True, kind="text")
        await exchange(right, "watch_conversation", conversation=direct)
        await exchange(left, "set_presence", state="away")


async def test_commands_about_the_socket_itself(cast: Cast) -> None:
    koffi = cast["koffi"]
    device = {"device": str(uuid4()), "client": {"name": "web", "version": "1.0.0"}}
    async with koffi.socket(hello=False) as socket:
        ready = await socket.ask("hello", token=koffi.token, **device)
        assert ready["type"] == "ready"
        as_golden("command_hello", {"type": "hello", "id": 1, "token": koffi.token, **device})
        await exchange(socket, "ping")
        await exchange(socket, "refresh", token=koffi.token)
        refused = await socket.ask("mark_read", conversation=str(uuid4()), seq=1)
        as_golden("refusal", {**refused, "id": 7})


def test_every_command_has_its_files() -> None:
    wanted = {f"command_{name}" for name in ("hello", *handlers.registry)}
    wanted |= {f"reply_{name}" for name in handlers.registry}
    assert wanted == {path.stem for path in GOLDEN.glob("*.json") if path.stem.startswith(("command_", "reply_"))}
