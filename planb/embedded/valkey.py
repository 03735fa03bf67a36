"""A private Valkey: presence and the channel layer of one machine."""

from __future__ import annotations

import signal
import socket
import time
from pathlib import Path
from urllib.parse import quote

from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from planb.embedded.logs import open_log
from planb.embedded.wheels import valkey_server
from planb.machine.children import Child, spawn
from planb.machine.sentences import SetupError, explain_output

START_SECONDS = 20.0


class Valkey:
    """One Valkey server on a loopback port, behind a password."""

    def __init__(self, *, data: Path, log: Path, password: str) -> None:
        self.data, self.log, self.password = data, log, password
        self.port = 0
        self.child: Child | None = None

    @property
    def url(self) -> str:
        return f"redis://:{quote(self.password, safe='')}@127.0.0.1:{self.port}/0"

    def start(self) -> None:
        """Start it; return when it answers. The first start chooses the port, later ones keep it."""
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        for attempt in range(5):
            port = self.port or _free_port()
            if self._try_to_start(port):
                self.port = port
                return
            if self.port:
                time.sleep(0.2 * (attempt + 1))
        output = self.log.read_text(errors="replace")[-4000:]
        raise SetupError(explain_output("Starting Valkey", output, str(self.log)))

    def stop(self) -> None:
        if self.child is not None:
            self.child.stop(signal.SIGTERM)
            self.child = None

    def kill(self) -> None:
        if self.child is not None:
            self.child.kill()
            self.child = None

    def ended(self) -> int | None:
        return self.child.ended() if self.child else 0

    def _try_to_start(self, port: int) -> bool:
        """False if it ended at once, as with a port that was taken meanwhile."""
        # By standard input: a command line can be read by everybody on the machine.
        config = "\n".join(
            (
                f"port {port}",
                "bind 127.0.0.1",
                f"requirepass {self.password}",
                f"dir {_quoted(self.data)}",
                "save 60 1",
                # Presence and limits are worth less than going on when the disk is full.
                "stop-writes-on-bgsave-error no",
                "",
            )
        )
        with open_log(self.log) as file:
            self.child = spawn([valkey_server(), "-"], stdin=config.encode(), cwd="/", stdout=file, stderr=file)
        deadline = time.monotonic() + START_SECONDS
        with Redis(port=port, password=self.password, socket_timeout=2, retry=Retry(NoBackoff(), 0)) as client:
            while self.child.ended() is None and time.monotonic() < deadline:
                try:
                    client.ping()
                except (RedisError, OSError):
                    time.sleep(0.02)
                    continue
                # Somebody else's server on that port would not know the password.
                if self.child.ended() is None:
                    return True
        self.kill()
        return False


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _quoted(path: Path) -> str:
    return '"' + str(path).replace("\\", "\\\\").replace('"', '\\"') + '"'
