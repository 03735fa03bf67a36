"""The AsyncAPI document: valid by the official schema, and made of what is registered."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any, Literal

import jsonschema
import pytest
from msgspec import Struct

from chat import frames, wire
from chat.realtime import handlers
from chat.schema import asyncapi
from tests.schema.test_openapi import references

OFFICIAL = json.loads(Path(__file__).with_name("asyncapi-3.0.0.json").read_text())


@pytest.fixture
def document() -> dict[str, Any]:
    return asyncapi.document()


def test_it_is_valid_by_the_official_schema(document: dict[str, Any]) -> None:
    jsonschema.Draft7Validator(OFFICIAL).validate(document)


def test_the_official_schema_finds_what_is_wrong(document: dict[str, Any]) -> None:
    document["operations"]["ping"]["action"] = "shout"
    with pytest.raises(jsonschema.ValidationError):
        jsonschema.Draft7Validator(OFFICIAL).validate(document)


def test_it_holds_every_command_and_every_event(document: dict[str, Any]) -> None:
    actions: dict[Literal["receive", "send"], set[str]] = {"receive": set(), "send": set()}
    for name, operation in document["operations"].items():
        actions[operation["action"]].add(name)
    assert actions["receive"] == {"hello", *handlers.registry}
    assert actions["send"] == {f"event_{name}" for name in frames.registry if name != "ready"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    for reference in references(document):
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def test_every_example_fits_its_schema(document: dict[str, Any]) -> None:
    count = 0
    for message in document["components"]["messages"].values():
        for example in message.get("examples", ()):
            jsonschema.validate(example["payload"], {**message["payload"], "components": document["components"]})
            count += 1
    assert count > 30


@pytest.mark.parametrize("name", sorted(set(frames.registry) - {"changes", "behind", "conversation_removed"}))
def test_an_event_with_a_seq_brings_what_unknowing_clients_reduce_by(name: str) -> None:
    fields = set(frames.registry[name].__struct_fields__)
    assert "seq" not in fields or fields & {"message", "state"}


def test_an_event_that_is_declared_twice_is_refused() -> None:
    class Twin(frames.Frame, frozen=True, tag="new_message"):
        pass

    with pytest.raises(ValueError, match="declared already"):
        frames.declare(Twin)


def test_a_struct_without_a_type_is_no_event() -> None:
    class Nameless(Struct):
        pass

    with pytest.raises(ValueError, match="no tag"):
        frames.declare(Nameless)


def test_an_app_can_declare_its_own_command_and_event(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(frames, "registry", dict(frames.registry))
    monkeypatch.setattr(handlers, "registry", dict(handlers.registry))

    @frames.declare
    class OrderShippedFrame(frames.Frame, frozen=True, tag="order_shipped"):
        order: str

    class Ship(wire.Command, frozen=True):
        order: str

    @handlers.command("ship", Ship)
    async def ship(connection: object, command: Ship) -> dict[str, Any]:
        return {}

    made = asyncapi.document()
    assert "ship" in made["operations"] and "event_order_shipped" in made["operations"]
    assert made["components"]["schemas"]["OrderShippedFrame"]["required"] == ["type", "order"]
    jsonschema.Draft7Validator(OFFICIAL).validate(made)
