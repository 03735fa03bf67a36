"""The refresh token in a browser: a cookie that no script reads, and that only our own pages may use."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponseBase
from django.utils import timezone

from chat.conf import conf
from chat.exceptions import Forbidden
from planb.accounts.tokens import Tokens

# A form cannot send this header, and a script of another origin only after a preflight that we do not grant.
REQUESTED_WITH = "planb"
_PORTS = {"http": 80, "https": 443}


def cookie_name(request: HttpRequest) -> str:
    """`__Host-` binds the cookie to this host and to TLS; the plain name is for a developer's machine."""
    return "__Host-planb-refresh" if _secure(request) else "planb-refresh"


def read(request: HttpRequest) -> str | None:
    """The refresh token that the cookie holds. Raises Forbidden if it is not our page that uses it."""
    token = request.COOKIES.get(cookie_name(request))
    if not token:
        return None
    check_page(request)
    return token


def check_page(request: HttpRequest) -> None:
    """Raises Forbidden unless a script of an allowed origin sent this. Browsers name it in each POST."""
    if request.headers.get("X-Requested-With") != REQUESTED_WITH:
        raise Forbidden("The header X-Requested-With is missing.")
    origin = _origin(request.headers.get("Origin", ""))
    own = _origin(f"{request.scheme}://{request.get_host()}")
    if origin is None or origin not in {own, *(_origin(allowed) for allowed in conf().allowed_origins)}:
        raise Forbidden("This origin may not use the cookie.")


def write(request: HttpRequest, response: HttpResponseBase, tokens: Tokens) -> None:
    """Give the refresh token to the browser, for as long as the session lasts."""
    left = int((tokens.session.expires_at - timezone.now()).total_seconds())
    _set(request, response, tokens.refresh, max(left, 0))


def clear(request: HttpRequest, response: HttpResponseBase) -> None:
    """Take it away. With the same attributes: a browser ignores a `__Host-` cookie without them."""
    _set(request, response, "", 0)


def _set(request: HttpRequest, response: HttpResponseBase, value: str, age: int) -> None:
    response.set_cookie(
        cookie_name(request),
        value,
        max_age=age,
        path="/",
        secure=_secure(request),
        httponly=True,
        samesite="Strict",
    )


def _secure(request: HttpRequest) -> bool:
    return not settings.DEBUG or request.is_secure() or bool(getattr(settings, "HTTPS", False))


def _origin(raw: str) -> tuple[str, str, int] | None:
    """Scheme, host and port: `https://a.org` and `https://a.org:443` are one. None for `null`, nonsense."""
    try:
        parts = urlsplit(raw.strip().lower())
        port = parts.port or _PORTS.get(parts.scheme)
    except ValueError:
        return None
    if port is None or not parts.hostname or parts.scheme not in _PORTS:
        return None
    if parts.path.rstrip("/") or parts.query or parts.fragment or "@" in parts.netloc:
        return None
    return parts.scheme, parts.hostname, port
