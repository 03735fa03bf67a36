"""The cast, a real server and a small socket client. PostgreSQL and Redis are real everywhere."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
import redis as redis_client
from django.conf import settings
from django.db import OperationalError, connection
from django.db.backends.postgresql.operations import DatabaseOperations

from planb.accounts.models import User
from tests.people import Person

# `collectstatic` has not run in a clone, and WhiteNoise warns of the missing folder.
Path(settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture(autouse=True)
def clean_redis() -> Iterator[None]:
    """Nobody's buckets, presence or typing from the test before."""
    client = redis_client.Redis.from_url(settings.CHAT_REDIS_URL)
    client.flushdb()
    client.close()
    yield


@pytest.fixture(scope="session", autouse=True)
def patient_flush() -> Iterator[None]:
    """Emptying the tables after a test may deadlock with what a server still does for a socket that has just closed:
    PostgreSQL ends one of the two, and the next try finds the other gone."""
    flush = DatabaseOperations.execute_sql_flush

    def again(self: Any, statements: list[str]) -> None:
        for _ in range(4):
            with suppress(OperationalError):
                flush(self, statements)
                return
        flush(self, statements)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(DatabaseOperations, "execute_sql_flush", again)
        yield


@pytest.fixture
def make_user(transactional_db: None) -> Callable[[str], User]:
    def make(username: str, **fields: Any) -> User:
        fields.setdefault("display_name", username.capitalize())
        return User.objects.create_user(username, **fields)

    return make


@pytest.fixture
def awa(make_user: Callable[[str], User]) -> User:
    return make_user("awa")


@pytest.fixture
def koffi(make_user: Callable[[str], User]) -> User:
    return make_user("koffi")


@pytest.fixture
def yao(make_user: Callable[[str], User]) -> User:
    """The stranger."""
    return make_user("yao")


class Server:
    """A real uvicorn on the test database, as `up` starts it; `restart` kills it first."""

    def __init__(self, extra: dict[str, str] | None = None, **options: Any) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port: int = probe.getsockname()[1]
        self.extra = {**(extra or {}), "TEST_SETTINGS": json.dumps(options)}
        self.process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def socket_url(self) -> str:
        return f"ws://127.0.0.1:{self.port}/ws/v1"

    def command(self) -> list[str]:
        return [
            *(sys.executable, "-m", "uvicorn", "tests.served:application", "--port", str(self.port)),
            *("--loop", "uvloop", "--ws", "websockets-sansio", "--ws-max-size", "1048576", "--log-level", "warning"),
            *("--ws-per-message-deflate", "false", "--timeout-graceful-shutdown", "3"),
        ]

    def start(self) -> None:
        environment = {
            **os.environ,
            "TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
            "DEBUG": "1",
            "PYTHONWARNINGS": "default",
            **self.extra,
        }
        self.process = subprocess.Popen(
            self.command(),
            cwd=ROOT,
            env=environment,
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline:
            try:
                if httpx.get(f"{self.url}/healthz", timeout=2).status_code == 200:
                    return
            except httpx.TransportError:
                time.sleep(0.05)
            if self.process.poll() is not None:
                raise RuntimeError(f"the server ended with {self.process.returncode}")
        raise RuntimeError("the server did not start")

    def kill(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGKILL)
            self.process.wait()

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            try:
                self.process.wait(timeout=10)
            except subprocess.TimeoutExpired:
                self.kill()

    def restart(self) -> None:
        self.kill()
        self.start()


@pytest.fixture(scope="session")
def _server(django_db_setup: None) -> Iterator[Server]:
    server = Server()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def server(_server: Server, transactional_db: None) -> Server:
    """One for the whole run; a test that kills it starts it again."""
    if _server.process is None or _server.process.poll() is not None:
        _server.start()
    return _server


@pytest.fixture(scope="session")
def _servers(django_db_setup: None) -> Iterator[dict[str, Server]]:
    started: dict[str, Server] = {}
    yield started
    for server in started.values():
        server.stop()


@pytest.fixture
def serve(_servers: dict[str, Server], transactional_db: None) -> Callable[..., Server]:
    """`serve(CHAT_HELLO_TIMEOUT=1)`: one more server, with settings of its own, shared by all who want the same."""

    def start(**options: Any) -> Server:
        key = json.dumps(options, sort_keys=True)
        if key not in _servers:
            _servers[key] = Server(**options)
        server = _servers[key]
        if server.process is None or server.process.poll() is not None:
            server.start()
        return server

    return start


@pytest.fixture
def sign_in(server: Server) -> Callable[[User], Person]:
    """A person at this server: REST with their token, and sockets."""

    def enter(user: User) -> Person:
        return Person.sign_in(server.url, server.socket_url, user)

    return enter
