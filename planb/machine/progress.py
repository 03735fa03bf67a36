"""What a person sees while a command prepares: one line a step, with its time. The rest goes to a log."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

from planb.machine.children import spawn
from planb.machine.sentences import SetupError, explain_output

_WIDTH = 28
_STARTED = "PLANB_STARTED_AT"


def say(text: str = "") -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


@contextmanager
def step(title: str) -> Iterator[None]:
    """Show a step's name while it runs and its time when it is done."""
    begun = time.monotonic()
    sys.stdout.write(f"  {title:<{_WIDTH}}")
    sys.stdout.flush()
    try:
        yield
    except BaseException:
        say("✗")
        raise
    say(f"{time.monotonic() - begun:5.1f} s")


def begin() -> None:
    """Note the command's start, once: it goes on in another process after the packages are there."""
    os.environ.setdefault(_STARTED, repr(time.time()))


def total() -> float:
    """Seconds since `begin`."""
    return max(0.0, time.time() - float(os.environ.get(_STARTED, time.time())))


def run(
    title: str,
    command: Sequence[str | os.PathLike[str]],
    *,
    log: Path,
    cwd: Path | None = None,
    env: Mapping[str, str] | None = None,
    downloads: bool = False,
) -> str:
    """Run a program as one step and return what it wrote; raise SetupError with one sentence if it fails.

    It and whatever it starts end with us. `downloads` says that a missing network may be the reason.
    """
    env = dict(os.environ if env is None else env) | {"NO_COLOR": "1"}
    log.parent.mkdir(parents=True, exist_ok=True)
    written: list[str] = []
    with step(title), log.open("w", encoding="utf-8", errors="replace") as file:
        child = spawn(command, watch=True, cwd=cwd, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        try:
            for raw in child.stdout:
                line = raw.decode(errors="replace")
                written.append(line)
                file.write(line)
                _hint(title, line)
            code = child.wait()
        except BaseException:
            child.stop()
            raise
        finally:
            _hint(title, "")
        if code != 0:
            raise SetupError(explain_output(title, "".join(written), str(log), downloads=downloads))
    return "".join(written)


def _hint(title: str, line: str) -> None:
    """On a terminal, show the program's last line beside the step."""
    if sys.stdout.isatty():
        sys.stdout.write(f"\r\033[K  {title:<{_WIDTH}}{line.strip()[:60]}")
        sys.stdout.flush()
