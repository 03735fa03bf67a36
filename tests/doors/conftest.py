"""A server of the other kind."""

from __future__ import annotations

import sys
from collections.abc import Iterator

import pytest

from tests.conftest import Server


class Daphne(Server):
    """What `runserver` uses, as a process of its own."""

    def command(self) -> list[str]:
        # It logs every request to standard output unless told otherwise.
        quiet = ("--access-log", "/dev/null", "--verbosity", "0")
        return [sys.executable, "-m", "daphne", "--port", str(self.port), *quiet, "tests.served:application"]


@pytest.fixture(scope="session")
def _daphne(django_db_setup: None) -> Iterator[Server]:
    server = Daphne(CHAT_HELLO_TIMEOUT=1.0)
    server.start()
    yield server
    server.stop()


@pytest.fixture
def daphne(_daphne: Server, transactional_db: None) -> Server:
    return _daphne
