"""Two people in two browsers: what one does, the other sees."""

from __future__ import annotations

import re
from collections.abc import Callable
from uuid import uuid4

from playwright.async_api import expect

from planb.accounts.models import User
from tests.e2e.conftest import PASSWORD, Visit
from tests.e2e.screen import PHONE
from tests.people import Person

SignIn = Callable[[User], Person]


def first(text: str) -> dict[str, str]:
    """What a conversation begins with: before it, the other side knows of nothing and shares no presence."""
    return {"client_id": str(uuid4()), "text": text}


async def test_a_message_appears_in_the_other_window_and_its_ticks_follow(
    awa: User, koffi: User, visit: Visit, sign_in: SignIn
) -> None:
    sign_in(awa).talk_to(koffi)
    her = await visit(language="fr")
    await her.sign_in("awa", PASSWORD)
    await her.choose("Koffi")
    await her.write("Bonjour Koffi, le vélo est toujours là ?")
    await her.sees_tick("Bonjour Koffi, le vélo est toujours là ?", "sent")

    his = await visit(size=PHONE, dark=True)
    await his.sign_in("koffi", PASSWORD)
    await expect(his.row("Awa")).to_contain_text("le vélo est toujours là")
    await her.sees_tick("Bonjour Koffi, le vélo est toujours là ?", "delivered")
    await his.choose("Awa")
    await her.sees_tick("Bonjour Koffi, le vélo est toujours là ?", "read")

    await his.write("Yes, it is!")
    await expect(her.message("Yes, it is!")).to_be_visible()
    await his.sees_tick("Yes, it is!", "read")
    await her.write("Super, à demain.")
    await expect(his.message("Super, à demain.")).to_be_visible()
    await her.sees_tick("Super, à demain.", "read")
    assert await her.texts() == await his.texts()
    assert await his.fits()
    assert await her.fits()


async def test_typing_shows_and_ends(awa: User, koffi: User, visit: Visit, sign_in: SignIn) -> None:
    conversation = sign_in(awa).talk_to(koffi, message=first("Bonjour"))
    her = await visit(awa, path=f"/c/{conversation}", language="fr")
    his = await visit(koffi, path=f"/c/{conversation}", size=PHONE)
    await expect(his.composer).to_be_editable()
    await his.composer.press_sequentially("Hm")
    await expect(her.status).to_have_text("écrit…")
    await expect(her.row("Koffi")).to_contain_text("écrit…")
    await his.composer.fill("")
    await expect(her.status).to_have_text("En ligne")
    await expect(her.row("Koffi")).to_contain_text("Bonjour")

    await his.composer.press_sequentially("Hello")
    await expect(her.status).to_have_text("écrit…")
    await his.composer.press("Enter")
    await expect(her.message("Hello")).to_be_visible()
    await expect(her.status).to_have_text("En ligne")


async def test_who_closes_the_window_goes_offline_after_the_grace(
    awa: User, koffi: User, visit: Visit, sign_in: SignIn
) -> None:
    conversation = sign_in(awa).talk_to(koffi, message=first("Bonjour"))
    her = await visit(awa, path=f"/c/{conversation}", language="fr")
    await expect(her.status).to_have_text("Hors ligne")
    his = await visit(koffi, size=PHONE)
    await expect(her.status).to_have_text("En ligne")
    await expect(her.row("Koffi").locator("[data-presence=online]")).to_be_visible()
    await his.page.close()
    await expect(her.status).to_have_text(re.compile("^En ligne .*(maintenant|il y a|à l’instant)|^Hors ligne"))
    await expect(her.row("Koffi").locator("[data-presence]")).to_have_count(0)


async def test_reading_clears_the_badge_and_the_title_on_both_devices(
    awa: User, koffi: User, visit: Visit, sign_in: SignIn
) -> None:
    sender = sign_in(awa)
    conversation = sender.talk_to(koffi)
    phone = await visit(koffi, size=PHONE)
    desk = await visit(koffi)
    await expect(phone.page).to_have_title("Plan B")
    sender.send(conversation, "One")
    sender.send(conversation, "Two")
    for device in (phone, desk):
        await expect(device.badge("Awa")).to_have_text("2")
        await expect(device.page).to_have_title("(1) Plan B")
    await phone.choose("Awa")
    await expect(phone.page).to_have_title("Awa Koné – Plan B")
    await expect(desk.badge("Awa")).to_have_count(0)
    await expect(desk.page).to_have_title("Plan B")
    await phone.back()
    await expect(phone.row("Awa")).to_be_visible()
    await expect(phone.badge("Awa")).to_have_count(0)
