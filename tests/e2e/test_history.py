"""A long conversation: opens where it should, brings older messages in place, keeps the page small."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from playwright.async_api import Route, expect

from chat.services.importing import Entry, import_messages
from planb.accounts.models import User
from tests.e2e.conftest import Visit
from tests.e2e.screen import DESKTOP, PHONE, Screen
from tests.people import Person

SignIn = Callable[[User], Person]
BOTH = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])

COUNT = 600
_LONGER = " Le vélo est en bon état, les freins sont neufs et je suis libre samedi près du marché."

# The message in the middle of the thread, and where it stands.
_UNDER_THE_EYE = """
(thread) => {
  const box = thread.getBoundingClientRect(), middle = box.top + box.height / 2;
  const found = [...thread.querySelectorAll("article")].find((one) => one.getBoundingClientRect().bottom > middle);
  return { text: found.innerText, top: found.getBoundingClientRect().top };
}
"""
# From now on, in every frame: how far the message has strayed from where it stood, at most.
_WATCH = """
(thread, { text, top }) => {
  const watch = (globalThis.watch = { strayed: 0, missing: 0, frames: 0 });
  const look = () => {
    const now = [...thread.querySelectorAll("article")].find((one) => one.innerText === text);
    if (now === undefined) watch.missing += 1;
    else watch.strayed = Math.max(watch.strayed, Math.abs(now.getBoundingClientRect().top - top));
    watch.frames += 1;
    requestAnimationFrame(look);
  };
  look();
}
"""
# From now on, in every frame: which messages were elements, how many at most, and stretches with a hole or a swap.
_RECORD = """
(thread) => {
  const record = (globalThis.record = { seen: new Set(), torn: [], most: 0 });
  const look = () => {
    const texts = [...thread.querySelectorAll("article span[dir=auto]")].map((one) => one.textContent);
    const numbers = texts.map((text) => Number(/^Message (\\d+)/.exec(text)?.[1]));
    for (const number of numbers) record.seen.add(number);
    if (numbers.some((number, place) => number !== numbers[0] + place)) record.torn.push(numbers);
    record.most = Math.max(record.most, numbers.length);
    requestAnimationFrame(look);
  };
  look();
}
"""
_NEXT_FRAMES = """
(thread) => new Promise((go) => requestAnimationFrame(() => requestAnimationFrame(() => go(thread.scrollTop))))
"""
# Resolves once nothing has moved for twelve frames.
_AT_REST = """
(thread) => new Promise((resolve) => {
  let still = 0, before = "";
  const look = () => {
    const now = `${thread.scrollTop} ${thread.scrollHeight}`;
    still = now === before ? still + 1 : 0;
    before = now;
    if (still >= 12) resolve();
    else requestAnimationFrame(look);
  };
  look();
})
"""


def text_of(number: int) -> str:
    """Rows of several heights, so that a guess of their height is wrong."""
    return f"Message {number}." + _LONGER * (number % 4 if number % 7 else 6)


@pytest.fixture
def long_conversation(awa: User, koffi: User, sign_in: SignIn) -> str:
    conversation = sign_in(awa).talk_to(koffi)
    begin = datetime.now(UTC) - timedelta(days=40)
    entries = [
        Entry(sender=(awa, koffi)[number % 2], text=text_of(number), created_at=begin + timedelta(hours=number))
        for number in range(1, COUNT + 1)
    ]
    import_messages(conversation=UUID(conversation), entries=entries)
    return conversation


async def scroll_to(screen: Screen, top: float) -> None:
    """By the wheel, as a person does."""
    await screen.thread.hover()
    now = await screen.thread.evaluate("(thread) => thread.scrollTop")
    await screen.page.mouse.wheel(0, top - now)
    await screen.thread.evaluate(_AT_REST)


@BOTH
async def test_it_opens_at_the_newest_message(
    awa: User, long_conversation: str, visit: Visit, size: tuple[int, int]
) -> None:
    her = await visit(awa, path=f"/c/{long_conversation}", size=size)
    await expect(her.message(text_of(COUNT))).to_be_in_viewport()
    await her.thread.evaluate(_AT_REST)
    await expect(her.message(text_of(COUNT))).to_be_in_viewport()
    left = await her.thread.evaluate("(thread) => thread.scrollHeight - thread.scrollTop - thread.clientHeight")
    assert left <= 1
    assert await her.messages.count() < 60


@BOTH
async def test_older_messages_come_in_above_and_the_one_being_read_stays_where_it_is(
    awa: User, long_conversation: str, visit: Visit, size: tuple[int, int]
) -> None:
    her = await visit(awa, path=f"/c/{long_conversation}", size=size)
    await expect(her.message(text_of(COUNT))).to_be_in_viewport()
    await her.thread.evaluate(_AT_REST)
    answer = asyncio.Event()

    async def hold(route: Route) -> None:
        await answer.wait()
        await route.continue_()

    await her.page.route("**/messages?*before=*", hold)
    for _page in range(3):
        answer.clear()
        before = await her.thread.evaluate("(thread) => thread.scrollHeight")
        async with her.page.expect_request("**/messages?*before=*"):
            await scroll_to(her, 300)
        # While the answer is under way, somebody reads.
        await her.thread.evaluate(_AT_REST)
        eye = await her.thread.evaluate(_UNDER_THE_EYE)
        await her.thread.evaluate(_WATCH, eye)
        answer.set()
        await her.page.wait_for_function(
            "([thread, before]) => thread.scrollHeight > before + 1000",
            arg=[await her.thread.element_handle(), before],
        )
        await her.thread.evaluate(_AT_REST)
        watch = await her.page.evaluate("globalThis.watch")
        assert watch["missing"] == 0, watch
        assert watch["strayed"] <= 3, watch


@BOTH
async def test_scrolling_up_reaches_the_first_message_with_few_elements_on_the_page(
    awa: User, long_conversation: str, visit: Visit, size: tuple[int, int]
) -> None:
    her = await visit(awa, path=f"/c/{long_conversation}", size=size)
    await expect(her.message(text_of(COUNT))).to_be_in_viewport()
    await her.thread.evaluate(_RECORD)
    await her.thread.hover()
    for _turn in range(400):
        await her.page.mouse.wheel(0, -size[1] * 0.8)
        if await her.thread.evaluate(_NEXT_FRAMES) == 0 and await her.message(text_of(1)).count():
            break
    await expect(her.message(text_of(1))).to_be_in_viewport()
    record = await her.page.evaluate("({ ...globalThis.record, seen: [...globalThis.record.seen] })")
    assert sorted(record["seen"]) == list(range(1, COUNT + 1))
    assert record["torn"] == []
    assert record["most"] < 60

    await her.page.locator("main").get_by_title("To the newest message").click()
    await expect(her.message(text_of(COUNT))).to_be_in_viewport()
    await her.write("Still here")
    await expect(her.message("Still here")).to_be_in_viewport()


async def test_somebody_who_reads_older_messages_is_not_pulled_away_by_a_new_one(
    awa: User, koffi: User, long_conversation: str, visit: Visit, sign_in: SignIn
) -> None:
    her = await visit(awa, path=f"/c/{long_conversation}")
    await expect(her.message(text_of(COUNT))).to_be_in_viewport()
    await her.thread.evaluate(_AT_REST)
    await scroll_to(her, await her.thread.evaluate("(thread) => thread.scrollTop") - 600)
    eye = await her.thread.evaluate(_UNDER_THE_EYE)
    await her.thread.evaluate(_WATCH, eye)
    sign_in(koffi).send(long_conversation, "Hello?")
    jump = her.page.locator("main").get_by_title("To the newest message")
    await expect(jump).to_contain_text("1")
    await her.thread.evaluate(_AT_REST)
    assert (await her.page.evaluate("globalThis.watch"))["strayed"] <= 1
    await jump.click()
    await expect(her.message("Hello?")).to_be_in_viewport()
    await expect(her.badge("Koffi")).to_have_count(0)


async def test_it_opens_at_the_first_unread_message(
    awa: User, koffi: User, long_conversation: str, visit: Visit, sign_in: SignIn
) -> None:
    writer = sign_in(koffi)
    for number in range(1, 26):
        writer.send(long_conversation, f"News {number}\nthree\nlines")
    her = await visit(awa)
    await her.choose("Koffi")
    await expect(her.thread.get_by_text("25 new messages")).to_be_in_viewport()
    await expect(her.message("News 1 three lines")).to_be_in_viewport()
    await expect(her.badge("Koffi")).to_have_text("25")
