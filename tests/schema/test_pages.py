"""The documents as served: for programs and for people, to everybody, and with nothing from another host."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from django.conf import settings
from django.contrib.staticfiles import finders
from django.test import Client

from chat.schema.views import asyncapi_document, openapi_document
from planb.management.commands.contract import documents

PAGES = ("docs", "docs/socket")


@pytest.mark.parametrize(("path", "field"), [("schema", "openapi"), ("asyncapi", "asyncapi")])
def test_a_document_is_served_as_json_to_anybody(client: Client, path: str, field: str) -> None:
    answer = client.get(f"/api/v1/{path}", headers={"Authorization": "Bearer stale"})
    assert answer.status_code == 200
    assert answer["Content-Type"] == "application/json"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert answer.json() == {"schema": openapi_document, "asyncapi": asyncapi_document}[path]()
    assert answer.json()[field].startswith("3.")


@pytest.mark.parametrize("path", PAGES)
def test_a_page_takes_nothing_from_another_host_and_runs_nothing_inline(client: Client, path: str) -> None:
    answer = client.get(f"/api/v1/{path}")
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "//" not in re.sub(r"<!doctype html>", "", html).replace("application/", "")
    assert not re.search(r"<script(?![^>]*\bsrc=)|<style|\son\w+=|\sstyle=", html)
    policy = answer["Content-Security-Policy"]
    assert "default-src 'none'" in policy and "script-src 'self';" in policy and "frame-ancestors 'none'" in policy


@pytest.mark.parametrize("path", PAGES)
def test_everything_that_a_page_loads_is_there(client: Client, path: str) -> None:
    html = client.get(f"/api/v1/{path}").content.decode()
    loaded = re.findall(r'(?:src|href)="/?static/([^"]+)"', html)
    assert loaded
    for name in loaded:
        assert finders.find(name), name


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_only_read(client: Client, path: str) -> None:
    assert client.post(f"/api/v1/{path}").status_code == 405


def test_the_page_of_the_socket_tells_every_command_and_event(client: Client) -> None:
    html = client.get("/api/v1/docs/socket").content.decode()
    for name, operation in asyncapi_document()["operations"].items():
        prefix = "command" if operation["action"] == "receive" else "event"
        assert f'id="{prefix}-{name.removeprefix("event_")}"' in html, name
    anchors = set(re.findall(r'id="([^"]+)"', html))
    assert set(re.findall(r'href="#([^"]+)"', html)) <= anchors


def test_the_files_that_the_client_is_made_of_are_fresh() -> None:
    for path, made in documents(Path(settings.BASE_DIR)):
        assert json.loads(path.read_text()) == made, f"{path.name} is stale: run `manage.py contract`"
