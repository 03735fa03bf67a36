"""Every test of the project, with servers of its own: pytest for Python and browser, vitest for the client."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings
from django.core.management.base import BaseCommand

from planb.embedded import throwaway_servers
from planb.machine.children import spawn
from planb.machine.progress import say, step
from planb.machine.sentences import SetupError, explain_os_error
from planb.web_build import WebClient

# With a pretend team's models, rules and sign-in (tests/acme): what those could break, and its own tests.
SWAPPED = (
    *("-p", "tests.acme.plugin", "--ds", "tests.acme.settings", "tests/acme", "tests/chat/services"),
    *(f"tests/chat/test_{name}.py" for name in "talk groups changing_messages in_parallel hello update_mine".split()),
    *(f"tests/presence/test_{name}.py" for name in "people api typing_socket watching".split()),
)


class Stopped(BaseException):
    """Somebody asked us to end."""


class Command(BaseCommand):
    help = "Run every test, or pytest with the arguments given."

    def run_from_argv(self, argv: list[str]) -> None:
        # Past Django's own parser: every argument is pytest's.
        try:
            code = run_tests(argv[2:], base=settings.BASE_DIR)
        except SetupError as error:
            sys.exit(str(error))
        except OSError as error:
            sys.exit(explain_os_error(error))
        except Stopped:
            sys.exit(130)
        sys.exit(code)


def run_tests(arguments: Sequence[str], *, base: Path) -> int:
    """Return the exit code: pytest's own if it failed, else vitest's."""
    client = WebClient(base)
    everything = not arguments
    signal.signal(signal.SIGTERM, _stop)
    os.environ["CHROMIUM"] = find_browser(install=everything)
    if everything:
        client.build()
    results: list[tuple[str, int, float]] = []
    with servers():
        begun = time.monotonic()
        results.append(("Python and browser (pytest)", run_pytest(arguments, base=base), time.monotonic() - begun))
        if everything:
            begun = time.monotonic()
            results.append(("Everything swapped (pytest)", run_pytest(SWAPPED, base=base), time.monotonic() - begun))
    if everything:
        begun = time.monotonic()
        results.append(("Client units (vitest)", client.test(), time.monotonic() - begun))
    say("\nWhat ran:")
    for title, code, seconds in results:
        say(f"  {title:<30}{'passed' if code == 0 else f'FAILED (exit code {code})':<24}{seconds:6.1f} s")
    return next((code for _, code, _ in results if code != 0), 0)


@contextmanager
def servers() -> Iterator[None]:
    """Put the addresses of the test's servers into the environment."""
    given = {name: os.environ.get(f"TEST_{name}", "") for name in ("DATABASE_URL", "REDIS_URL")}
    if all(given.values()):
        os.environ.update(given)
        yield
        return
    for name in [name for name in os.environ if name.startswith("PG")]:
        del os.environ[name]  # the person's settings for another server
    with throwaway_servers() as (database, layer):
        os.environ["DATABASE_URL"] = given["DATABASE_URL"] or database.url
        os.environ["REDIS_URL"] = given["REDIS_URL"] or layer.url
        yield


def run_pytest(arguments: Sequence[str], *, base: Path) -> int:
    command = [sys.executable, "-m", "pytest", *arguments]
    # In the foreground, for its Ctrl-C and its debugger; we only wait.
    child = spawn(command, foreground=True, cwd=base, stdin=None)
    earlier = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        return child.wait()
    finally:
        signal.signal(signal.SIGINT, earlier)
        child.stop(signal.SIGINT, grace=20)


def find_browser(*, install: bool) -> str:
    from tests.e2e import browser

    if found := browser.find():
        return str(found)
    if not install:
        return ""
    with step("A browser for the tests"):
        return str(browser.install())


def _stop(_number: int, _frame: object) -> None:
    raise Stopped
