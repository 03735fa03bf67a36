import { setupI18n } from "@lingui/core";
import { expect, test } from "vitest";
import { ago, clockTime, dayLabel, rowTime } from "./dates";
import { errorText } from "./errors";
import { textLength } from "./length";
import { AVATAR_COLOURS, avatarColour, conversationTitle, initials, peopleNamed } from "./names";
import { previewText, systemText } from "./preview";
import { matches } from "./search";
import { aConversation, aMessage, aMine, aUser, i18n } from "./stories";
import { messageTick } from "./ticks";
import { typingText } from "./typing";

const users = {
  awa: aUser("awa", "Awa Koné"),
  koffi: aUser("koffi", "Koffi Ouattara"),
  fatou: aUser("fatou", "Fatou Diallo"),
};
const reader = { me: "awa", users, group: false, i18n };
const NOW = new Date(2026, 10, 22, 15, 0, 0);

test("names days by how far they lie back", () => {
  expect(dayLabel(new Date(2026, 10, 22, 0, 1), NOW, i18n)).toBe("Today");
  expect(dayLabel(new Date(2026, 10, 21, 23, 59), NOW, i18n)).toBe("Yesterday");
  expect(dayLabel(new Date(2026, 10, 17, 9, 0), NOW, i18n)).toBe("Tuesday");
  expect(dayLabel(new Date(2026, 10, 15, 9, 0), NOW, i18n)).toBe("Sunday, November 15");
  expect(dayLabel(new Date(2025, 11, 31, 9, 0), NOW, i18n)).toBe("December 31, 2025");
});

test("a day label survives the night in which the clock changes", () => {
  const before = new Date(2026, 2, 28, 12);
  expect(dayLabel(before, new Date(2026, 2, 29, 12), i18n)).toBe("Yesterday");
  expect(dayLabel(before, new Date(2026, 2, 30, 0, 5), i18n)).toBe("Saturday");
});

test("a clock that runs behind the server shows the time, not tomorrow", () => {
  expect(rowTime(new Date(2026, 10, 23, 0, 1), NOW, i18n)).toMatch(/12:01/);
});

test("writes times as the reader's region does, within the language of the screens", () => {
  const at = new Date(2026, 10, 22, 15, 5);
  const inRegion = (tag: string) => setupI18n({ locale: "en", locales: [tag], messages: { en: {} } });
  expect(clockTime(at, inRegion("en-GB"))).toBe("15:05");
  expect(clockTime(at, inRegion("en-US"))).toMatch(/^3:05\sPM$/u);
});

test("tells how long ago somebody was here, never 'in' the future", () => {
  expect(ago(new Date(NOW.getTime() + 5_000), NOW, i18n)).toBe("1 minute ago");
  expect(ago(new Date(NOW.getTime() - 3 * 3_600_000), NOW, i18n)).toBe("3 hours ago");
  expect(ago(new Date(2026, 10, 21, 9, 0), NOW, i18n)).toBe("yesterday");
});

test("takes the letters of the first and the last word", () => {
  expect(initials("Awa Koné")).toBe("AK");
  expect(initials("  fatou  ")).toBe("F");
  expect(initials("Groupe « Vélo » – Cocody")).toBe("GC");
  expect(initials("李 小龍")).toBe("李小");
  expect(initials("🙂 …")).toBe("?");
});

test("gives the same person the same colour, always one of the palette", () => {
  expect(avatarColour("koffi")).toBe(avatarColour("koffi"));
  for (const id of ["", "1", "é", "0190-…"]) expect(AVATAR_COLOURS).toContain(avatarColour(id));
});

test("every avatar colour carries white letters with a contrast of 4.5", () => {
  const part = (hex: string, from: number) => {
    const value = Number.parseInt(hex.slice(from, from + 2), 16) / 255;
    return value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4;
  };
  for (const hex of AVATAR_COLOURS) {
    const luminance = 0.2126 * part(hex, 1) + 0.7152 * part(hex, 3) + 0.0722 * part(hex, 5);
    expect(1.05 / (luminance + 0.05), hex).toBeGreaterThanOrEqual(4.5);
  }
});

