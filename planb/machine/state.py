"""What one machine keeps in `var/`: secrets, locks, the note of a running `up`. No deployment needs it."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import stat
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import IO, TypedDict

from planb.machine.sentences import SetupError

SECRETS = ("SECRET_KEY", "TOKEN_KEY", "VALKEY_PASSWORD")


class Running(TypedDict):
    """Who holds the lock of `up`."""

    pid: int
    address: str
    ready: bool


def write_private(path: Path, text: str) -> None:
    """Write a file that its owner alone may read, whole or not at all."""
    fresh = path.with_name(f".{path.name}.{os.getpid()}")
    descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
    try:
        os.fchmod(descriptor, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(path)
    except BaseException:
        fresh.unlink(missing_ok=True)
        raise


def make_folder(var: Path) -> None:
    var.mkdir(exist_ok=True)
    if os.geteuid() == 0 and not var.stat().st_mode & stat.S_IXOTH:
        # PostgreSQL runs as `nobody` and passes through; the files in here are private each.
        var.chmod(0o755)


def read_secrets(var: Path) -> dict[str, str]:
    """This machine's secrets by name, made at the first call."""
    path = var / "secrets.env"
    known: dict[str, str] = {}
    with contextlib.suppress(FileNotFoundError):
        known = dict(line.split("=", 1) for line in path.read_text("utf-8").splitlines() if "=" in line)
    if any(not known.get(name) for name in SECRETS):
        known = {name: known.get(name) or secrets.token_urlsafe(48) for name in SECRETS}
        write_private(path, env_text(known))
    return known


def env_text(values: Mapping[str, str]) -> str:
    """NAME=value lines, as planb/env.py reads them."""
    for name, value in values.items():
        if "\n" in value or "\r" in value:
            raise SetupError(f"{name} may not hold a line break.")
    return "".join(f"{name}={value}\n" for name, value in values.items())


@contextmanager
def exclusive(path: Path, *, waiting: str) -> Iterator[None]:
    """Hold a lock file; say `waiting` once if another process has it. The kernel frees it with its holder."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("a") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            from planb.machine.progress import say

            say(waiting)
            fcntl.flock(file, fcntl.LOCK_EX)
        yield


class UpLock:
    """At most one `up` per clone. The file tells the others where it runs."""

    def __init__(self, var: Path) -> None:
        self._path = var / "up.lock"
        self._file: IO[str] | None = None

    def take(self) -> Running | None:
        """None if it is ours now, else what the holder wrote."""
        file = self._path.open("a+", encoding="utf-8")
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            file.close()
            return self._read()
        self._file = file
        return None

    def note(self, running: Running) -> None:
        if self._file is None:
            raise RuntimeError("Take the lock first.")
        # In place: the lock belongs to this very file, so it cannot be replaced by another one.
        self._file.seek(0)
        self._file.truncate()
        self._file.write(json.dumps(running))
        self._file.flush()

    def release(self) -> None:
        if self._file is not None:
            self._file.seek(0)
            self._file.truncate()
            self._file.close()
            self._file = None

    def _read(self) -> Running:
        try:
            found: Running = json.loads(self._path.read_text("utf-8"))
        except ValueError:
            return {"pid": 0, "address": "", "ready": False}
        return found
