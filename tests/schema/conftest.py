"""People who talk, for what the golden files hold."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from planb.accounts.models import User
from tests.golden import as_golden
from tests.people import Person, Socket

Cast = dict[str, Person]


@pytest.fixture
def cast(make_user: Callable[[str], User], sign_in: Callable[[User], Person]) -> Cast:
    return {name: sign_in(make_user(name)) for name in ("awa", "koffi", "fatou")}


@pytest.fixture
def direct(cast: Cast) -> str:
    """Awa wrote to Koffi, once."""
    first = {"client_id": "019a0000-0000-7000-8000-00000000000a", "text": "Bonjour, toujours à vendre ?"}
    return cast["awa"].talk_to(cast["koffi"], subject={"type": "listing", "id": "velo-ville"}, message=first)


@pytest.fixture
def group(cast: Cast) -> str:
    """Awa's, with Koffi; Fatou is not in it."""
    body = {"kind": "group", "title": "Vélo de ville"}
    return cast["awa"].talk_to(cast["koffi"], **body)


async def exchange(socket: Socket, name: str, **fields: Any) -> Any:
    """A command and its answer, both as the golden files have them; returns the answer's data."""
    answer = await socket.ask(name, **fields)
    assert answer["ok"], answer
    as_golden(f"command_{name}", {"type": name, "id": 7, **fields})
    as_golden(f"reply_{name}", {**answer, "id": 7})
    return answer["data"]
