"""The server goes away and comes back: nothing is lost, nothing stands twice, nobody does anything for it."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import UUID

from playwright.async_api import expect

from chat.swap import message_model
from planb.accounts.models import User
from tests.conftest import Server
from tests.e2e.conftest import Visit
from tests.e2e.screen import NO_SERVER, PHONE, Screen
from tests.people import Person, query

SignIn = Callable[[User], Person]


def stored(conversation: str) -> list[str]:
    """What the database holds, in the order of the conversation."""
    rows = message_model().objects.filter(conversation=UUID(conversation)).order_by("seq")
    return query(lambda: list(rows.values_list("text", flat=True)))


async def connected(*screens: Screen) -> None:
    for screen in screens:
        await expect(screen.thread).to_have_attribute("aria-busy", "false")
        await expect(screen.banner).to_have_count(0)


async def shows(screen: Screen, texts: list[str]) -> None:
    await expect(screen.messages.locator("span[dir=auto]")).to_have_text(texts, timeout=40_000)


async def test_what_was_written_while_the_server_was_dead_arrives_once_and_in_order(
    awa: User, koffi: User, visit: Visit, server: Server, sign_in: SignIn
) -> None:
    person = sign_in(awa)
    conversation = person.talk_to(koffi)
    person.send(conversation, "Before")
    her = await visit(awa, path=f"/c/{conversation}", language="fr")
    his = await visit(koffi, path=f"/c/{conversation}", size=PHONE, dark=True)
    await expect(his.message("Before")).to_be_visible()
    await her.sees_tick("Before", "read")
    for screen in (her, his):
        screen.allow(NO_SERVER)

    server.kill()
    await expect(her.banner).to_contain_text("Hors ligne.")
    await expect(his.banner).to_contain_text("No connection.")
    await expect(his.banner).to_contain_text("Your messages will leave by themselves.")
    for number in (1, 2):
        await her.write(f"Hers {number}")
        await his.write(f"His {number}")
    await her.sees_tick("Hers 2", "waiting")
    await his.sees_tick("His 1", "waiting")
    assert await his.fits()

    # Nobody presses anything.
    server.start()
    await expect(her.message("His 2")).to_be_visible(timeout=40_000)
    await expect(his.message("Hers 2")).to_be_visible(timeout=40_000)
    await expect(her.banner).to_have_count(0)
    await expect(his.banner).to_have_count(0)
    held = stored(conversation)
    assert sorted(held) == ["Before", "Hers 1", "Hers 2", "His 1", "His 2"]
    assert held.index("Hers 1") < held.index("Hers 2")
    assert held.index("His 1") < held.index("His 2")
    await shows(her, held)
    await shows(his, held)
    await her.sees_tick("Hers 2", "read")


async def test_unsent_messages_survive_the_page_and_leave_once(
    awa: User, koffi: User, visit: Visit, server: Server, sign_in: SignIn
) -> None:
    conversation = sign_in(awa).talk_to(koffi)
    her = await visit(awa, path=f"/c/{conversation}")
    await connected(her)
    her.allow(NO_SERVER)
    server.kill()
    await expect(her.banner).to_contain_text("No connection.")
    await her.write("One")
    await her.write("Two")
    await her.sees_tick("Two", "waiting")
    await her.page.close()
    server.start()

    again = await visit(beside=her, path=f"/c/{conversation}")
    await again.sees_tick("One", "sent")
    await again.sees_tick("Two", "sent")
    assert stored(conversation) == ["One", "Two"]
    await shows(again, ["One", "Two"])
    assert her.sent("One") == []
    assert len(again.sent("One")) == 1
    await again.page.reload()
    await shows(again, ["One", "Two"])
    assert stored(conversation) == ["One", "Two"]


async def test_two_tabs_of_one_person_have_one_outbox(
    awa: User, koffi: User, visit: Visit, server: Server, sign_in: SignIn
) -> None:
    conversation = sign_in(awa).talk_to(koffi)
    one = await visit(awa, path=f"/c/{conversation}")
    two = await visit(beside=one, path=f"/c/{conversation}")
    await connected(one, two)
    for tab in (one, two):
        tab.allow(NO_SERVER)
    server.kill()
    await expect(one.banner).to_be_visible()
    await expect(two.banner).to_be_visible()
    await one.write("From the first")
    await expect(two.message("From the first")).to_be_visible()
    await two.write("From the second")
    await expect(one.message("From the second")).to_be_visible()

    server.start()
    for tab in (one, two):
        await expect(tab.tick("From the second")).to_have_attribute(
            "data-tick", re.compile("sent|delivered"), timeout=40_000
        )
        await shows(tab, ["From the first", "From the second"])
    assert stored(conversation) == ["From the first", "From the second"]
    for text in ("From the first", "From the second"):
        assert len(one.sent(text) + two.sent(text)) == 1


async def test_the_other_tab_sends_what_a_closed_one_left(
    awa: User, koffi: User, visit: Visit, server: Server, sign_in: SignIn
) -> None:
    conversation = sign_in(awa).talk_to(koffi)
    one = await visit(awa, path=f"/c/{conversation}")
    await connected(one)
    two = await visit(beside=one, path=f"/c/{conversation}")
    await connected(two)
    for tab in (one, two):
        tab.allow(NO_SERVER)
    server.kill()
    await expect(two.banner).to_be_visible()
    await one.write("Left behind")
    await expect(two.message("Left behind")).to_be_visible()
    await one.page.close()
    server.start()
    await expect(two.tick("Left behind")).to_have_attribute("data-tick", re.compile("sent|delivered"), timeout=40_000)
    assert stored(conversation) == ["Left behind"]
    await shows(two, ["Left behind"])


async def test_a_conversation_opened_while_the_server_is_dead_takes_messages_and_loads_when_it_is_back(
    awa: User, koffi: User, visit: Visit, server: Server, sign_in: SignIn
) -> None:
    person = sign_in(awa)
    conversation = person.talk_to(koffi)
    person.send(conversation, "Before")
    her = await visit(awa, size=PHONE, language="fr")
    await expect(her.row("Koffi")).to_be_visible()
    her.allow(NO_SERVER)
    server.kill()
    await expect(her.banner).to_be_visible()
    await her.choose("Koffi")
    await expect(her.page.get_by_role("alert")).to_contain_text("Les messages n’ont pas pu être chargés.")
    assert await her.holds_its_words(her.page.get_by_role("alert"))
    await her.write("After")
    await her.sees_tick("After", "waiting")
    await expect(her.page.locator("main").get_by_title("Au message le plus récent")).to_have_count(0)

    server.start()
    await shows(her, ["Before", "After"])
    await expect(her.page.get_by_role("alert")).to_have_count(0)
    await her.sees_tick("After", "sent")
