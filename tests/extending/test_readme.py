"""The README's "Add chat to your project", word for word, in a fresh project whose users have whole numbers as keys."""

from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import psycopg
import pytest
from django.conf import settings
from psycopg import sql

from tests.people import Person

ROOT = Path(__file__).resolve().parent.parent.parent
DATABASE = "shop_chat"
MAKE_PEOPLE = (
    "from django.contrib.auth.models import User; "
    "[User.objects.create_user(n, password='planb-demo', is_staff=True) for n in ('ama', 'ben', 'eve')]"
)


def blocks() -> list[tuple[str, str]]:
    """(language, text) of each block of the section, in order."""
    readme = (ROOT / "README.md").read_text()
    section = readme.split("## Add chat to your project\n", 1)[1].split("\n## ", 1)[0]
    return re.findall(r"```(\w+)\n(.*?)```", section, re.DOTALL)


def libpq() -> dict[str, str]:
    """The server of these tests, as every PostgreSQL client reads it."""
    parts = urlsplit(settings.DATABASE_URL)
    query = parse_qs(parts.query)
    given = {
        "PGHOST": query.get("host", [""])[0] or parts.hostname or "",
        "PGPORT": str(parts.port or query.get("port", [""])[0] or ""),
        "PGUSER": settings.DATABASES["default"]["USER"],
        "PGPASSWORD": settings.DATABASES["default"]["PASSWORD"],
    }
    return {name: value for name, value in given.items() if value}


def _drop(create: bool = False) -> None:
    known = {name.removeprefix("PG").lower(): value for name, value in libpq().items()}
    with psycopg.connect(dbname="postgres", autocommit=True, **known) as connection:  # type: ignore[arg-type]
        connection.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(DATABASE)))
        if create:
            connection.execute(sql.SQL("CREATE DATABASE {}").format(sql.Identifier(DATABASE)))


class Shop:
    """The project in a folder of its own, made by following the README."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            self.port = probe.getsockname()[1]
        (folder.parent / "planb-chat").symlink_to(ROOT)
        tools = folder.parent / "bin"
        tools.mkdir()
        # What `pip install -r` would install is what runs these tests, from the same lock.
        (tools / "pip").write_text(
            '#!/bin/sh\n[ "$*" = "install -r ../planb-chat/requirements.txt" ] && test -f "$3"\n'
        )
        (tools / "pip").chmod(0o755)
        kept = {
            name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "PG", "PYTHONPATH"))
        }
        self.environment = kept | libpq() | {"PATH": f"{tools}:{Path(sys.executable).parent}:{os.environ['PATH']}"}
        self.server: subprocess.Popen[bytes] | None = None

    def follow(self) -> None:
        for language, text in blocks():
            if language == "python":
                place = text.split(",", 1)[0].removeprefix("# ")
                with (self.folder / place).open("a") as file:
                    file.write(text)
                continue
            for line in text.strip().splitlines():
                if line.startswith("uvicorn "):
                    self.serve(line)
                else:
                    self.run(line)

    def run(self, line: str) -> None:
        done = subprocess.run(
            ["sh", "-ec", line], cwd=self.folder, env=self.environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, f"{line}: {done.stdout} {done.stderr}"

    def serve(self, line: str) -> None:
        # The one word that cannot stay: the port may be taken.
        self.server = subprocess.Popen(
            line.replace("--port 8000", f"--port {self.port}").split(),
            cwd=self.folder,
            env=self.environment,
        )
        deadline = time.monotonic() + 30
        while time.monotonic() < deadline and self.server.poll() is None:
            try:
                httpx.get(f"{self.url}/api/v1/config", timeout=2)
            except httpx.TransportError:
                time.sleep(0.05)
            else:
                return
        raise AssertionError("the server did not start")

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        if self.server is not None:
            self.server.send_signal(signal.SIGTERM)
            self.server.wait(timeout=10)

    def enter(self, name: str) -> Person:
        """Log in as the project's people do, and get a token."""
        with httpx.Client(base_url=self.url) as client:
            client.get("/admin/login/")
            form = {
                "username": name,
                "password": "planb-demo",
                "csrfmiddlewaretoken": client.cookies["csrftoken"],
                "next": "/admin/",
            }
            assert client.post("/admin/login/", data=form).status_code == 302
            token = client.get("/api/v1/auth/chat").json()["access"]
        user: Any = SimpleNamespace(pk={"ama": 1, "ben": 2, "eve": 3}[name])
        return Person(user, self.url, f"ws://127.0.0.1:{self.port}/ws/v1", token, "")


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shop]:
    folder = tmp_path_factory.mktemp("readme") / "project"
    folder.mkdir()
    _drop(create=True)
    made = Shop(folder)
    try:
        made.follow()
        made.run(f'python manage.py shell -c "{MAKE_PEOPLE}"')
        yield made
    finally:
        made.close()
        _drop()


async def test_two_people_talk_there_and_a_stranger_hears_nothing(shop: Shop) -> None:
    ama, ben, eve = (shop.enter(name) for name in ("ama", "ben", "eve"))
    async with ama.socket() as hers, ben.socket() as his, eve.socket() as strangers:
        talk = ama.talk_to(ben)
        ama.send(talk, "Is the bike still there?")
        heard = (await his.hear("conversation_added"))["state"]["last_message"]
        assert (heard["sender"], heard["conversation"], heard["text"]) == ("1", talk, "Is the bike still there?")
        answer = await his.data(
            "send_message", conversation=talk, client_id="0199aaaa-0000-7000-8000-000000000001", text="It is."
        )
        assert await hers.message("It is.") == answer["message"]
        await his.data("typing", conversation=talk, active=True, kind="text")
        assert (await hers.hear("typing"))["user"] == "2"
        assert ama.get("presence?users=2")["presence"]["2"]["state"] == "online"
        assert eve.call("GET", f"conversations/{talk}/messages").status_code == 404
        assert [frame["type"] for frame in strangers.heard] == ["ready"]


def test_the_checks_of_the_fresh_project_find_nothing(shop: Shop) -> None:
    shop.run("python manage.py check --fail-level WARNING")
    shop.run("python manage.py makemigrations --check --dry-run")


@pytest.mark.parametrize("token", ["x", "eyJ1c2VyIjoiMSJ9:1:x", "é"])
def test_no_other_token_opens_anything(shop: Shop, token: str) -> None:
    given = {b"Authorization": f"Bearer {token}".encode()}
    answer = httpx.get(f"{shop.url}/api/v1/conversations", headers=given)
    assert (answer.status_code, answer.json()["error"]["code"]) == (401, "unauthenticated")


def test_nobody_gets_a_token_without_logging_in(shop: Shop) -> None:
    answer = httpx.get(f"{shop.url}/api/v1/auth/chat")
    assert answer.status_code in {401, 403}
    assert "access" not in answer.text


def test_a_new_password_ends_the_tokens_of_the_old_one(shop: Shop) -> None:
    eve = shop.enter("eve")
    assert eve.call("GET", "conversations").status_code == 200
    shop.run(
        'python manage.py shell -c "from django.contrib.auth.models import User; '
        "u = User.objects.get(username='eve'); u.set_password('another-one'); u.save()\""
    )
    assert eve.call("GET", "conversations").status_code == 401
