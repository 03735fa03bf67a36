"""Who is at the other end: the peer, unless proxies of ours say so."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import RequestFactory

from chat.address import UNKNOWN, client_address, network_of


def both(peer: str | None, *forwarded: str) -> set[str]:
    """What it says of the same client by HTTP and by ASGI scope."""
    meta: dict[str, Any] = {"REMOTE_ADDR": peer or ""}
    if forwarded:
        meta["HTTP_X_FORWARDED_FOR"] = ",".join(forwarded)
    headers = [(b"x-forwarded-for", value.encode("latin-1")) for value in forwarded]
    scope = {"type": "websocket", "client": (peer, 5000) if peer else None, "headers": headers}
    return {client_address(RequestFactory().get("/", **meta)), client_address(scope)}


@pytest.mark.parametrize(
    ("peer", "address"),
    [
        ("198.51.100.7", "198.51.100.7"),
        ("2001:db8::7", "2001:db8::7"),
        ("2001:DB8:0:0::7", "2001:db8::7"),
        ("::ffff:198.51.100.7", "198.51.100.7"),
        ("fe80::1%eth0", "fe80::1"),
        (None, UNKNOWN),
        ("unix:/run/web.sock", UNKNOWN),
    ],
)
def test_without_proxies_it_is_the_peer(peer: str | None, address: str) -> None:
    assert both(peer) == {address}
    assert both(peer, "203.0.113.1") == {address}


@pytest.mark.parametrize(
    ("proxies", "forwarded", "address"),
    [
        (1, ["203.0.113.1"], "203.0.113.1"),
        (1, ["1.1.1.1, 203.0.113.1"], "203.0.113.1"),
        (1, ["1.1.1.1", "203.0.113.1"], "203.0.113.1"),
        (2, ["1.1.1.1, 203.0.113.1, 10.0.0.2"], "203.0.113.1"),
        (1, ["203.0.113.1:4711"], "203.0.113.1"),
        (1, ["[2001:db8::7]:4711"], "2001:db8::7"),
        (1, ["::ffff:203.0.113.1"], "203.0.113.1"),
        # It did not pass both, or says nothing that is an address.
        (2, ["203.0.113.1"], "10.0.0.1"),
        (1, [], "10.0.0.1"),
        (1, [" , "], "10.0.0.1"),
        (1, ["unknown"], "10.0.0.1"),
        (1, ["203.0.113.1, \xe9"], "10.0.0.1"),
        (1, ["x" * 10_000], "10.0.0.1"),
    ],
)
def test_with_proxies_it_is_what_the_outermost_saw(
    settings: Any, proxies: int, forwarded: list[str], address: str
) -> None:
    settings.CHAT_TRUSTED_PROXIES = proxies

    assert both("10.0.0.1", *forwarded) == {address}


def test_limits_count_an_ipv6_customer_as_one() -> None:
    assert network_of("2001:db8:1:2:3:4:5:6") == network_of("2001:db8:1:2::1") == "2001:db8:1:2::/64"
    assert network_of("2001:db8:1:3::1") != network_of("2001:db8:1:2::1")
    assert network_of("198.51.100.7") == "198.51.100.7"
    assert network_of(UNKNOWN) == UNKNOWN
