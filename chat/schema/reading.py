"""The socket's document as plain rows, for a page that people read."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

from chat.schema.components import REF, Json


@dataclass(frozen=True, slots=True)
class Field:
    name: str
    kind: str
    required: bool
    says: str
    # Name of the component that it is made of, to go there.
    link: str


@dataclass(frozen=True, slots=True)
class Part:
    """A command, an event or a resource."""

    name: str
    says: str
    fields: list[Field]
    answer: str
    example: str


@dataclass(frozen=True, slots=True)
class Reading:
    says: str
    address: str
    commands: list[Part]
    events: list[Part]
    resources: list[Part]


def read(document: Json) -> Reading:
    parts, messages = document["components"]["schemas"], document["components"]["messages"]
    commands, events = [], []
    frames: set[str] = set()
    for name, operation in document["operations"].items():
        key = operation["messages"][0]["$ref"].rsplit("/", 1)[1]
        message = messages[key]
        if operation["action"] == "receive":
            form = _target(message["payload"]["allOf"][1])
            reply = messages[operation["reply"]["messages"][0]["$ref"].rsplit("/", 1)[1]]
            payload = reply["payload"]
            answer = _target(payload["properties"]["data"] if "properties" in payload else payload)
            commands.append(_part(name, parts[form], message, answer))
        else:
            form = _target(message["payload"])
            events.append(_part(message["name"], parts[form], message))
        frames.add(form)
    resources = [_part(name, schema, {}) for name, schema in parts.items() if name not in frames]
    return Reading(
        says=document["info"]["description"],
        address=document["channels"]["socket"]["address"],
        commands=commands,
        events=events,
        resources=resources,
    )


def _part(name: str, schema: Json, message: Json, answer: str = "") -> Part:
    required = schema.get("required", [])
    shown = message.get("examples")
    return Part(
        name=name,
        says=message.get("summary") or schema.get("description", ""),
        fields=[
            Field(key, _kind(inner), key in required, inner.get("description", ""), _link(inner))
            for key, inner in schema.get("properties", {}).items()
            if key != "type"
        ],
        answer=answer,
        example=json.dumps(shown[0]["payload"], ensure_ascii=False, indent=2) if shown else "",
    )


def _target(schema: Json) -> str:
    name: str = schema["$ref"].removeprefix(REF)
    return name


def _link(schema: Any) -> str:
    """The first component that a field's schema refers to."""
    if isinstance(schema, dict):
        if "$ref" in schema:
            return _target(schema)
        schema = list(schema.values())
    if isinstance(schema, list):
        return next((found for item in schema if (found := _link(item))), "")
    return ""


def _kind(schema: Json) -> str:
    """A field's type in words: `uuid or null`, `list of Message`."""
    if "$ref" in schema:
        return _target(schema)
    if "anyOf" in schema:
        return " or ".join(_kind(item) for item in schema["anyOf"])
    if "x-known-values" in schema:
        return " | ".join(f'"{value}"' for value in schema["x-known-values"]) + " …"
    if "enum" in schema or "const" in schema:
        return " | ".join(json.dumps(value) for value in schema.get("enum", [schema.get("const")]))
    kind = schema.get("type", "anything")
    if kind == "array":
        return f"list of {_kind(schema.get('items', {}))}"
    if isinstance(schema.get("additionalProperties"), dict):
        return f"by key: {_kind(schema['additionalProperties'])}"
    return str(schema.get("format", kind))
