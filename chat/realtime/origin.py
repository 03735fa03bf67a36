"""May a page of this origin open a socket. No cookie proves a person here, but a foreign page has no business."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

from chat.conf import conf


def header(scope: Mapping[str, Any], name: bytes) -> str | None:
    """The first header of that lower-case name."""
    for key, value in scope.get("headers", ()):
        if key == name:
            return bytes(value).decode("latin-1")
    return None


def allowed(scope: Mapping[str, Any]) -> bool:
    """Same host and port as the page, or listed. Programs send no Origin and may come."""
    origin = header(scope, b"origin")
    if origin is None:
        return True
    if origin in conf().allowed_origins:
        return True
    try:
        parts = urlsplit(origin)
        host = (header(scope, b"host") or "").lower()
        return parts.scheme in {"http", "https"} and parts.netloc.lower() == host
    except ValueError:
        return False
