"""What runs in a process of its own, so that it can be killed: some Python, or a command in a copy of the project."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from planb.bootstrap import BASE


class Program:
    """Python source in a process of its own; `lines` reads what it printed."""

    def __init__(self, source: str) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-u", "-c", textwrap.dedent(source)],
            cwd=BASE,
            env=os.environ | {"PYTHONPATH": str(BASE)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.input, self.output = self.process.stdin, self.process.stdout

    def line(self) -> str:
        return self.output.readline().strip()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
        self.input.close()
        self.output.close()


@pytest.fixture
def program() -> Iterator[Callable[[str], Program]]:
    """Start a program; it is ended with the test."""
    started: list[Program] = []

    def start(source: str) -> Program:
        started.append(Program(source))
        return started[-1]

    yield start
    for one in started:
        one.end()


# A test run in the background ignores Ctrl-C, and what it starts would inherit that.
_HEARING = "import os, signal, sys; signal.signal(signal.SIGINT, signal.SIG_DFL); os.execv(sys.argv[1], sys.argv[1:])"


class Clone:
    """A copy of the project with a `var/` of its own, so that a running `up` here is not in the way."""

    def __init__(self, folder: Path) -> None:
        self.base = folder / "a clone"  # with a space in its path
        shutil.copytree(
            BASE, self.base, ignore=shutil.ignore_patterns(".git", ".venv", "var", "node_modules", "__pycache__")
        )
        self.var = self.base / "var"

    def environment(self, **more: str) -> dict[str, str]:
        """A person's, without what the running test was given."""
        names = {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "TOKEN_KEY", "DEBUG", "LOG_LEVEL", "PYTHONPATH"}
        kept = {name: value for name, value in os.environ.items() if name not in names and "PYTEST" not in name}
        # The packages are those that run this test.
        return kept | {"PLANB_BOOTSTRAP": "0", "PYTHONUNBUFFERED": "1"} | more

    def start(self, *arguments: str, python: str = sys.executable, **more: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-c", _HEARING, python, "manage.py", *arguments],
            cwd=self.base,
            env=self.environment(**more),
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def run(self, *arguments: str, python: str = sys.executable, **more: str) -> subprocess.CompletedProcess[str]:
        process = self.start(*arguments, python=python, **more)
        try:
            out, err = process.communicate(timeout=100)
        except BaseException:
            process.kill()
            process.communicate()
            raise
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def assert_one_sentence(done: subprocess.CompletedProcess[str], *words: str) -> None:
    """It failed as a person wants it: exit code 1, one line on the error stream, and no traceback."""
    assert done.returncode == 1, done.stdout + done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "Traceback" not in done.stdout + done.stderr
    for word in words:
        assert word in done.stderr


def descendants(pid: int) -> set[int]:
    """The processes that a process started, and those that they did."""
    parents: dict[int, int] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            parents[int(folder.name)] = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
    found = {pid}
    while more := {child for child, parent in parents.items() if parent in found} - found:
        found |= more
    return found - {pid}


def is_running(pid: int) -> bool:
    """Whether a process lives; one that ended and was not fetched by its parent does not."""
    status = Path(f"/proc/{pid}/stat")
    try:
        return status.read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def wait_until(true: Callable[[], bool], seconds: float = 20.0) -> bool:
    """Whether it came true; the limit only ends a test that failed."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if true():
            return True
        time.sleep(0.02)
    return true()
