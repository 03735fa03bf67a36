"""`manage.py up`, for real: what it starts, what it keeps, and that nothing outlives it."""

from __future__ import annotations

import contextlib
import os
import re
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from planb.machine.scratch import scratch
from tests.bootstrap.conftest import Clone, assert_one_sentence, descendants, is_running, wait_until

# The first start may have to build the client.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def clone() -> Iterator[Clone]:
    # Where root's PostgreSQL gets to; pytest's own folders are closed, and its data would go to the system's.
    with scratch() as folder:
        yield Clone(folder)


class Up:
    """A running `up`, from its last line of greeting on."""

    def __init__(self, clone: Clone, *arguments: str) -> None:
        self.process = clone.start("up", "--port", "0", *arguments)
        assert self.process.stdout is not None
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if line.startswith("Ctrl-C"):
                break
        else:
            assert self.process.stderr is not None
            raise AssertionError(self.said + self.process.stderr.read())
        found = re.search(r"http://127\.0\.0\.1:\d+/", self.said)
        assert found is not None
        self.address = found[0]
        self.children = descendants(self.process.pid)

    def sign_in(self, username: str, password: str = "planb-demo") -> httpx.Response:
        body = {"username": username, "password": password}
        return httpx.post(f"{self.address}api/v1/auth/token", json=body)

    def register(self, username: str) -> httpx.Response:
        body = {"username": username, "password": "a-long-enough-one", "display_name": username}
        return httpx.post(f"{self.address}api/v1/auth/register", json=body)

    def end(self, how: signal.Signals) -> tuple[int, str]:
        self.process.send_signal(how)
        _, errors = self.process.communicate()
        return self.process.returncode, errors


@contextlib.contextmanager
def running(clone: Clone, *arguments: str) -> Iterator[Up]:
    up = Up(clone, *arguments)
    try:
        yield up
    finally:
        if up.process.poll() is None:
            up.end(signal.SIGKILL)


def assert_nothing_is_left(up: Up) -> None:
    assert len(up.children) >= 4  # two stores, the server, the worker
    assert wait_until(lambda: not any(is_running(pid) for pid in up.children))


def test_one_command_starts_everything_keeps_the_data_and_leaves_nothing_behind(clone: Clone) -> None:
    with running(clone) as up:
        assert "awa, koffi, fatou, yao" in up.said
        page = httpx.get(up.address)
        assert page.status_code == 200
        script = re.search(r'src="(/static/web/[^"]+\.js)"', page.text)
        assert script is not None
        assert httpx.get(up.address.rstrip("/") + script[1]).status_code == 200
        assert up.sign_in("awa").status_code == 200
        assert up.register("kept").status_code == 201

        note = clone.var / "up.env"
        assert note.stat().st_mode & 0o777 == 0o600
        names = [line.split("=", 1)[0] for line in note.read_text().splitlines()]
        assert names == ["DATABASE_URL", "REDIS_URL", "SECRET_KEY", "TOKEN_KEY", "DEBUG"]
        assert (clone.var / "secrets.env").stat().st_mode & 0o777 == 0o600

        # Other commands work beside it.
        counting = "from planb.accounts.models import User; print(User.objects.filter(username='kept').count())"
        assert clone.run("shell", "--no-imports", "-c", counting).stdout.strip() == "1"

        second = clone.run("up")
        assert second.returncode == 0
        assert second.stdout.strip() == f"Plan B Chat is running already at {up.address} (process {up.process.pid})."
        assert_one_sentence(clone.run("up", "--fresh"), "stop it before --fresh")

        up.end(signal.SIGKILL)
        assert_nothing_is_left(up)

    with running(clone) as up:
        assert up.sign_in("kept", "a-long-enough-one").status_code == 200
        assert note.exists()
        assert up.end(signal.SIGINT) == (0, "")
        assert_nothing_is_left(up)
        assert not note.exists()

    with running(clone, "--fresh") as up:
        assert up.register("kept").status_code == 201  # as if there had never been one
        assert up.sign_in("awa").status_code == 200
        os.kill(server_of(up), signal.SIGKILL)
        _, errors = up.process.communicate()
        done = subprocess.CompletedProcess("", up.process.returncode, "", errors)
        assert_one_sentence(done, "The server ended", "everything was stopped")
        assert_nothing_is_left(up)


def server_of(up: Up) -> int:
    return next(pid for pid in up.children if b"uvicorn" in Path(f"/proc/{pid}/cmdline").read_bytes())
