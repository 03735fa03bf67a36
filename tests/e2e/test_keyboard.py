"""Everything by keyboard, and one always sees where one is."""

from __future__ import annotations

from collections.abc import Callable

from playwright.async_api import expect

from planb.accounts.models import User
from tests.e2e.conftest import PASSWORD, Visit
from tests.e2e.screen import PHONE, Screen
from tests.people import Person

SignIn = Callable[[User], Person]

# What draws the focus: an outline, or a shadow or border that the same element has not without it.
_FOCUS = """
() => {
  const look = (element) => {
    const { outlineStyle, outlineWidth, boxShadow, borderColor, backgroundColor } = getComputedStyle(element);
    const outline = outlineStyle === "none" || outlineWidth === "0px" ? "" : outlineWidth;
    return { outline, rest: `${boxShadow} ${borderColor} ${backgroundColor}` };
  };
  const focused = document.activeElement;
  if (focused === null || focused === document.body) return { what: "nothing", visible: false };
  const chain = [focused, focused.parentElement, focused.nextElementSibling].filter((one) => one !== null);
  const on = chain.map(look);
  focused.blur();
  const off = chain.map(look);
  focused.focus({ preventScroll: true, focusVisible: true });
  const box = focused.getBoundingClientRect();
  return {
    what: focused.getAttribute("aria-label") ?? focused.getAttribute("name") ?? focused.innerText ?? focused.tagName,
    visible:
      (box.width > 0 || focused.matches("input[type=radio]")) &&
      on.some((with_, place) => (with_.outline !== "" && off[place].outline === "") || with_.rest !== off[place].rest),
  };
}
"""


async def sees_the_focus(screen: Screen) -> str:
    found = await screen.page.evaluate(_FOCUS)
    assert found["visible"], f"one does not see the focus on {found['what']!r}"
    return str(found["what"])


async def test_sign_in_choose_write_and_go_back_without_a_mouse(
    awa: User, koffi: User, fatou: User, visit: Visit, sign_in: SignIn
) -> None:
    person = sign_in(awa)
    person.send(person.talk_to(fatou), "To Fatou")
    person.send(person.talk_to(koffi), "To Koffi")
    her = await visit()
    keys = her.page.keyboard
    await expect(her.page.locator("input[name=username]")).to_be_focused()
    await keys.type("awa")
    await keys.press("Tab")
    await keys.type(PASSWORD)
    await keys.press("Enter")
    await expect(her.rows).to_have_count(2)

    await keys.press("/")
    search = her.page.get_by_role("searchbox")
    await expect(search).to_be_focused()
    await sees_the_focus(her)
    await keys.press("ArrowDown")
    await expect(her.row("Koffi")).to_be_focused()
    await sees_the_focus(her)
    await keys.press("ArrowDown")
    await expect(her.row("Fatou")).to_be_focused()
    await keys.press("Enter")
    await expect(her.heading).to_have_text("Fatou Diallo")
    await expect(her.composer).to_be_focused()
    await keys.type("By hand")
    await keys.press("Shift+Enter")
    await keys.type("and a second line")
    await keys.press("Enter")
    await her.sees_tick("By hand and a second line", "sent")
    await expect(her.composer).to_be_focused()
    await expect(her.composer).to_have_value("")

    await keys.press("Escape")
    await expect(her.page.get_by_text("Choose a conversation")).to_be_visible()
    await expect(her.row("Fatou")).to_be_focused()
    await sees_the_focus(her)


async def test_every_stop_of_the_tab_key_shows_where_one_is(
    awa: User, koffi: User, visit: Visit, sign_in: SignIn
) -> None:
    signing = await visit(language="fr")
    await expect(signing.page.locator("input[name=username]")).to_be_focused()
    assert len(await walk(signing, 6)) == 6
    person = sign_in(awa)
    conversation = person.talk_to(koffi)
    person.send(conversation, "Hello")
    her = await visit(awa, path=f"/c/{conversation}")
    await expect(her.message("Hello")).to_be_visible()
    await her.composer.fill("x")
    # The field, the button, and around the page to what stands before them.
    stops = await walk(her, 8)
    assert {"Message to Koffi Ouattara", "Messages"} <= set(stops)


async def walk(screen: Screen, stops: int) -> list[str]:
    found = []
    for _stop in range(stops):
        await screen.page.keyboard.press("Tab")
        if await screen.page.evaluate("document.hasFocus() && document.activeElement !== document.body"):
            found.append(await sees_the_focus(screen))
    return found


async def test_a_dialog_keeps_the_focus_and_gives_it_back(awa: User, koffi: User, visit: Visit) -> None:
    her = await visit(awa, size=PHONE)
    button = her.page.get_by_title("New conversation")
    await expect(her.page.get_by_text("No conversation yet")).to_be_visible()
    await button.focus()
    await her.page.keyboard.press("Enter")
    await expect(her.dialog.locator("input[name=people]")).to_be_focused()
    await her.page.keyboard.type("koffi")
    await expect(her.dialog.locator("button[aria-pressed]")).to_have_count(1)
    for _stop in range(6):
        await her.page.keyboard.press("Tab")
        inside = "document.querySelector('dialog').contains(document.activeElement)"
        # Past its last stop a modal dialog lets the browser's own controls have the focus.
        assert await her.page.evaluate(f"{inside} || document.activeElement === document.body")
    await her.page.keyboard.press("Escape")
    await expect(her.dialog).to_have_count(0)
    await expect(button).to_be_focused()
