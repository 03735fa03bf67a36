"""What chat's views share: strict JSON in, wire structs out, and checked parameters."""

from __future__ import annotations

from typing import Any, TypeVar
from uuid import UUID

from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from chat import wire
from chat.api.authentication import PrincipalAuthentication
from chat.api.errors import exception_handler
from chat.api.parsers import JSONParser
from chat.api.renderers import WireRenderer
from chat.conf import conf
from chat.exceptions import BadRequest, NotFound

CommandT = TypeVar("CommandT", bound=wire.Command)


class ChatView(APIView):
    """Settings of its own, whatever the project's REST_FRAMEWORK says."""

    authentication_classes = [PrincipalAuthentication]
    permission_classes = [IsAuthenticated]
    parser_classes = [JSONParser]
    renderer_classes = [WireRenderer]

    def get_exception_handler(self) -> Any:
        return exception_handler

    def finalize_response(self, request: Request, response: Any, *args: Any, **kwargs: Any) -> Any:
        response = super().finalize_response(request, response, *args, **kwargs)
        # Whatever a person reads here is theirs alone.
        response.headers.setdefault("Cache-Control", "no-store")
        return response


def command_of(request: Request, form: type[CommandT], **path: Any) -> CommandT:
    """The body as a command; what the address names counts, whatever the body says. Raises BadRequest."""
    body = request.data
    if not isinstance(body, dict):
        raise BadRequest(fields={"body": "one JSON object"})
    return wire.convert({**body, **path}, form)


def key_of(raw: str) -> UUID:
    """A resource's id in a path; what cannot be one is not there. Raises NotFound."""
    try:
        key = UUID(raw)
    except ValueError:
        raise NotFound() from None
    return key


def number(request: Request, name: str) -> int | None:
    """A whole number of the query, at most 2^53 - 1. Raises BadRequest."""
    raw = request.query_params.get(name)
    if raw is None:
        return None
    # ASCII digits only: int() also takes others, signs and underscores.
    if not (raw.isascii() and raw.isdigit() and len(raw) <= 16) or int(raw) >= 2**53:
        raise BadRequest(fields={name: "a whole number"})
    return int(raw)


def limit_of(request: Request, default: int = 50) -> int:
    """How many items are wanted, 1 to 100; more than that is cut."""
    asked = number(request, "limit")
    if asked == 0:
        raise BadRequest(fields={"limit": "at least 1"})
    return min(asked or default, conf().page_limit)


def answer(data: Any, status: int = 200) -> Response:
    return Response(data, status=status)
