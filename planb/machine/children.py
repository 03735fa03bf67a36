"""Child processes that do not outlive this one, however it ends.

Run as a script, this file is the launcher between us and the real program: it drops privileges, ties the
program's life to ours, and becomes it. On Linux the kernel is asked to signal the child when its parent dies.
Elsewhere, and where a whole family of processes has to go (npm and what it starts), the launcher stays and
watches a pipe that only we hold open.
"""

from __future__ import annotations

import contextlib
import ctypes
import json
import os
import pwd
import select
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import IO, NamedTuple

PR_SET_PDEATHSIG = 1
GRACE = 10.0


class Account(NamedTuple):
    """Whom a program runs as."""

    uid: int
    gid: int


class Child:
    """A started program, the leader of a process group of its own unless it is in the foreground."""

    def __init__(self, process: subprocess.Popen[bytes], leash: int | None, foreground: bool) -> None:
        self.process = process
        self.foreground = foreground
        # The pipe's end that must stay open for as long as the child may live.
        self._leash = leash

    @property
    def pid(self) -> int:
        return self.process.pid

    @property
    def stdout(self) -> IO[bytes]:
        if self.process.stdout is None:
            raise ValueError("It was not started with stdout=PIPE.")
        return self.process.stdout

    def ended(self) -> int | None:
        """Its exit code, or None while it runs."""
        return self.process.poll()

    def wait(self, timeout: float | None = None) -> int:
        code = self.process.wait(timeout)
        self._let_go()
        return code

    def stop(self, how: signal.Signals = signal.SIGTERM, *, grace: float = GRACE) -> int:
        """Ask it to end; after `grace` seconds end its whole group."""
        if self.process.poll() is None:
            with contextlib.suppress(ProcessLookupError):
                self.process.send_signal(how)
            try:
                return self.wait(grace)
            except subprocess.TimeoutExpired:
                return self.kill()
        return self.wait()

    def kill(self) -> int:
        """End it and its group at once, as a crash would."""
        if self.process.poll() is None:
            if not self.foreground:
                with contextlib.suppress(ProcessLookupError, PermissionError):
                    os.killpg(self.process.pid, signal.SIGKILL)
            self.process.kill()
        return self.wait()

    def _let_go(self) -> None:
        if self._leash is not None:
            os.close(self._leash)
            self._leash = None
        if self.process.stdout is not None:
            self.process.stdout.close()


def spawn(
    command: Sequence[str | os.PathLike[str]],
    *,
    farewell: signal.Signals = signal.SIGTERM,
    account: Account | None = None,
    watch: bool | None = None,
    foreground: bool = False,
    env: Mapping[str, str] | None = None,
    cwd: str | os.PathLike[str] | None = None,
    stdin: bytes | None = b"",
    stdout: int | IO[bytes] | None = None,
    stderr: int | IO[bytes] | None = None,
) -> Child:
    """Start a program that gets `farewell` when this process dies.

    `watch` keeps the launcher between: for systems without Linux's prctl, and for programs with children.
    `foreground` leaves it in our process group, so that the terminal's Ctrl-C reaches it; `stdin=None` shares
    the input.
    """
    if watch is None:
        watch = not sys.platform.startswith("linux") and not foreground
    if threading.current_thread() is not threading.main_thread():
        # The kernel's promise holds for the thread that forked, not for the process.
        raise RuntimeError("Children are spawned from the main thread: another one's end would end them.")
    if watch and foreground:
        raise ValueError("A watched program has a process group of its own, so it cannot share the terminal.")
    reader = writer = None
    if watch:
        reader, writer = os.pipe()
    orders = {
        "parent": os.getpid(),
        "farewell": int(farewell),
        "account": account,
        "leash": reader,
        "session": not foreground,
    }
    try:
        process = subprocess.Popen(
            [sys.executable, "-I", "-S", __file__, json.dumps(orders), *(os.fspath(part) for part in command)],
            env=dict(env) if env is not None else None,
            cwd=cwd,
            stdin=None if stdin is None else subprocess.PIPE if stdin else subprocess.DEVNULL,
            stdout=stdout,
            stderr=stderr,
            pass_fds=() if reader is None else (reader,),
        )
    except BaseException:
        if writer is not None:
            os.close(writer)
        raise
    finally:
        if reader is not None:
            os.close(reader)
    if process.stdin is not None:
        with contextlib.suppress(BrokenPipeError):
            process.stdin.write(stdin or b"")
        with contextlib.suppress(BrokenPipeError):
            process.stdin.close()
    return Child(process, writer, foreground)


def unprivileged() -> Account | None:
    """The account for a server that refuses root: `nobody` for root, our own (None) for everybody else."""
    if os.geteuid() != 0:
        return None
    entry = pwd.getpwnam("nobody")
    return Account(entry.pw_uid, entry.pw_gid)


def launch(orders_text: str, command: list[str]) -> int:
    """The launcher's whole life, in the child: it returns only if the program does not take its place."""
    orders = json.loads(orders_text)
    farewell = signal.Signals(orders["farewell"])
    leash: int | None = orders["leash"]
    if orders["session"]:
        os.setsid()
        for name in (signal.SIGINT, signal.SIGQUIT, signal.SIGTERM, signal.SIGHUP):
            # A shell ignores some for what it puts into the background, and programs would inherit that.
            signal.signal(name, signal.SIG_DFL)
    if leash is not None:
        return _watch(command, leash, farewell, orders["account"])
    if orders["account"]:
        uid, gid = orders["account"]
        os.setgroups([])
        os.setgid(gid)
        os.setuid(uid)
    if sys.platform.startswith("linux"):
        # After the change of account, which clears it.
        libc = ctypes.CDLL(None, use_errno=True)
        if libc.prctl(PR_SET_PDEATHSIG, int(farewell), 0, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "prctl")
    if os.getppid() != orders["parent"]:
        return 1  # it died before we asked
    os.execvp(command[0], command)  # noqa: S606 — no shell is wanted
    return 127


def _watch(command: list[str], leash: int, farewell: signal.Signals, account: list[int] | None) -> int:
    uid, gid = account or (None, None)
    child: subprocess.Popen[bytes] | None = None
    early: list[int] = []

    def pass_on(number: int, _frame: object) -> None:
        if child is None:
            early.append(number)
        else:
            with contextlib.suppress(ProcessLookupError):
                child.send_signal(number)

    # Before the child starts: whoever hears from it may signal us at once.
    for name in (signal.SIGTERM, signal.SIGINT, signal.SIGQUIT, signal.SIGHUP):
        signal.signal(name, pass_on)
    child = subprocess.Popen(command, user=uid, group=gid, extra_groups=None if uid is None else [])
    for number in early:
        pass_on(number, None)
    while child.poll() is None:
        # Nothing is ever written to it: readable means that the other end is gone.
        if select.select([leash], [], [], 0.1)[0]:
            pass_on(farewell, None)
            with contextlib.suppress(subprocess.TimeoutExpired):
                child.wait(GRACE)
            with contextlib.suppress(PermissionError):
                os.killpg(0, signal.SIGKILL)
    # What it left behind goes with it: a forgotten grandchild would hold our caller's pipe open.
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    os.killpg(0, signal.SIGTERM)
    code = child.returncode
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    try:
        sys.exit(launch(sys.argv[1], sys.argv[2:]))
    except OSError as error:
        sys.stderr.write(f"{Path(sys.argv[2]).name} could not be started: {error}\n")
        sys.exit(127)
