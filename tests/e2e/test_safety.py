"""What people write stays text; the page asks nobody but its own server; its weight is known."""

from __future__ import annotations

import gzip
from collections.abc import Callable

import pytest
from playwright.async_api import expect

from planb.accounts.models import User
from tests.e2e.conftest import Visit
from tests.e2e.screen import DESKTOP, PHONE
from tests.people import Person

SignIn = Callable[[User], Person]
BOTH = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])

IMAGE = "<img src=x onerror=alert(1)>"
SCRIPT = "<script>alert(1)</script><b>bold</b> &amp; {{ 7 * 7 }}"
NO_LINKS = (
    "javascript:alert(1) JaVaScRiPt:alert(1) data:text/html,<script>alert(1)</script> vbscript:x file:///etc/passwd"
)
LINKS = "See https://example.org/a?b=c&d=(e), http://example.org and awa@example.org."
LONG = "Donaudampfschifffahrtsgesellschaftskapitän" * 30
LONG_LINK = "https://example.org/" + "a" * 500
RTL = "مرحبا، هل الدراجة ما زالت متاحة؟"
SPOOF = "https://example.org/\u202egpj.exe"
KILOBYTE = 1024


@BOTH
async def test_text_is_text(awa: User, koffi: User, visit: Visit, sign_in: SignIn, size: tuple[int, int]) -> None:
    person = sign_in(awa)
    conversation = person.talk_to(koffi)
    for text in (SCRIPT, NO_LINKS, LINKS, SPOOF, RTL, IMAGE):
        person.send(conversation, text)
    his = await visit(koffi, size=size)
    await expect(his.row("Awa")).to_contain_text(IMAGE)
    assert await his.fits()
    await his.choose("Awa")
    for text in (IMAGE, SCRIPT, NO_LINKS, RTL):
        await expect(his.message(text)).to_be_attached()
    inside = his.page.locator("main")
    await expect(inside.locator("img, script, iframe, [role=log] article b")).to_have_count(0)
    await expect(his.message(NO_LINKS).locator("a")).to_have_count(0)

    links = his.message(LINKS).locator("a")
    assert [await link.get_attribute("href") for link in await links.all()] == [
        "https://example.org/a?b=c&d=(e)",
        "http://example.org/",
        "mailto:awa@example.org",
    ]
    for link in await links.all():
        assert {"noopener", "noreferrer"} <= set(str(await link.get_attribute("rel")).split())
        assert await link.get_attribute("target") == "_blank"
    spoofed = inside.locator("a", has_text="\u202e")
    await expect(spoofed).to_have_count(0)
    right_to_left = his.message(RTL).locator("span[dir=auto]")
    assert await right_to_left.evaluate("(span) => getComputedStyle(span).direction") == "rtl"


@BOTH
async def test_long_words_do_not_widen_the_page(
    awa: User, koffi: User, fatou: User, visit: Visit, sign_in: SignIn, size: tuple[int, int]
) -> None:
    person = sign_in(awa)
    title = "Sehrlangertitelohneleerzeichen" * 4
    group = person.talk_to(koffi, fatou, title=title)
    for text in (LONG, LONG_LINK, "a\n" * 30, "🚲" * 200):
        person.send(group, text)
    his = await visit(koffi, size=size, language="fr")
    await his.choose(title)
    await expect(his.messages.last).to_be_visible()
    await his.composer.fill(LONG)
    assert await his.fits()
    assert (
        await his.page.evaluate(
            """() => [...document.querySelectorAll("article, article *, h1, nav li")]
              .filter((one) => !one.closest(".visually-hidden"))
              .filter((one) => one.getBoundingClientRect().right > window.innerWidth + 1)
              .map((one) => one.outerHTML.slice(0, 200))"""
        )
        == []
    )


@pytest.fixture
def odd_names(make_user: Callable[..., User]) -> list[User]:
    return [make_user("mallory", display_name=IMAGE), make_user("wide", display_name="W" * 80)]


async def test_a_name_is_text_too(odd_names: list[User], koffi: User, visit: Visit, sign_in: SignIn) -> None:
    for person in odd_names:
        sender = sign_in(person)
        sender.send(sender.talk_to(koffi), "Hi")
    his = await visit(koffi, size=PHONE)
    await expect(his.rows).to_have_count(2)
    assert await his.fits()
    await his.choose(IMAGE)
    await expect(his.page).to_have_title(f"(1) {IMAGE} – Plan B")
    await his.back()
    await his.choose("W" * 80)
    assert await his.fits()
    await expect(his.page.locator("img")).to_have_count(0)


async def test_the_policy_stands_and_what_it_forbids_does_not_happen(awa: User, visit: Visit) -> None:
    her = await visit(awa)
    await expect(her.page.get_by_text("No conversation yet")).to_be_visible()
    answer = await her.page.request.get(her.url + "/")
    rules = dict(part.strip().partition(" ")[::2] for part in answer.headers["content-security-policy"].split(";"))
    assert rules["default-src"] == "'none'"
    assert rules["script-src"] == "'self'"
    assert rules["style-src"] == "'self'"
    assert rules["connect-src"] == "'self'"
    assert rules["frame-ancestors"] == "'none'"
    assert rules["require-trusted-types-for"] == "'script'"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["referrer-policy"] == "same-origin"

    her.allow("CSP: ", "Content Security Policy", "requires 'TrustedHTML' assignment", "[Tt]rusted")
    ran = await her.page.evaluate(
        """async () => {
          const script = document.createElement("script");
          try { script.text = "globalThis.ran = true"; document.head.append(script); } catch {}
          try { document.body.insertAdjacentHTML("beforeend", "<img src=x onerror='globalThis.ran = true'>"); } catch {}
          const other = await fetch("https://example.org/").then(() => "answered", () => "refused");
          return { ran: globalThis.ran === true, other, images: document.images.length };
        }"""
    )
    assert ran == {"ran": False, "other": "refused", "images": 0}


async def test_the_first_load_is_light(awa: User, visit: Visit, record_property: Callable[[str, object], None]) -> None:
    her = await visit(awa)
    await expect(her.page.get_by_text("No conversation yet")).to_be_visible()
    await her.page.wait_for_load_state("networkidle")
    loaded = await her.page.evaluate("() => performance.getEntriesByType('resource').map((entry) => entry.name)")
    scripts: dict[str, int] = {}
    for address in loaded:
        if address.endswith(".js"):
            answer = await her.page.request.get(address)
            scripts[address] = len(gzip.compress(await answer.body(), 9))
    total = sum(scripts.values())
    record_property("javascript_gz_bytes", total)
    print(f"JavaScript of the first load: {total / KILOBYTE:.1f} KiB gz in {len(scripts)} files")
    assert scripts
    assert total < 120 * KILOBYTE
