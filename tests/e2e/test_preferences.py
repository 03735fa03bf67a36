"""Language and colours: chosen once, at once, and kept."""

from __future__ import annotations

import pytest
from playwright.async_api import expect

from planb.accounts.models import User
from tests.e2e.conftest import Visit
from tests.e2e.screen import DESKTOP, PHONE, Screen

BOTH = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])
DARK, LIGHT = True, False


async def is_dark(screen: Screen) -> bool:
    return bool(
        await screen.page.evaluate(
            """() => {
              const { backgroundColor } = getComputedStyle(document.querySelector("#root > :not(dialog)"));
              const [red, green, blue] = backgroundColor.match(/[\\d.]+/g).map(Number);
              return red + green + blue < 384;
            }"""
        )
    )


async def choose(screen: Screen, option: str) -> None:
    await screen.page.locator("fieldset label", has_text=option).click()


@BOTH
async def test_the_language_changes_at_once_and_stays(awa: User, visit: Visit, size: tuple[int, int]) -> None:
    her = await visit(awa, size=size, language="fr")
    await expect(her.page.get_by_text("Pas encore de conversation")).to_be_visible()
    await her.page.get_by_role("button", name="Compte et réglages").click()
    await choose(her, "English")
    await expect(her.page.get_by_role("button", name="Sign out")).to_be_visible()
    await expect(her.page.locator("html")).to_have_attribute("lang", "en")
    assert await her.fits()
    await her.page.reload()
    await expect(her.page.get_by_text("No conversation yet")).to_be_visible()
    await her.page.get_by_role("button", name="Account and settings").click()
    await choose(her, "Français")
    await expect(her.page.get_by_role("button", name="Se déconnecter")).to_be_visible()


async def test_nobody_who_is_not_signed_in_yet_has_to_read_another_language(visit: Visit) -> None:
    somebody = await visit(language="fr", size=PHONE)
    await expect(somebody.page.locator("h1")).to_have_text("Content de vous revoir")
    await choose(somebody, "English")
    await expect(somebody.page.locator("h1")).to_have_text("Good to see you again")
    await somebody.page.reload()
    await expect(somebody.page.locator("h1")).to_have_text("Good to see you again")


@pytest.mark.parametrize(("system", "choice"), [(LIGHT, "Dark"), (DARK, "Light")])
async def test_the_colours_follow_the_system_until_somebody_chooses(
    awa: User, visit: Visit, system: bool, choice: str
) -> None:
    her = await visit(awa, dark=system)
    await expect(her.page.get_by_text("No conversation yet")).to_be_visible()
    assert await is_dark(her) is system
    await her.page.get_by_role("button", name="Account and settings").click()
    await choose(her, choice)
    await expect(her.page.locator("html")).to_have_attribute("data-theme", choice.lower())
    assert await is_dark(her) is not system
    # The server's page has it before any script runs: no flash of the other.
    page = await her.page.request.get(her.url + "/")
    assert f'data-theme="{choice.lower()}"' in await page.text()
    await her.page.reload()
    await expect(her.page.get_by_text("No conversation yet")).to_be_visible()
    assert await is_dark(her) is not system
    await her.page.get_by_role("button", name="Account and settings").click()
    await choose(her, "System")
    await expect(her.page.locator("html:not([data-theme])")).to_have_count(1)
    assert await is_dark(her) is system
