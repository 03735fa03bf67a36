"""AsyncAPI 3: the socket's commands from the handlers' registry, its events from the declared frames."""

from __future__ import annotations

from typing import Any

from chat import answers, frames, wire
from chat.conf import conf
from chat.realtime import handlers
from chat.realtime.protocol import SUBPROTOCOL
from chat.schema.components import REF, Json, components, reference
from chat.schema.examples import examples
from chat.schema.operations import discover

_CHANNEL = "#/channels/socket"
_MESSAGES = "#/components/messages/"
_SAYS = (
    "One socket carries everything of one person. Text frames of one JSON object each; the first one is `hello`, "
    "within 10 seconds, and the token is in it and never in the address. Commands carry a counted `id` and get one "
    "`reply` with the same; events have no `id`. Ignore unknown fields, values and events; an unknown event with a "
    "`seq` carries `message` or `state`, or both: take those, and go on from there."
)
_NUMBER: Json = {"type": "integer", "minimum": 0, "maximum": 2**53 - 1}


def document() -> Json:
    """The whole document, as plain JSON."""
    discover()
    commands: dict[str, type[Any]] = {
        "hello": wire.Hello,
        **{name: entry.form for name, entry in sorted(handlers.registry.items())},
    }
    given: dict[str, type[Any]] = {name: entry.answer for name, entry in sorted(handlers.registry.items())}
    events: dict[str, type[Any]] = {name: form for name, form in sorted(frames.registry.items()) if name != "ready"}

    messages: dict[str, Json] = {
        "ready": _message("ready", reference(frames.ReadyFrame), _says(frames.ReadyFrame), "ready")
    }
    operations: dict[str, Json] = {}
    for name, form in commands.items():
        messages[name] = _message(name, _command(name, form), _says(form), f"command_{name}")
        replies = ["ready", "refusal"]
        if name in given:
            reply = f"{name}_reply"
            messages[reply] = _message(reply, _reply(given[name]), _says(given[name]), f"reply_{name}")
            replies = [reply, "refusal"]
        operations[name] = {
            "action": "receive",
            "channel": {"$ref": _CHANNEL},
            "summary": _says(form) or f"The command {name}.",
            "messages": [_in_channel(name)],
            "reply": {"channel": {"$ref": _CHANNEL}, "messages": [_in_channel(item) for item in replies]},
        }
    messages["refusal"] = _message("refusal", _refusal(), "A command was refused.", "refusal")
    for name, event in events.items():
        messages[f"event_{name}"] = _message(name, reference(event), _says(event), f"event_{name}")
        operations[f"event_{name}"] = {
            "action": "send",
            "channel": {"$ref": _CHANNEL},
            "summary": _says(event) or f"The event {name}.",
            "messages": [_in_channel(f"event_{name}")],
        }
    forms: list[type[Any]] = [
        *commands.values(),
        *given.values(),
        *events.values(),
        frames.ReadyFrame,
        answers.ErrorData,
    ]
    return {
        "asyncapi": "3.0.0",
        "info": {"title": "Plan B Chat", "version": "1", "description": _SAYS},
        "defaultContentType": "application/json",
        "channels": {
            "socket": {
                "address": conf().socket_path,
                "description": f"A WebSocket with the subprotocol `{SUBPROTOCOL}`.",
                "messages": {name: {"$ref": _MESSAGES + name} for name in messages},
                "bindings": {"ws": {"method": "GET"}},
            }
        },
        "operations": operations,
        "components": {"messages": messages, "schemas": components(forms)},
    }


def _command(name: str, form: type[Any]) -> Json:
    return {
        "allOf": [
            {
                "type": "object",
                "properties": {"type": {"const": name}, "id": {**_NUMBER, "description": "Counted by the client."}},
                "required": ["type", "id"],
            },
            reference(form),
        ]
    }


def _reply(form: type[Any]) -> Json:
    return {
        "type": "object",
        "properties": {"type": {"const": "reply"}, "id": _NUMBER, "ok": {"const": True}, "data": reference(form)},
        "required": ["type", "id", "ok", "data"],
    }


def _refusal() -> Json:
    return {
        "type": "object",
        "properties": {
            "type": {"const": "reply"},
            "id": {"anyOf": [_NUMBER, {"type": "null"}], "description": "Null where the frame had none."},
            "ok": {"const": False},
            "error": {"$ref": REF + "ErrorData"},
        },
        "required": ["type", "id", "ok", "error"],
    }


def _message(name: str, payload: Json, says: str, example: str) -> Json:
    made: Json = {"name": name, "payload": payload}
    if says:
        made["summary"] = says
    if example in examples():
        made["examples"] = [{"name": example, "payload": examples()[example]}]
    return made


def _in_channel(name: str) -> Json:
    return {"$ref": f"{_CHANNEL}/messages/{name}"}


def _says(form: type[Any]) -> str:
    return " ".join((form.__doc__ or "").split())
