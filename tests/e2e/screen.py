"""One window of one person: what they do in it, what they see, and everything that its page complains about."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from playwright.async_api import BrowserContext, ConsoleMessage, Locator, Page, Request, WebSocket, expect

Json = dict[str, Any]

DESKTOP, PHONE = (1280, 800), (360, 740)
NOBODY_YET = r"401 .*/auth/token/refresh"
# What Chromium itself logs while there is no server to reach.
NO_SERVER = r"net::ERR_|WebSocket connection to .* failed|status of 50[23]"

_TELL_VIOLATIONS = """
document.addEventListener("securitypolicyviolation", (event) =>
  console.error(`CSP: ${event.violatedDirective} ${event.blockedURI} ${event.sample}`));
"""


_HOLDS = """
(place) => {
  const box = place.getBoundingClientRect(), range = document.createRange();
  const walker = document.createTreeWalker(place, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    if (walker.currentNode.parentElement.closest(".visually-hidden")) continue;
    range.selectNodeContents(walker.currentNode);
    for (const { left, right, top, bottom } of range.getClientRects())
      if (left < box.left || right > box.right || top < box.top || bottom > box.bottom) return false;
  }
  return true;
}
"""


class Screen:
    """What is not expected here, and none of `allowed`, ends as a failure of the test."""

    def __init__(self, name: str, url: str, context: BrowserContext, page: Page) -> None:
        self.name = name
        self.url = url
        self.context = context
        self.page = page
        self.log: list[str] = []
        self.complaints: list[str] = []
        self.allowed: list[str] = []
        self.heard: list[str] = []
        self.said: list[Json] = []
        page.on("console", self._console)
        page.on("pageerror", lambda error: self._complain(f"page error: {error}"))
        page.on("request", self._request)
        page.on("websocket", self._websocket)
        page.on("dialog", self._dialog)

    @classmethod
    async def open(cls, name: str, url: str, context: BrowserContext, path: str = "/") -> Screen:
        screen = cls(name, url, context, await context.new_page())
        await screen.page.add_init_script(_TELL_VIOLATIONS)
        if not await context.cookies(url):
            screen.allow(NOBODY_YET)
        await screen.go(path)
        return screen

    def allow(self, *patterns: str) -> None:
        """Complaints that the test itself brings about."""
        self.allowed += patterns

    def unexpected(self) -> list[str]:
        return [text for text in self.complaints if not any(re.search(pattern, text) for pattern in self.allowed)]

    async def keep(self, folder: Path) -> None:
        """A picture, for who looks into a failure, and the console beside it."""
        self.write_log(folder)
        if not self.page.is_closed():
            await self.page.screenshot(path=folder / f"{self.name}.png", timeout=10_000)

    def write_log(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        (folder / f"{self.name}.console.txt").write_text("\n".join(self.log), "utf-8")

    # --- what one does ----------------------------------------------------------------------------

    async def go(self, path: str) -> None:
        await self.page.goto(self.url + path)

    async def sign_in(self, username: str, password: str) -> None:
        """On the page that asks for it, or in the dialog of a session that ended."""
        form = self.page.locator("form:has(input[name=username])")
        await form.locator("input[name=username]").fill(username)
        await form.locator("input[name=password]").fill(password)
        await form.locator("button[type=submit]").click()

    async def choose(self, name: str) -> None:
        await self.row(name).click()
        await expect(self.heading).to_contain_text(name)

    async def back(self) -> None:
        await self.page.locator("main header button").first.click()

    async def write(self, text: str) -> None:
        """Write and send. It waits for the message to stand in the thread, on its way or sent."""
        await self.composer.fill(text)
        await self.composer.press("Enter")
        await expect(self.message(text)).to_be_visible()

    # --- what one sees ----------------------------------------------------------------------------

    @property
    def heading(self) -> Locator:
        return self.page.locator("main h1")

    @property
    def status(self) -> Locator:
        """Below the name: typing, online, last seen, how many people."""
        return self.page.locator("main header p")

    @property
    def composer(self) -> Locator:
        return self.page.locator("main form textarea")

    @property
    def thread(self) -> Locator:
        return self.page.locator("main [role=log]")

    @property
    def messages(self) -> Locator:
        return self.thread.locator("article")

    @property
    def rows(self) -> Locator:
        return self.page.locator("nav a[data-row]")

    @property
    def banner(self) -> Locator:
        """Words about the connection."""
        return self.page.locator("[role=status] > p").filter(
            has_text=re.compile("Hors ligne|No connection|De nouveau|Connected again|Connexion|Connecting")
        )

    @property
    def dialog(self) -> Locator:
        return self.page.locator("dialog[open]")

    def row(self, name: str) -> Locator:
        """By its name only: the last message may well name somebody else."""
        return self.rows.filter(has=self.page.locator("[translate=no]", has_text=name))

    def badge(self, name: str) -> Locator:
        """The number in the list; absent where everything is read."""
        return self.row(name).locator("span[aria-hidden=true]", has_text=re.compile(r"^\d+\+?$"))

    def message(self, text: str) -> Locator:
        return self.messages.filter(has=self.page.get_by_text(text, exact=True))

    def tick(self, text: str) -> Locator:
        return self.message(text).locator("[data-tick]")

    async def sees_tick(self, text: str, tick: str) -> None:
        await expect(self.tick(text)).to_have_attribute("data-tick", tick)

    async def texts(self) -> list[str]:
        """The messages that are elements of the page, from the top."""
        return await self.messages.locator("span[dir=auto]").all_inner_texts()

    async def fits(self) -> bool:
        """Nothing is wider than the window."""
        return bool(await self.page.evaluate("document.scrollingElement.scrollWidth <= window.innerWidth"))

    async def holds_its_words(self, place: Locator) -> bool:
        """Nothing that is written there is cut off at its edges."""
        return bool(await place.evaluate(_HOLDS))

    def sent(self, text: str) -> list[str]:
        """The client_id of each `send_message` with this text that left by this window's sockets."""
        return [frame["client_id"] for frame in self.said if frame["type"] == "send_message" and frame["text"] == text]

    # --- what the page complains about ------------------------------------------------------------

    def _console(self, message: ConsoleMessage) -> None:
        text = f"{message.type}: {message.text} ({message.location.get('url', '')})"
        self.log.append(text)
        if message.type == "error":
            self._complain(text)

    def _complain(self, text: str) -> None:
        self.complaints.append(text)
        self.log.append(text)

    def _request(self, request: Request) -> None:
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https"} and f"{parts.scheme}://{parts.netloc}" != self.url:
            self._complain(f"asked another host: {request.url}")

    def _websocket(self, socket: WebSocket) -> None:
        if urlsplit(socket.url).netloc != urlsplit(self.url).netloc:
            self._complain(f"opened a socket elsewhere: {socket.url}")
        socket.on("framereceived", lambda payload: self.heard.append(str(payload)))
        socket.on("framesent", lambda payload: self.said.append(json.loads(payload)))

    async def _dialog(self, dialog: Any) -> None:
        self._complain(f"a script opened a window: {dialog.message}")
        await dialog.dismiss()
