"""Every event, as the golden files have them, and two that no version of today sends."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import msgspec
import pytest

from chat import frames, wire
from chat.realtime import recovery
from chat.services import messages
from tests.golden import GOLDEN, as_golden, golden
from tests.people import query
from tests.schema.conftest import Cast


async def test_events_about_messages(cast: Cast, direct: str) -> None:
    awa, koffi = cast["awa"], cast["koffi"]
    async with koffi.socket() as socket:
        sent = awa.send(direct, "À 65 000 F", mentions=[koffi.id])
        assert koffi.call("PUT", f"messages/{sent['id']}/reactions/👍").status_code == 200
        as_golden("event_message_updated", await socket.hear("message_updated"))
        gone = awa.call("DELETE", f"messages/{sent['id']}")
        told = await socket.hear("message_deleted")
        assert told["message"] == gone.json()
        as_golden("event_message_deleted", told)


async def test_events_about_groups(cast: Cast, group: str) -> None:
    awa, koffi, fatou = cast["awa"], cast["koffi"], cast["fatou"]
    async with koffi.socket() as member, fatou.socket() as other:
        added = awa.post(f"conversations/{group}/participants", {"users": [fatou.id]})
        told = await member.hear("conversation_updated")
        assert told["state"] == added["conversation"]
        as_golden("event_conversation_updated", told)
        as_golden("event_conversation_added", await other.hear("conversation_added"))
        assert awa.call("DELETE", f"conversations/{group}/participants/{fatou.id}").status_code == 204
        as_golden("event_conversation_removed", await other.hear("conversation_removed"))


async def test_events_about_marks(cast: Cast, direct: str) -> None:
    awa, koffi = cast["awa"], cast["koffi"]
    async with awa.socket() as left, koffi.socket() as right:
        await right.data("mark_delivered", marks={direct: 1})
        as_golden("event_delivered", await left.hear("delivered"))
        await right.data("mark_read", conversation=direct, seq=1)
        as_golden("event_read", await left.hear("read"))
        as_golden("event_mine", await right.hear("mine"))


async def test_a_new_name(cast: Cast, direct: str) -> None:
    awa, koffi = cast["awa"], cast["koffi"]
    async with koffi.socket() as socket:
        changed = awa.call("PATCH", "me", {"display_name": "Awa K."}).json()
        told = await socket.hear("user_updated")
        assert told["user"] == changed
        as_golden("event_user_updated", told)


async def test_events_about_presence(cast: Cast, direct: str) -> None:
    awa, koffi = cast["awa"], cast["koffi"]
    async with koffi.socket() as right:
        await right.data("watch_presence", users=[awa.id])
        async with awa.socket() as left:
            as_golden("event_presence", await right.hear("presence"))
            await left.data("typing", conversation=direct, active=True)
            as_golden("event_typing", await right.hear("typing"))


def test_what_a_hub_missed(cast: Cast, direct: str) -> None:
    """By the function that makes these frames: tests of the hub show when."""
    awa = cast["awa"]
    found = query(lambda: messages.changes_of(UUID(direct), after=0))
    frame = json.loads(recovery.changes_frame(found))
    body = awa.get(f"conversations/{direct}/changes?after=0")
    assert frame == {"type": "changes", **body}
    as_golden("event_changes", frame)
    as_golden("changes_body", body)
    reset = wire.Changes(conversation=direct, seq=5000, reset=True)
    as_golden("event_behind", json.loads(recovery.changes_frame(reset)))


@pytest.mark.parametrize(
    "frame",
    [
        frames.TokenExpiringFrame(expires_at="2026-11-22T10:00:00.000Z"),
        frames.ClosingFrame(retry_after=1.5),
        frames.ReceiptCountsFrame(
            conversation="00000000-0000-7000-8000-000000000001", message_seq=12, read=90, delivered=130
        ),
    ],
)
def test_events_that_tests_elsewhere_wait_for(frame: frames.Frame) -> None:
    made = json.loads(wire.encode(frame))
    as_golden(f"event_{made['type']}", made)


def test_every_event_has_its_file() -> None:
    wanted = {f"event_{name}" for name in frames.registry if name != "ready"}
    assert wanted == {path.stem for path in GOLDEN.glob("event_*.json")}


@pytest.mark.parametrize("name", sorted(frames.registry))
def test_a_golden_event_has_the_fields_of_its_struct_and_no_other(name: str) -> None:
    given = golden("ready" if name == "ready" else f"event_{name}")
    form = frames.registry[name]
    assert wire.builtins(msgspec.convert(given, form)) == given


@pytest.mark.parametrize("name", ["future_event", "future_message"])
def test_what_comes_from_the_future_can_be_reduced_by_what_is_known(name: str) -> None:
    given: dict[str, Any] = golden(name)
    assert given["type"] not in frames.registry or given["message"]["kind"] not in {"text", "voice", "call", "system"}
    assert msgspec.convert(given["message"], wire.Message).changed_seq == given["seq"]
