"""A small cast and a client of the REST door, over TLS as in production."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from planb.accounts.models import User

PASSWORD = "correct horse battery"
ORIGIN = "https://testserver"
COOKIE = "__Host-planb-refresh"


@dataclass
class Api:
    """One browser or phone. `access` goes along as the bearer token."""

    client: Client = field(default_factory=Client)
    access: str | None = None

    def call(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        if self.access:
            sent.setdefault("Authorization", f"Bearer {self.access}")
        options: dict[str, Any] = {"headers": sent, "secure": True}
        if method != "get":
            options |= {"data": b"" if body is None else body, "content_type": "application/json"}
        return getattr(self.client, method)(f"/api/v1/{path}", **options)

    def get(self, path: str, **headers: str) -> Any:
        return self.call("get", path, **headers)

    def post(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("post", path, body, **headers)

    def patch(self, path: str, body: Any = None, **headers: str) -> Any:
        return self.call("patch", path, body, **headers)

    def delete(self, path: str, **headers: str) -> Any:
        return self.call("delete", path, **headers)

    def from_page(self, path: str, body: Any = None, **headers: str) -> Any:
        """As a script of our own page sends it."""
        return self.post(path, body, **{"X_Requested_With": "planb", "Origin": ORIGIN} | headers)

    def sign_in(self, username: str = "alice", password: str = PASSWORD, **more: Any) -> dict[str, Any]:
        answer = self.post("auth/token", {"username": username, "password": password, **more})
        assert answer.status_code == 200, answer.content
        data: dict[str, Any] = answer.json()
        self.access = data["access"]
        return data


def error(answer: Any) -> tuple[int, str]:
    """Status and code of an error; its shape is checked on the way."""
    data = answer.json()
    assert set(data) == {"error"}, data
    assert {"code", "message", "retry"} <= set(data["error"])
    return answer.status_code, data["error"]["code"]


@pytest.fixture(autouse=True)
def _quick_and_apart(settings: Any) -> None:
    """Hashes that cost nothing, and buckets that no other test has drunk from."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CHAT_REDIS_PREFIX = f"test-{uuid4()}"
    settings.REGISTRATION_OPEN = True


@pytest.fixture(autouse=True)
def closed_sockets(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, list[str]]]:
    """What the hubs were told: whose sessions ended."""
    told: list[tuple[str, list[str]]] = []
    monkeypatch.setattr("chat.broadcast.end_sessions", lambda user, sessions: told.append((user, sessions)))
    return told


@pytest.fixture
def api() -> Api:
    return Api()


@pytest.fixture
def alice(db: None) -> User:
    return User.objects.create_user("alice", password=PASSWORD, display_name="Alice Koné")


@pytest.fixture
def bob(db: None) -> User:
    return User.objects.create_user("bob", password=PASSWORD, display_name="Bob")
