"""Who may do what over REST, every method of every route, and that a refusal leaves nothing behind."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from unittest.mock import patch

import pytest
from django.db import connection, transaction
from django.test import Client
from django.urls import URLPattern, URLResolver

from chat.events import Event
from planb.accounts.models import User
from planb.urls import urlpatterns
from tests.matrix.routes import ROWS, Row
from tests.matrix.scene import OUTSIDERS, ROLES, TEXT, TITLE, Scene, everything

METHODS = ("get", "post", "put", "patch", "delete")


def declared(patterns: Any = urlpatterns, before: str = "") -> Iterator[tuple[str, str]]:
    """Every method and route below `api/v1/`, as the URL configuration has them."""
    for pattern in patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from declared(pattern.url_patterns, route)
        elif isinstance(pattern, URLPattern) and route.startswith("api/v1/") and "^" not in route:
            path = route.removeprefix("api/v1/")
            # A view that is a function is a page to look at.
            view = getattr(pattern.callback, "view_class", None)
            for method in METHODS:
                if hasattr(view, method) if view is not None else method == "get":
                    yield method.upper(), path


def test_every_method_of_every_route_has_a_row() -> None:
    assert {(row.method, row.route) for row in ROWS} == set(declared())


def test_every_row_says_what_each_role_gets() -> None:
    for row in ROWS:
        assert set(row.answers) <= set(ROLES)
        assert 0 not in row.whole.values(), f"{row.method} {row.route} leaves a role out"


@pytest.fixture
def make_user(db: None) -> Callable[..., User]:
    def make(username: str, **fields: Any) -> User:
        return User.objects.create_user(username, display_name=username.capitalize(), **fields)

    return make


@pytest.fixture
def scene(make_user: Callable[..., User], settings: Any) -> Scene:
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CHAT_LIMITS = dict.fromkeys(
        ("login", "login_address", "register", "password", "send", "edit", "react", "new_conversation")
    )
    return Scene(make_user)


@contextmanager
def undone() -> Iterator[list[Event]]:
    """What happens inside is rolled back; what would have been told is in the list."""
    told: list[Event] = []
    connection.run_on_commit.clear()
    with transaction.atomic():
        savepoint = transaction.savepoint()
        yield told
        waiting = list(connection.run_on_commit)
        connection.run_on_commit.clear()
        with patch("chat.broadcast.send", told.extend):
            for entry in waiting:
                entry[1]()
        transaction.savepoint_rollback(savepoint)


@pytest.mark.parametrize("row", ROWS, ids=lambda row: f"{row.method} {row.route}")
def test_each_role_gets_what_the_row_says(row: Row, scene: Scene, client: Client) -> None:
    before = everything()
    wrong: list[str] = []
    for role, wanted in row.whole.items():
        with undone() as told:
            answer = ask(client, row, role, scene)
            after = everything()
        got = code_of(answer)
        if got != wanted:
            wrong.append(f"{role}: {got} instead of {wanted}")
        refused = answer.status_code >= 400
        if refused and after != before:
            wrong.append(f"{role}: was refused, and something changed")
        if refused and told:
            wrong.append(f"{role}: was refused, and heard of: {told}")
        if role in OUTSIDERS and (leaked := leaks(answer, scene)):
            wrong.append(f"{role}: was shown {leaked}")
    assert not wrong, "\n".join(wrong)


def ask(client: Client, row: Row, role: str, scene: Scene) -> Any:
    headers = {"Authorization": f"Bearer {scene.tokens[role]}"} if role in scene.tokens else {}
    body = row.body(scene)
    return client.generic(
        row.method,
        f"/api/v1/{row.path(scene)}",
        json.dumps(body) if body is not None else "",
        content_type="application/json",
        headers=headers,
    )


def code_of(answer: Any) -> Any:
    if answer.status_code < 400:
        return answer.status_code
    return answer.status_code, answer.json()["error"]["code"]


def leaks(answer: Any, scene: Scene) -> list[str]:
    """What of the group stands in the answer; a former member's inbox names what is gone."""
    text = answer.content.decode()
    if '"removed":["' in text:
        text = text.replace(f'"removed":["{scene.group}"]', "")
    hidden = {TEXT, TITLE, str(scene.group), str(scene.message), *(scene.id(n) for n in ("plain", "owner"))}
    return sorted(word for word in hidden if word in text)
