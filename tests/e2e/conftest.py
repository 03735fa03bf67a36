"""A real browser, the real built client, a real server; people who sign in, and their windows."""

from __future__ import annotations

import asyncio
import os
import re
import shutil
from collections.abc import AsyncIterator, Callable, Generator, Iterator
from pathlib import Path
from typing import Any, Protocol

import pytest
import pytest_asyncio
from playwright.async_api import Browser, BrowserContext, async_playwright, expect

from planb.accounts.models import User
from planb.accounts.services import sessions
from planb.templatetags.web_assets import manifest_path
from tests.conftest import ROOT, Server
from tests.e2e.browser import launch_options
from tests.e2e.screen import DESKTOP, Screen
from tests.people import query

PASSWORD = "un-mot-de-passe-long"
KEPT = ROOT / "var" / "e2e"
_FAILED = pytest.StashKey[bool]()

# Long enough for a machine that does other things too; nobody waits that long on a quiet one.
expect.set_options(timeout=15_000)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """One browser and one loop for all of these tests."""
    for item in items:
        if item.path.is_relative_to(ROOT / "tests" / "e2e"):
            item.add_marker(pytest.mark.e2e)
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    if report.failed:
        item.stash[_FAILED] = True
        if report.when == "call":
            report.sections.append(("Browser", f"Pictures and consoles: {_folder(item).relative_to(ROOT)}/"))
    return report


def _folder(item: pytest.Item) -> Path:
    return KEPT / re.sub(r"\W+", "-", item.name).strip("-")


@pytest.fixture(scope="session")
def _server(django_db_setup: None) -> Iterator[Server]:
    if not manifest_path().is_file():
        pytest.fail(
            "The web client is not built: run `python3 manage.py test`, which builds it, or `python3 manage.py up`.",
            pytrace=False,
        )
    server = Server({"DJANGO_SETTINGS_MODULE": "tests.e2e.served_settings"})
    server.start()
    yield server
    server.stop()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options())
        yield browser
        await browser.close()


@pytest.fixture
def make_user(transactional_db: None, settings: Any) -> Callable[..., User]:
    """They can sign in with PASSWORD."""
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]

    def make(username: str, **fields: Any) -> User:
        fields = {"display_name": username.capitalize(), "password": PASSWORD} | fields
        return User.objects.create_user(username, **fields)

    return make


@pytest.fixture
def awa(make_user: Callable[..., User]) -> User:
    return make_user("awa", display_name="Awa Koné")


@pytest.fixture
def koffi(make_user: Callable[..., User]) -> User:
    return make_user("koffi", display_name="Koffi Ouattara")


@pytest.fixture
def fatou(make_user: Callable[..., User]) -> User:
    return make_user("fatou", display_name="Fatou Diallo")


@pytest.fixture
def yao(make_user: Callable[..., User]) -> User:
    """The stranger."""
    return make_user("yao", display_name="Yao Kouassi")


class Visit(Protocol):
    async def __call__(
        self,
        user: User | None = None,
        *,
        path: str = "/",
        size: tuple[int, int] = DESKTOP,
        language: str = "en",
        dark: bool = False,
        beside: Screen | None = None,
    ) -> Screen:
        """A window of a browser of this person's own, who is signed in already; nobody is without a user.

        `beside` opens another tab of the same browser instead.
        """


@pytest_asyncio.fixture(loop_scope="session")
async def visit(browser: Browser, server: Server, request: pytest.FixtureRequest) -> AsyncIterator[Visit]:
    folder = _folder(request.node)
    shutil.rmtree(folder, ignore_errors=True)
    screens: list[Screen] = []
    contexts: list[BrowserContext] = []

    async def open_window(
        user: User | None = None,
        *,
        path: str = "/",
        size: tuple[int, int] = DESKTOP,
        language: str = "en",
        dark: bool = False,
        beside: Screen | None = None,
    ) -> Screen:
        name = f"{len(screens) + 1}-{user.username if user else 'tab' if beside else 'somebody'}"
        if beside is None:
            context = await browser.new_context(
                viewport={"width": size[0], "height": size[1]},
                locale={"en": "en-GB", "fr": "fr-FR"}[language],
                color_scheme="dark" if dark else "light",
                timezone_id="Africa/Abidjan",
            )
            contexts.append(context)
        else:
            context = beside.context
        if user is not None:
            await _let_in(context, server.url, user)
        screen = await Screen.open(name, server.url, context, path)
        screens.append(screen)
        return screen

    yield open_window

    complaints = [f"{screen.name}: {text}" for screen in screens for text in screen.unexpected()]
    if complaints or request.node.stash.get(_FAILED, False) or os.environ.get("PLANB_PICTURES"):
        await asyncio.gather(*(screen.keep(folder) for screen in screens))
    for context in contexts:
        await context.close()
    if complaints:
        told = "\n  ".join(complaints)
        pytest.fail(f"A page complained (see {folder.relative_to(ROOT)}/):\n  {told}", pytrace=False)


async def _let_in(context: BrowserContext, url: str, user: User) -> None:
    """With the cookie that signing in leaves."""
    tokens = query(lambda: sessions.begin(user=user, device=sessions.Device()))
    await context.add_cookies(
        [{"name": "planb-refresh", "value": tokens.refresh, "url": url, "httpOnly": True, "sameSite": "Strict"}]
    )
