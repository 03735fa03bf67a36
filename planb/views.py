"""The page that holds the web client; everything else that people see is drawn in their browser."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

THEMES = ("light", "dark")
# No inline script or style anywhere, nothing from another host, no string ever made into code. `data:` is for the
# page's own icon.
CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "font-src 'self'",
        "connect-src 'self'",
        "manifest-src 'self'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
)


@require_safe
@never_cache
def client(request: HttpRequest) -> HttpResponse:
    """The same page for every place of the client: the address is read by the script."""
    theme = request.COOKIES.get("planb_theme")
    context = {"theme": theme if theme in THEMES else None}
    response = render(request, "planb/client.html", context)
    response["Content-Security-Policy"] = CONTENT_SECURITY_POLICY
    return response
