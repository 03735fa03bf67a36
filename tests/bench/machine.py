"""The machine under a bench: pinned processes, what they used, and the words that go with a figure."""

from __future__ import annotations

import os
import platform
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import httpx

ROOT = Path(__file__).resolve().parent.parent.parent
SERVER_CORE, CLIENT_CORE = 0, 1


def pin(core: int, pid: int = 0) -> None:
    """Keep a process on one core, where the system can and has that many."""
    if hasattr(os, "sched_setaffinity") and core < (os.cpu_count() or 1):
        os.sched_setaffinity(pid, {core})


def cpu_seconds(pid: int) -> float:
    """User and system time of a process and its ended children (proc(5), fields 14 to 17)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return sum(int(value) for value in fields[11:15]) / os.sysconf("SC_CLK_TCK")


@contextmanager
def serve(application: str, environment: dict[str, str] | None = None) -> Iterator[tuple[int, int]]:
    """Start uvicorn as `up` does, on its core; yields (port, pid)."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    options = "--loop uvloop --ws websockets-sansio --ws-per-message-deflate false --no-access-log --log-level warning"
    process = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", application, "--port", str(port), *options.split()],
        cwd=ROOT,
        env={**os.environ, **(environment or {})},
    )
    pin(SERVER_CORE, process.pid)
    try:
        for _ in range(300):
            try:
                httpx.get(f"http://127.0.0.1:{port}/healthz", timeout=2)
                break
            except httpx.TransportError:
                time.sleep(0.1)
        yield port, process.pid
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def percentile(values: Sequence[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def words() -> str:
    """Machine and versions, for the line under a table."""
    model = next(
        (
            line.partition(":")[2].strip()
            for line in Path("/proc/cpuinfo").read_text().splitlines()
            if line.startswith("model name")
        ),
        platform.processor(),
    )
    return (
        f"{os.cpu_count()} cores, {model}; {platform.system()} {platform.release()}; Python {platform.python_version()}"
    )
