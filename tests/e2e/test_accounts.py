"""Coming in, being thrown out, going out."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from playwright.async_api import expect

from chat.swap import message_model
from planb.accounts.models import Session, User
from planb.accounts.services import sessions
from tests.conftest import Server
from tests.e2e.conftest import PASSWORD, Visit
from tests.e2e.screen import DESKTOP, NO_SERVER, PHONE, Screen
from tests.people import Person, query

SignIn = Callable[[User], Person]
BOTH = pytest.mark.parametrize("size", [DESKTOP, PHONE], ids=["desktop", "phone"])

SESSION_OVER = r"status of 401"
_STORED = """
async () => {
  const found = { local: { ...localStorage }, outbox: [] };
  for (const { name } of await indexedDB.databases()) {
    const database = await new Promise((resolve, reject) => {
      const opening = indexedDB.open(name);
      opening.onsuccess = () => resolve(opening.result);
      opening.onerror = reject;
    });
    for (const store of database.objectStoreNames) {
      const rows = await new Promise((resolve) => {
        const asking = database.transaction(store).objectStore(store).getAll();
        asking.onsuccess = () => resolve(asking.result);
      });
      found.outbox.push(...rows);
    }
    database.close();
  }
  return found;
}
"""


async def end_all_other_sessions(person: Person) -> None:
    """Over REST, as the list of one's devices does it."""
    for session in query(lambda: list(Session.objects.filter(user=person.user).values_list("pk", flat=True))):
        if str(session) != person.session:
            assert person.call("DELETE", f"auth/sessions/{session}").status_code == 204


async def menu(screen: Screen, item: str) -> None:
    await screen.page.get_by_role("button", name="Account and settings").click()
    await screen.page.get_by_role("button", name=item).click()


@BOTH
async def test_somebody_new_makes_an_account_and_is_in(koffi: User, visit: Visit, size: tuple[int, int]) -> None:
    new = await visit(size=size)
    await new.page.get_by_role("button", name="Create an account").click()
    await new.page.locator("input[name=display_name]").fill("Aminata Traoré")
    assert await new.fits()
    await new.sign_in("aminata", "une-longue-phrase-secrete")
    await expect(new.page.get_by_text("No conversation yet")).to_be_visible()
    await new.page.reload()
    await expect(new.page.get_by_text("No conversation yet")).to_be_visible()
    assert query(lambda: User.objects.get(username="aminata").display_name) == "Aminata Traoré"


async def test_a_name_that_is_taken_is_said_beside_its_field(awa: User, visit: Visit) -> None:
    new = await visit(language="fr", size=PHONE)
    new.allow(r"status of 4(00|09)")
    await new.page.get_by_role("button", name="Créer un compte").click()
    await new.page.locator("input[name=display_name]").fill("Une autre Awa")
    await new.sign_in("awa", "une-longue-phrase-secrete")
    await expect(new.page.locator("form")).to_contain_text("Cet identifiant est déjà pris.")
    assert query(User.objects.count) == 1


async def test_a_wrong_password_is_told_and_another_try_is_open(awa: User, visit: Visit) -> None:
    her = await visit(language="fr")
    her.allow(SESSION_OVER)
    await her.sign_in("awa", "faux")
    await expect(her.page.get_by_role("alert")).to_have_text("L’identifiant ou le mot de passe est faux.")
    await expect(her.page.locator("input[name=password]")).to_be_focused()
    await her.sign_in("awa", PASSWORD)
    await expect(her.page.get_by_text("Pas encore de conversation")).to_be_visible()


