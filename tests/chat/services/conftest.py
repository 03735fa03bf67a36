"""Services alone: one transaction per test, rolled back, so that what would be told can be looked at before it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection

from chat.events import Event
from planb.accounts.models import User


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    """Without the commits of the outer one."""

    def make(username: str, **fields: Any) -> User:
        fields.setdefault("display_name", username.capitalize())
        return User.objects.create_user(username, **fields)

    return make


@pytest.fixture
def untold(db: None) -> Callable[[], list[Event]]:
    """Events that wait for the commit, since it was last asked. A savepoint that was rolled back took its own along."""

    def take() -> list[Event]:
        waiting = list(connection.run_on_commit)
        connection.run_on_commit.clear()
        told: list[Event] = []
        with patch("chat.broadcast.send", told.extend):
            for entry in waiting:
                entry[1]()
        return told

    return take
