"""`schema`, `asyncapi` as JSON, and both as pages: nothing from another host, no inline script or style."""

from __future__ import annotations

from functools import cache
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe
from drf_spectacular.settings import spectacular_settings
from rest_framework.request import Request
from rest_framework.response import Response

from chat.api.base import ChatView
from chat.schema import asyncapi, reading

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        # Swagger UI sets styles on its elements.
        "style-src 'self' 'unsafe-inline'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    )
)
_HEADERS = {"Cache-Control": "public, max-age=300"}


@cache
def openapi_document() -> dict[str, Any]:
    """Made once: addresses and structs do not change while a process lives."""
    made: dict[str, Any] = spectacular_settings.DEFAULT_GENERATOR_CLASS().get_schema(request=None, public=True)
    return made


@cache
def asyncapi_document() -> dict[str, Any]:
    return asyncapi.document()


class OpenView(ChatView):
    """For everybody: there is nothing in it that a client could not find out."""

    authentication_classes = []
    permission_classes = []
    undocumented = True


class SchemaView(OpenView):
    def get(self, request: Request) -> Response:
        return Response(openapi_document(), headers=_HEADERS)


class AsyncApiView(OpenView):
    def get(self, request: Request) -> Response:
        return Response(asyncapi_document(), headers=_HEADERS)


@require_safe
def docs(request: HttpRequest) -> HttpResponse:
    return _page(request, "chat/docs.html", {})


@require_safe
def socket_docs(request: HttpRequest) -> HttpResponse:
    return _page(request, "chat/socket_docs.html", {"reading": reading.read(asyncapi_document())})


def _page(request: HttpRequest, template: str, context: dict[str, Any]) -> HttpResponse:
    response = render(request, template, context)
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
