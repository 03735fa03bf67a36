"""What each view of the REST door takes and gives. Knows no view by itself: apps describe theirs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.module_loading import autodiscover_modules
from rest_framework.views import APIView

from chat import wire

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Query:
    """A parameter of the query, as text; `schema` is JSON Schema."""

    name: str
    says: str
    schema: Json = field(default_factory=lambda: {"type": "string"})
    required: bool = False
    example: Any = None


@dataclass(frozen=True, slots=True)
class Operation:
    """One method of one view.

    `gives` maps a status to the body's struct, or to None where there is no body. `takes` is the command that the
    body is converted to; of it `by_path` comes from the address. `errors` are statuses beyond those that every
    operation of its kind may answer. `open` ones need no token. `body_required` is False where a cookie may do.
    """

    id: str
    says: str
    gives: Mapping[int, type[Any] | None]
    takes: type[wire.Command] | None = None
    by_path: Sequence[str] = ()
    query: Sequence[Query] = ()
    errors: Sequence[int] = ()
    open: bool = False
    body_required: bool = True
    # Golden files by "request" or by status.
    examples: Mapping[str | int, str] = field(default_factory=dict)


_described: dict[tuple[type[APIView], str], Operation] = {}


def describe(view: type[APIView], **methods: Operation) -> None:
    """`describe(PresenceView, get=Operation(…))`. Raises ValueError where one is described already."""
    for method, operation in methods.items():
        key = (view, method.upper())
        if key in _described:
            raise ValueError(f"{view.__name__}.{method} is described already")
        _described[key] = operation


def find(view: type[APIView], method: str) -> Operation | None:
    return _described.get((view, method.upper()))


def described() -> list[Operation]:
    return list(_described.values())


def discover() -> None:
    """Import the `schema` module of every installed app that has one."""
    from chat.schema import rest  # noqa: F401 (chat's own descriptions)

    autodiscover_modules("schema")
