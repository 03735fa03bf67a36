"""The page that holds the web client: what it loads, what it forbids, what it says when nothing is built."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.test import Client
from pytest_django.fixtures import Settings

from planb.templatetags import web_assets

MANIFEST = {
    "src/app/main.tsx": {
        "file": "assets/main-abc.js",
        "css": ["assets/main-abc.css"],
        "imports": ["_shared.js"],
        "dynamicImports": ["src/locales/fr.po"],
    },
    "_shared.js": {"file": "assets/shared-def.js", "css": ["assets/shared-def.css"], "imports": ["_shared.js"]},
    "src/locales/fr.po": {"file": "assets/fr-123.js"},
}


@pytest.fixture
def built(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: Settings) -> Iterator[Path]:
    # WhiteNoise warns where nothing was collected, and warnings are errors.
    settings.STATIC_ROOT = str(tmp_path)
    manifest = tmp_path / "manifest.json"
    manifest.write_text(json.dumps(MANIFEST), encoding="utf-8")
    monkeypatch.setattr(web_assets, "manifest_path", lambda: manifest)
    yield manifest


@pytest.mark.parametrize("address", ["/", "/c/0190a6b8-9bd7-7533-93b9-4959cd44d4eb"])
def test_it_loads_what_the_manifest_names_at_every_address_of_the_client(built: Path, address: str) -> None:
    page = Client().get(address)
    assert page.status_code == 200
    text = page.content.decode()
    assert '<script type="module" src="/static/web/assets/main-abc.js"></script>' in text
    assert 'href="/static/web/assets/main-abc.css"' in text
    assert 'href="/static/web/assets/shared-def.css"' in text
    assert '<link rel="modulepreload" href="/static/web/assets/shared-def.js">' in text
    assert "fr-123" not in text


def test_it_holds_no_script_or_style_of_its_own_and_forbids_them(built: Path) -> None:
    page = Client().get("/")
    text = page.content.decode()
    assert all("src=" in tag for tag in re.findall(r"<script[^>]*>", text))
    assert "<style" not in text
    assert not re.search(r"\s(style|on\w+)=", text)
    policy = dict(part.split(" ", 1) for part in page["Content-Security-Policy"].split("; "))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == "'self'"
    assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
    assert policy["require-trusted-types-for"] == "'script'"
    assert "unsafe" not in page["Content-Security-Policy"]


def test_it_names_no_other_host(built: Path) -> None:
    text = Client().get("/").content.decode()
    assert re.findall(r"(?:src|href)=\"(?!/static/|data:)", text) == []


def test_it_is_never_kept_by_a_cache_since_it_names_hashed_files(built: Path) -> None:
    assert "no-store" in Client().get("/")["Cache-Control"]


def test_it_carries_the_theme_that_was_chosen_and_nothing_else_that_a_cookie_says(built: Path) -> None:
    def page(theme: str) -> str:
        client = Client()
        client.cookies["planb_theme"] = theme
        return client.get("/").content.decode()

    assert '<html lang="en" data-theme="dark">' in page("dark")
    for hostile in ("", "system", 'x"><script>alert(1)</script>'):
        assert '<html lang="en">' in page(hostile)


def test_it_speaks_the_language_that_was_chosen_else_the_browser_s(built: Path) -> None:
    assert '<html lang="fr">' in Client().get("/", headers={"accept-language": "fr-CI,en"}).content.decode()
    client = Client()
    client.cookies["django_language"] = "en"
    assert '<html lang="en">' in client.get("/", headers={"accept-language": "fr"}).content.decode()


def test_it_notices_a_new_build_without_a_restart(built: Path) -> None:
    assert "main-abc.js" in Client().get("/").content.decode()
    built.write_text(json.dumps(MANIFEST).replace("main-abc", "main-xyz"), encoding="utf-8")
    assert "main-xyz.js" in Client().get("/").content.decode()


@pytest.mark.parametrize("content", [None, "", "{}", "[]", '{"src/app/main.tsx": {}}'])
def test_it_says_how_to_build_the_client_where_that_was_not_done(built: Path, content: str | None) -> None:
    if content is None:
        built.unlink()
    else:
        built.write_text(content, encoding="utf-8")
    page = Client().get("/")
    assert page.status_code == 200
    assert "manage.py up" in page.content.decode()
    assert "<script" not in page.content.decode()


def test_it_takes_no_posts(built: Path) -> None:
    assert Client(enforce_csrf_checks=False).post("/").status_code == 405
