"""OpenAPI 3.1 through drf-spectacular: operations from their descriptions, components from the wire's structs."""

from __future__ import annotations

from typing import Any

from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.openapi import AutoSchema

from chat import answers
from chat.schema.components import REF, components, reference, without
from chat.schema.examples import examples
from chat.schema.operations import Json, Operation, Query, described, discover, find

AUTH = "access"
# What stands in addresses. An id that cannot be one is `not_found`.
_PATH: dict[str, Json] = {
    "conversation": {"type": "string", "format": "uuid"},
    "message": {"type": "string", "format": "uuid"},
    "session": {"type": "string", "format": "uuid"},
    "user": {"type": "string", "maxLength": 64},
    "emoji": {"type": "string", "maxLength": 40, "description": "One fully qualified emoji, percent-encoded."},
}
_ERRORS = {
    400: "`bad_request`: what is sent must change; `fields` says where.",
    401: "`unauthenticated`: sign in. `token_expired`: refresh.",
    403: "`forbidden`, `muted`, `suspended`, `closed`, `blocked`: the rules say no.",
    404: "`not_found`: not there, or not for you to know.",
    409: "`conflict`: the same key with other content, or changed meanwhile.",
    413: "`too_large`: a body has at most 64 KiB.",
    415: "`unsupported`: a body is JSON.",
    422: "`refused`: a rule of this deployment.",
    429: "`rate_limited`: come back after `retry_after`.",
    503: "`unavailable`: come back after `retry_after`.",
}
_EVERYWHERE = (429, 503)
_WITH_BODY = (400, 413, 415)


class Inspector(AutoSchema):
    """A described view by its description; any other as drf-spectacular does it."""

    def get_operation(
        self, path: str, path_regex: str, path_prefix: str, method: str, registry: Any
    ) -> dict[str, Any] | None:
        if getattr(self.view, "undocumented", False):
            return None
        operation = find(type(self.view), method)
        if operation is None:
            made: dict[str, Any] | None = super().get_operation(path, path_regex, path_prefix, method, registry)
            return made
        names = [part[1:-1] for part in path.split("/") if part.startswith("{")]
        return _operation(operation, names)


def _operation(operation: Operation, path_names: list[str]) -> Json:
    made: Json = {
        "operationId": operation.id,
        "summary": operation.says,
        "tags": [operation.id.split(".")[0]],
        "parameters": [
            *({"name": name, "in": "path", "required": True, "schema": _PATH[name]} for name in path_names),
            *(_query(item) for item in operation.query),
        ],
        "security": [] if operation.open else [{AUTH: []}],
        "responses": {},
    }
    if operation.takes is not None:
        content: Json = {"schema": {"$ref": REF + body_name(operation)}}
        _exemplify(content, operation, "request")
        made["requestBody"] = {"required": operation.body_required, "content": {"application/json": content}}
    for status, form in operation.gives.items():
        answer: Json = {"description": _says(form)}
        if form is not None:
            content = {"schema": reference(form)}
            _exemplify(content, operation, status)
            answer["content"] = {"application/json": content}
        made["responses"][str(status)] = answer
    for status in errors_of(operation, path_names):
        made["responses"][str(status)] = {"$ref": f"#/components/responses/{_name(status)}"}
    return made


def errors_of(operation: Operation, path_names: list[str]) -> list[int]:
    found = {*operation.errors, *_EVERYWHERE}
    if not operation.open:
        found.add(401)
    if operation.takes is not None:
        found.update(_WITH_BODY)
    if operation.query:
        found.add(400)
    if path_names:
        found.add(404)
    return sorted(found)


def body_name(operation: Operation) -> str:
    assert operation.takes is not None
    name = operation.takes.__name__
    return f"{name}Body" if operation.by_path else name


def _query(item: Query) -> Json:
    made: Json = {
        "name": item.name,
        "in": "query",
        "required": item.required,
        "description": item.says,
        "schema": item.schema,
    }
    if item.example is not None:
        made["example"] = item.example
    return made


def _says(form: type[Any] | None) -> str:
    if form is None:
        return "Done; no body."
    return " ".join((form.__doc__ or form.__name__).split())


def _exemplify(content: Json, operation: Operation, key: str | int) -> None:
    name = operation.examples.get(key)
    if name in examples():
        content["examples"] = {name: {"value": examples()[name]}}


def _name(status: int) -> str:
    return f"Error{status}"


class Generator(SchemaGenerator):
    """Adds what the descriptions refer to."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        discover()
        super().__init__(*args, **kwargs)  # type: ignore[no-untyped-call]

    def get_schema(self, request: Any = None, public: bool = False) -> Json:
        made: Json = super().get_schema(request, public)  # type: ignore[no-untyped-call]
        parts = made.setdefault("components", {})
        parts["schemas"] = dict(sorted({**parts.get("schemas", {}), **_schemas()}.items()))
        parts["responses"] = {_name(status): _error(status, says) for status, says in _ERRORS.items()}
        parts["securitySchemes"] = {
            AUTH: {
                "type": "http",
                "scheme": "bearer",
                "bearerFormat": "JWT",
                "description": "An access token, as `auth/token` gives it.",
            }
        }
        return made


def _schemas() -> dict[str, Json]:
    forms: list[type[Any]] = [answers.ErrorBody]
    for operation in described():
        forms += [form for form in operation.gives.values() if form is not None]
        if operation.takes is not None:
            forms.append(operation.takes)
    found = components(forms)
    whole: set[str] = set()
    cut: dict[str, Json] = {}
    for operation in described():
        if operation.takes is None:
            continue
        if operation.by_path:
            name = body_name(operation)
            cut[name] = without(found[operation.takes.__name__], operation.by_path, name)
        else:
            whole.add(operation.takes.__name__)
    unused = {op.takes.__name__ for op in described() if op.takes is not None and op.by_path} - whole
    return {name: schema for name, schema in found.items() if name not in unused} | cut


def _error(status: int, says: str) -> Json:
    made: Json = {
        "description": says,
        "content": {"application/json": {"schema": reference(answers.ErrorBody)}},
    }
    name = f"error_{status}"
    if name in examples():
        made["content"]["application/json"]["examples"] = {name: {"value": examples()[name]}}
    if status in {429, 503}:
        made["headers"] = {"Retry-After": {"description": "Whole seconds.", "schema": {"type": "integer"}}}
    return made
