"""The OpenAPI document: valid, whole, and with examples that fit."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import Any

import jsonschema
import pytest
from django.core.management import call_command
from django.urls import URLPattern, URLResolver, get_resolver
from rest_framework.views import APIView

from chat.schema import operations
from chat.schema.examples import examples
from chat.schema.operations import Operation
from chat.schema.views import openapi_document
from presence.api import PresenceView

METHODS = ("get", "post", "put", "patch", "delete")


def routes(patterns: list[Any], prefix: str = "") -> Iterator[tuple[str, type[APIView], str]]:
    """Each path, view and method of the REST door, from the routes themselves."""
    for pattern in patterns:
        path = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and path.startswith("api/v1/"):
            view = getattr(pattern.callback, "cls", None)
            if view is not None and not getattr(view, "undocumented", False):
                yield from ((path, view, method) for method in METHODS if hasattr(view, method))


ROUTES = sorted(routes(get_resolver().url_patterns), key=lambda route: (route[0], route[2]))


def operations_of(document: dict[str, Any]) -> Iterator[tuple[str, str, dict[str, Any]]]:
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            yield path, method, operation


def test_it_is_valid_and_makes_no_warning() -> None:
    out = io.StringIO()
    call_command("spectacular", "--validate", "--fail-on-warn", "--format", "openapi-json", stdout=out)
    assert '"openapi": "3.1' in out.getvalue()


@pytest.mark.parametrize(("path", "view", "method"), ROUTES, ids=lambda value: str(getattr(value, "__name__", value)))
def test_every_route_is_described(path: str, view: type[APIView], method: str) -> None:
    openapi_document()
    assert operations.find(view, method) is not None, f"{method} {path} is not described in its app's schema"


def test_it_holds_every_route_and_no_other() -> None:
    assert len(list(operations_of(openapi_document()))) == len(ROUTES)


@pytest.mark.parametrize(
    ("path", "method", "operation"),
    list(operations_of(openapi_document())),
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_operation_says_who_may_ask_and_what_may_go_wrong(
    path: str, method: str, operation: dict[str, Any]
) -> None:
    given = operation["responses"]
    assert any(status.startswith("2") for status in given)
    assert "429" in given and "503" in given
    assert ("401" in given) or operation["security"] == []
    assert ("404" in given) or "{" not in path
    assert ({"400", "413", "415"} <= set(given)) or "requestBody" not in operation
    assert operation["summary"]
    for status, answer in given.items():
        assert status == "204" or "$ref" in answer or "application/json" in answer["content"]


def test_operation_ids_are_unique() -> None:
    ids = [operation["operationId"] for _, _, operation in operations_of(openapi_document())]
    assert len(ids) == len(set(ids))


def test_every_reference_leads_somewhere() -> None:
    document = openapi_document()
    for reference in references(document):
        place = document
        for part in reference.removeprefix("#/").split("/"):
            place = place[part]


def references(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        if isinstance(value.get("$ref"), str):
            yield value["$ref"]
        for inner in value.values():
            yield from references(inner)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner)


def test_every_example_is_a_golden_file_and_fits_its_schema() -> None:
    document = openapi_document()
    count = 0
    for _, _, operation in operations_of(document):
        bodies = [operation.get("requestBody", {}), *operation["responses"].values()]
        for body in bodies:
            content = body.get("content", {}).get("application/json", {})
            for example in content.get("examples", {}).values():
                schema = {**content["schema"], "components": document["components"]}
                jsonschema.validate(example["value"], schema)
                count += 1
    assert count > 20


def test_a_named_example_exists() -> None:
    openapi_document()
    named = {name for operation in operations.described() for name in operation.examples.values()}
    assert named <= set(examples())


def test_describing_a_view_twice_is_refused() -> None:
    openapi_document()
    with pytest.raises(ValueError, match="described already"):
        operations.describe(PresenceView, get=Operation("other", "Other.", {204: None}))