@BOTH
async def test_a_session_ended_elsewhere_asks_for_the_password_and_goes_on_where_it_was(
    awa: User, koffi: User, visit: Visit, sign_in: SignIn, size: tuple[int, int]
) -> None:
    person = sign_in(awa)
    conversation = person.talk_to(koffi)
    person.send(conversation, "Before")
    her = await visit(awa, path=f"/c/{conversation}", size=size, language="fr")
    await expect(her.message("Before")).to_be_visible()
    await her.composer.fill("Half a sent")
    her.allow(SESSION_OVER)
    await end_all_other_sessions(person)
    await expect(her.dialog).to_contain_text("Votre session a pris fin")
    assert await her.fits()
    assert await her.holds_its_words(her.dialog)
    await her.page.keyboard.press("Escape")
    await expect(her.dialog).to_be_visible()

    await her.sign_in("awa", PASSWORD)
    await expect(her.dialog).to_have_count(0)
    await expect(her.composer).to_have_value("Half a sent")
    await her.composer.press_sequentially("ence")
    await her.composer.press("Enter")
    await her.sees_tick("Half a sentence", "sent")


async def test_a_message_that_waits_outlives_the_session_it_was_written_in(
    awa: User, koffi: User, visit: Visit, server: Server, sign_in: SignIn
) -> None:
    conversation = sign_in(awa).talk_to(koffi)
    her = await visit(awa, path=f"/c/{conversation}")
    await expect(her.thread).to_have_attribute("aria-busy", "false")
    her.allow(SESSION_OVER, NO_SERVER)
    server.kill()
    await expect(her.banner).to_be_visible()
    await her.write("Written before")
    query(lambda: sessions.end_sessions_of(user=awa))
    server.start()
    await expect(her.dialog).to_contain_text("Your session has ended", timeout=40_000)
    assert query(message_model().objects.count) == 0
    await her.sign_in("awa", PASSWORD)
    await her.sees_tick("Written before", "sent")
    assert query(message_model().objects.count) == 1


async def test_signing_out_leaves_nothing_on_the_machine(awa: User, koffi: User, visit: Visit, sign_in: SignIn) -> None:
    person = sign_in(awa)
    conversation = person.talk_to(koffi)
    person.send(conversation, "Secret")
    her = await visit(awa, path=f"/c/{conversation}")
    await expect(her.message("Secret")).to_be_visible()
    tab = await visit(beside=her)
    await expect(tab.row("Koffi")).to_be_visible()
    await her.composer.fill("A draft")
    await her.page.wait_for_function("() => Object.values(localStorage).includes('A draft')")

    her.allow(SESSION_OVER)
    tab.allow(SESSION_OVER)
    async with her.page.expect_response("**/auth/token/revoke"):
        await menu(her, "Sign out")
    for screen in (her, tab):
        await expect(screen.page.locator("input[name=password]")).to_be_visible()
        await expect(screen.page.locator("body")).not_to_contain_text("Koffi")
    await expect(her.page).to_have_title("Plan B")
    left = await her.page.evaluate(_STORED)
    assert left["outbox"] == []
    assert not [value for value in left["local"].values() if "draft" in value.lower()]
    assert not [name for name in left["local"] if str(awa.pk) in name or conversation in name]
    assert [cookie["name"] for cookie in await her.context.cookies()] == []
    await her.page.reload()
    await expect(her.page.locator("input[name=password]")).to_be_visible()


async def test_signing_out_with_unsent_messages_asks_first(
    awa: User, koffi: User, visit: Visit, server: Server, sign_in: SignIn
) -> None:
    conversation = sign_in(awa).talk_to(koffi)
    her = await visit(awa, path=f"/c/{conversation}")
    await expect(her.thread).to_have_attribute("aria-busy", "false")
    her.allow(NO_SERVER, SESSION_OVER)
    server.kill()
    await expect(her.banner).to_be_visible()
    await her.write("Never sent")
    await menu(her, "Sign out")
    await expect(her.dialog).to_contain_text("1 message has not left yet.")
    await her.dialog.get_by_role("button", name="Stay").click()
    await her.sees_tick("Never sent", "waiting")
    await menu(her, "Sign out")
    await her.dialog.get_by_role("button", name="Sign out anyway").click()
    await expect(her.page.locator("input[name=password]")).to_be_visible()
    assert (await her.page.evaluate(_STORED))["outbox"] == []

    server.start()
    await her.page.reload()
    await her.sign_in("awa", PASSWORD)
    await her.choose("Koffi")
    await expect(her.page.get_by_text("No message yet. Say hello!")).to_be_visible()
    assert query(message_model().objects.count) == 0
