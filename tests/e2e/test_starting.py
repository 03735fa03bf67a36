"""Conversations that begin in the window, and a stranger who sees nothing of them."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.async_api import expect

from planb.accounts.models import User
from tests.e2e.conftest import Visit
from tests.e2e.screen import DESKTOP, PHONE, Screen
from tests.people import Person

SignIn = Callable[[User], Person]
BOTH = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])


async def pick(screen: Screen, typed: str, name: str) -> None:
    await screen.dialog.locator("input[name=people]").fill(typed)
    await screen.dialog.locator("button[aria-pressed]", has_text=name).click()


@BOTH
async def test_a_conversation_with_a_person_found_by_name_begins_in_both_windows(
    awa: User, koffi: User, fatou: User, visit: Visit, size: tuple[int, int]
) -> None:
    his = await visit(koffi)
    await expect(his.page.get_by_text("No conversation yet")).to_be_visible()
    her = await visit(awa, size=size)
    await her.page.get_by_title("New conversation").click()
    await pick(her, "koff", "Koffi Ouattara")
    assert await her.fits()
    await her.dialog.get_by_role("button", name="Start the conversation").click()
    await expect(her.heading).to_have_text("Koffi Ouattara")
    await expect(her.dialog).to_have_count(0)
    await her.write("Bonjour Koffi")
    await his.choose("Awa Koné")
    await expect(his.message("Bonjour Koffi")).to_be_visible()
    await expect(his.page.locator("nav li")).to_have_count(1)
    # From the first message on, they see each other.
    for screen in (her, his):
        await expect(screen.status).to_have_text("Online")


async def test_a_group_begins_for_all_its_members(awa: User, koffi: User, fatou: User, visit: Visit) -> None:
    his = await visit(koffi, size=PHONE)
    her = await visit(awa, language="fr")
    await her.page.get_by_title("Nouvelle conversation").click()
    await pick(her, "koffi", "Koffi Ouattara")
    await pick(her, "diallo", "Fatou Diallo")
    create = her.dialog.get_by_role("button", name="Créer le groupe")
    await expect(create).to_be_disabled()
    await her.dialog.locator("input[name=title]").fill("Vélo Cocody")
    await create.click()
    await expect(her.heading).to_have_text("Vélo Cocody")
    await expect(her.status).to_have_text("3 personnes")
    await her.write("Samedi ?")
    await his.choose("Vélo Cocody")
    await expect(his.message("Samedi ?")).to_contain_text("Awa Koné")
    await his.write("Ok for me")
    hers = await visit(fatou)
    await hers.choose("Vélo Cocody")
    await expect(hers.message("Ok for me")).to_be_visible()
    await expect(her.message("Ok for me")).to_contain_text("Koffi Ouattara")


async def test_a_stranger_with_an_open_window_sees_and_hears_nothing_of_it(
    awa: User, koffi: User, fatou: User, yao: User, visit: Visit, sign_in: SignIn
) -> None:
    stranger = await visit(yao)
    await expect(stranger.page.get_by_text("No conversation yet")).to_be_visible()
    conversation = sign_in(awa).talk_to(koffi)
    group = sign_in(awa).talk_to(koffi, fatou, title="Without him")
    her = await visit(awa, path=f"/c/{conversation}")
    await her.write("Between us")
    his = await visit(koffi, path=f"/c/{conversation}")
    await his.composer.press_sequentially("Hm")
    await expect(her.status).to_have_text("typing…")
    await his.write("Only us")
    await expect(her.message("Only us")).to_be_visible()
    sign_in(fatou).send(group, "Nor him")

    stranger.allow(r"status of 404")
    for path in (f"/c/{conversation}", f"/c/{group}"):
        await stranger.go(path)
        await expect(stranger.page.get_by_role("alert")).to_contain_text("does not exist, or it is not yours")
    # Events keep their order: what is meant for him comes last.
    sign_in(fatou).send(sign_in(fatou).talk_to(yao), "For you")
    await expect(stranger.row("Fatou")).to_contain_text("For you")
    await expect(stranger.rows).to_have_count(1)
    heard = "\n".join(stranger.heard)
    assert "For you" in heard
    for secret in (conversation, group, "Between us", "Only us", "Nor him", "Without him", str(awa.pk), str(koffi.pk)):
        # What he asked for himself is named in no answer either.
        assert secret not in heard
    await expect(stranger.page.locator("body")).not_to_contain_text("Koffi")
