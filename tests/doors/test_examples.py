"""The examples of the documentation, as they stand there: a page and a program that chat with nothing of ours."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncIterator, Callable
from uuid import uuid4

import pytest
from playwright.async_api import Page, async_playwright, expect

from planb.accounts.models import User
from tests.conftest import ROOT, Server
from tests.e2e.browser import launch_options
from tests.people import Person, Socket

EXAMPLES = ROOT / "chat" / "realtime" / "examples"
PASSWORD = "un-mot-de-passe-long"
SignIn = Callable[[User], Person]


@pytest.fixture
def awa(make_user: Callable[..., User]) -> User:
    return make_user("awa", password=PASSWORD)


@pytest.fixture
def conversation(awa: User, koffi: User, sign_in: SignIn) -> str:
    return sign_in(awa).talk_to(koffi, message={"client_id": str(uuid4()), "text": "Bonjour"})


@pytest.fixture
async def page(server: Server) -> AsyncIterator[Page]:
    """The example on the server's own host, where a deployment would put it."""
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(**launch_options())
        opened = await browser.new_page()
        complaints: list[str] = []
        opened.on("pageerror", lambda error: complaints.append(str(error)))
        # A page that the server really sent: Chromium lets none that Playwright made up talk to this machine.
        await opened.goto(f"{server.url}/healthz")
        await opened.set_content((EXAMPLES / "page.html").read_text())
        yield opened
        await browser.close()
    assert complaints == []


@pytest.mark.e2e
async def test_the_page_chats_and_comes_back_by_itself(
    page: Page, conversation: str, koffi: User, sign_in: SignIn, server: Server
) -> None:
    await page.get_by_label("Name").fill("awa")
    await page.get_by_label("Password").fill("not this")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("status")).not_to_have_text("signed out")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("status")).to_have_text("connected", timeout=15_000)
    other = sign_in(koffi)
    async with other.socket() as socket:
        await write(page, "<b>Salut</b>")
        assert (await socket.message("<b>Salut</b>"))["sender"] != other.id
    await asyncio.to_thread(other.send, conversation, "Bien reçu")
    lines = page.get_by_role("listitem")
    await expect(lines).to_have_text(["Bonjour", "<b>Salut</b>", "Bien reçu"])

    await asyncio.to_thread(server.kill)
    await expect(page.get_by_role("status")).to_have_text("reconnecting")
    await write(page, "Écrit hors ligne")
    await expect(lines.last).to_have_text("Écrit hors ligne (sending)")
    await asyncio.to_thread(server.start)
    await expect(page.get_by_role("status")).to_have_text("connected", timeout=45_000)
    await asyncio.to_thread(other.send, conversation, "Encore là")
    await expect(lines).to_have_text(["Bonjour", "<b>Salut</b>", "Bien reçu", "Écrit hors ligne", "Encore là"])
    stored = other.get(f"conversations/{conversation}/messages")["messages"]
    assert [message["text"] for message in stored].count("Écrit hors ligne") == 1


async def write(page: Page, text: str) -> None:
    await page.get_by_label("Message").fill(text)
    await page.get_by_label("Message").press("Enter")


async def test_the_program_chats_and_comes_back_by_itself(
    conversation: str, koffi: User, sign_in: SignIn, server: Server
) -> None:
    other = sign_in(koffi)
    program = await asyncio.create_subprocess_exec(
        *(sys.executable, EXAMPLES / "talk.py", server.url, "awa", PASSWORD),
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        env={**os.environ, "PYTHONUNBUFFERED": "1"},
    )
    assert program.stdin is not None
    assert program.stdout is not None
    try:
        async with other.socket() as socket:
            program.stdin.write(b"Salut\n")
            await socket.message("Salut", seconds=30)
        assert await said(program.stdout) == "2 Salut"
        await asyncio.to_thread(other.send, conversation, "Bien reçu")
        assert await said(program.stdout) == "3 Bien reçu"

        await asyncio.to_thread(server.kill)
        program.stdin.write("Écrit hors ligne\n".encode())
        await asyncio.to_thread(server.start)
        async with Socket(other) as socket:
            await hear_or_find(socket, other, conversation, "Écrit hors ligne")
        assert await said(program.stdout) == "4 Écrit hors ligne"
    finally:
        program.kill()
        await program.wait()


async def said(stream: asyncio.StreamReader) -> str:
    async with asyncio.timeout(45):
        return (await stream.readline()).decode().strip()


async def hear_or_find(socket: Socket, person: Person, conversation: str, text: str) -> None:
    page = await asyncio.to_thread(person.get, f"conversations/{conversation}/messages")
    if text not in [message["text"] for message in page["messages"]]:
        await socket.message(text, seconds=45)
