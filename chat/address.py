"""What a client's address is: the one place that decides, for HTTP requests and socket scopes alike."""

from __future__ import annotations

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network
from typing import Any

from django.conf import settings

# Of peers without an address, such as those of a local socket: they share one name.
UNKNOWN = "unknown"


def client_address(source: Any) -> str:
    """The address of who sent this request (Django's, DRF's) or opened this ASGI scope.

    `X-Forwarded-For` counts only as far as proxies of ours wrote it: with `CHAT_TRUSTED_PROXIES = n` the n-th
    entry from the right, since each proxy appends who it saw. A list that is too short did not pass all of
    them, so the peer itself is the client. Normalised: no port, no zone, IPv4 instead of its IPv6 form.
    """
    if isinstance(source, Mapping):
        peer, forwarded = _of_scope(source)
    else:
        peer, forwarded = source.META.get("REMOTE_ADDR", ""), source.META.get("HTTP_X_FORWARDED_FOR", "")
    proxies: int = getattr(settings, "CHAT_TRUSTED_PROXIES", 0)
    if proxies > 0:
        hops = [hop for hop in (part.strip() for part in forwarded.split(",")) if hop]
        if len(hops) >= proxies:
            found = _parse(hops[-proxies])
            if found is not None:
                return str(found)
    found = _parse(peer)
    return UNKNOWN if found is None else str(found)


def network_of(address: str) -> str:
    """What limits count by: the address, or for IPv6 its /64, since one customer has at least that many."""
    found = _parse(address)
    if isinstance(found, IPv6Address):
        return str(ip_network((found, 64), strict=False))
    return address


def _of_scope(scope: Mapping[str, Any]) -> tuple[str, str]:
    client = scope.get("client")
    headers = [value.decode("latin-1") for name, value in scope.get("headers", ()) if name == b"x-forwarded-for"]
    return (str(client[0]) if client else ""), ",".join(headers)


def _parse(raw: str) -> IPv4Address | IPv6Address | None:
    text = raw.strip()
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    if isinstance(found, IPv6Address) and found.ipv4_mapped is not None:
        return found.ipv4_mapped
    return found
