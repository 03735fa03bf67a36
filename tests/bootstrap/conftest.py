"""A program in another process that starts servers as `up` does, so that it can be killed."""

from __future__ import annotations

import os
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
            stdout=subprocess.PIPE,
            text=True,
        )
        assert self.process.stdout is not None
        self.output = self.process.stdout

    def line(self) -> str:
        return self.output.readline().strip()

    def end(self) -> None:
        self.process.kill()
        self.process.wait()
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