test("calls a conversation by the other person, its title, or the names of the others", () => {
  expect(conversationTitle(aConversation(), users, "awa", "?")).toBe("Koffi Ouattara");
  const participants = ["awa", "koffi", "fatou", "nobody"].map((user) => ({
    user,
    role: "member",
    joined_at: "2026-11-01T10:00:00.000Z",
  }));
  const group = { kind: "group", participants, participant_count: 9 };
  expect(conversationTitle(aConversation(group), users, "awa", "?")).toBe(
    "Koffi Ouattara, Fatou Diallo, ? +5",
  );
  expect(conversationTitle(aConversation({ ...group, title: "Vélo" }), users, "awa", "?")).toBe("Vélo");
});

test("a preview says who wrote, where that is not clear", () => {
  expect(previewText(aMessage({ text: "Bonjour\n\n  Awa" }), reader)).toBe("Bonjour Awa");
  expect(previewText(aMessage({ sender: "awa", text: "Oui" }), reader)).toBe("You: Oui");
  expect(previewText(aMessage({ text: "Oui" }), { ...reader, group: true })).toBe("Koffi: Oui");
  expect(previewText(aMessage({ sender: null, text: "Oui" }), { ...reader, group: true })).toBe(
    "Deleted account: Oui",
  );
});

test("a preview never shows what was deleted or hidden", () => {
  expect(previewText(aMessage({ text: "secret", deleted_at: NOW.toISOString() }), reader)).toBe(
    "Message deleted",
  );
  expect(previewText(aMessage({ text: "secret", hidden_at: NOW.toISOString() }), reader)).not.toContain(
    "secret",
  );
});

test("tells what happened in words, and falls back on the server's for events from the future", () => {
  const added = { event: "participants_added", actor: "awa", users: ["koffi", "fatou"] };
  const message = aMessage({ kind: "system", sender: null, text: "…" });
  expect(systemText({ ...message, data: added }, reader)).toBe("You added Koffi Ouattara and Fatou Diallo");
  expect(systemText({ ...message, text: "It rains", data: { event: "rain" } }, reader)).toBe("It rains");
  expect(systemText({ ...message, text: "It rains", data: null }, reader)).toBe("It rains");
  const broken = { event: "participants_added", actor: 5, users: "koffi" };
  expect(systemText({ ...message, text: "It rains", data: broken }, reader)).toBe("It rains");
});

test("names everybody that a row may speak of", () => {
  const last_message = aMessage({
    kind: "system",
    sender: null,
    data: { event: "participants_added", actor: "fatou", users: ["yao", 7] },
  });
  expect(peopleNamed(aConversation({ last_message }))).toEqual(["awa", "koffi", "fatou", "yao"]);
});

test("ticks tell how far one's own message has got with everybody", () => {
  const mine = aMine({ others_read_seq: 3, others_delivered_seq: 6 });
  const tick = (seq: number, sender: string | null) => messageTick(aMessage({ seq, sender }), "awa", mine);
  expect([tick(3, "awa"), tick(6, "awa"), tick(7, "awa")]).toEqual(["read", "delivered", "sent"]);
  expect([tick(3, "koffi"), tick(3, null)]).toEqual([null, null]);
  expect(messageTick(aMessage({ sender: null }), null, mine)).toBeNull();
});

test("finds by the beginnings of words, without regard to case and accents", () => {
  expect(matches("kon aw", "Awa Koné")).toBe(true);
  expect(matches("VELO", "Groupe vélo Cocody")).toBe(true);
  expect(matches("one", "Awa Koné")).toBe(false);
});

test("counts a text as the server does: code points, composed, one per line break", () => {
  expect(textLength("👍🏽")).toBe(2);
  expect(textLength("e\u0301")).toBe(1);
  expect(textLength("a\r\nb")).toBe(3);
});

test("says who is typing, with names only where several could be", () => {
  expect(typingText(["koffi"], users, false, i18n)).toBe("typing…");
  expect(typingText(["koffi", "fatou"], users, true, i18n)).toBe("Koffi and Fatou are typing…");
  expect(typingText(["koffi", "fatou", "x"], users, true, i18n)).toBe("Several people are typing…");
});

test("explains an error by its code, and an unknown one by whether trying again helps", () => {
  expect(errorText({ code: "rate_limited", retry: true, retry_after: 2.2 }, i18n)).toContain("3 seconds");
  expect(errorText({ code: "rate_limited", retry: true, retry_after: 600 }, i18n)).toContain("10 minutes");
  expect(errorText({ code: "from_the_future", retry: false }, i18n)).toBe("That did not work.");
  expect(errorText({ code: "from_the_future", retry: true }, i18n)).toContain("try again");
});
