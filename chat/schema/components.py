"""JSON Schemas of structs, for both documents. One struct, one component, the same in both."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

REF = "#/components/schemas/"
Json = dict[str, Any]


_added: dict[type[Any], list[type[Any]]] = {}


def extend(form: type[Any], addition: type[Any]) -> None:
    """For an app that adds fields to another's answer by a hook: the documents show both as one."""
    _added.setdefault(form, []).append(addition)


def reference(form: type[Any]) -> Json:
    return {"$ref": f"{REF}{form.__name__}"}


def components(forms: Iterable[type[Any]]) -> dict[str, Json]:
    """The schemas of these structs and of all that they hold, by name."""
    wanted = dict.fromkeys(forms)
    beside = [addition for form in wanted for addition in _added.get(form, ())]
    _, found = msgspec.json.schema_components([*wanted, *beside], ref_template=REF + "{name}")
    for form in wanted:
        for addition in _added.get(form, ()):
            found[form.__name__]["properties"].update(found.pop(addition.__name__)["properties"])
    return {name: _tidy(schema) for name, schema in sorted(found.items())}


def without(schema: Json, names: Iterable[str], title: str) -> Json:
    """An object's schema less some of its fields, by another name."""
    left_out = set(names)
    made: Json = {
        **schema,
        "title": title,
        "properties": {name: inner for name, inner in schema["properties"].items() if name not in left_out},
        "required": [name for name in schema.get("required", []) if name not in left_out],
    }
    return made if made["required"] else {key: value for key, value in made.items() if key != "required"}


def _tidy(schema: Any) -> Any:
    """Docstrings as one paragraph; UUIDs and times of commands keep their formats; `required: []` says nothing."""
    if isinstance(schema, list):
        return [_tidy(item) for item in schema]
    if not isinstance(schema, dict):
        return schema
    made = {key: _tidy(value) for key, value in schema.items()}
    if isinstance(made.get("description"), str):
        made["description"] = " ".join(made["description"].split())
    if made.get("required") == []:
        del made["required"]
    return made
