"""Where `up` listens: whether it can, and how people get there."""

from __future__ import annotations

import errno
import ipaddress
import socket

from planb.machine.sentences import SetupError


def choose_port(host: str, port: int) -> int:
    """The port if it can be listened on (any free one for 0), else one sentence."""
    if not 0 <= port <= 65535:
        raise SetupError(f"A port is a number from 1 to 65535, not {port}.")
    try:
        family, kind, protocol, _, place = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
    except socket.gaierror:
        raise SetupError(f"There is no address {host}: give one of this machine with --host.") from None
    with socket.socket(family, kind, protocol) as probe:
        # As the server will: connections that linger from the last run are no obstacle.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(place)
            # Two sockets that are only bound may share a port; a listening one shows.
            probe.listen()
        except OSError as error:
            raise SetupError(_refused(error, host, port)) from None
        chosen: int = probe.getsockname()[1]
        return chosen


def page_address(host: str, port: int) -> str:
    """What to type into a browser on this machine."""
    name = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{name}:{port}/"


def is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def names_of(host: str) -> list[str]:
    """The host names that a browser may use for a server which listens there."""
    names = ["localhost", "127.0.0.1", "[::1]"]
    if is_loopback(host):
        return names
    own = socket.gethostname()
    names += [f"[{host}]" if ":" in host else host, own, f"{own}.local"]
    # No packet leaves: connecting a datagram socket only asks the routing table for our own address.
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        try:
            probe.connect(("192.0.2.1", 9))
            names.append(probe.getsockname()[0])
        except OSError:
            pass
    return list(dict.fromkeys(names))


def _refused(error: OSError, host: str, port: int) -> str:
    if error.errno == errno.EADDRINUSE:
        return f"Port {port} is taken by another program: choose another one, as with --port {port % 65535 + 1}."
    if error.errno in {errno.EACCES, errno.EPERM}:
        return f"Port {port} is reserved for the system: choose one above 1023, as with --port 8000."
    if error.errno == errno.EADDRNOTAVAIL:
        return f"{host} is not an address of this machine: give one that is with --host."
    return f"{host}:{port} cannot be listened on: {error.strerror}."
