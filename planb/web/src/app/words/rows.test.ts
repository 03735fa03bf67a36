import { expect, test } from "vitest";
import { buildRows, type Row, type RowsInput } from "./rows";
import { aMessage, anOutboxItem } from "./stories";

const MINUTE = 60_000;
const START = new Date(2026, 10, 22, 10, 0, 0).getTime();
const at = (minutes: number) => new Date(START + minutes * MINUTE).toISOString();

function rowsOf(input: Partial<RowsInput>): Row[] {
  return buildRows({
    messages: [],
    outbox: [],
    me: "awa",
    group: false,
    unreadAfter: null,
    clockOffset: 0,
    ...input,
  });
}
const kinds = (rows: Row[]) => rows.map((row) => row.kind).join(" ");
const edges = (rows: Row[]) =>
  rows.flatMap((row) => ("first" in row ? [`${row.first ? "[" : "-"}${row.last ? "]" : "-"}`] : []));

test("groups what one person wrote within one minute", () => {
  const rows = rowsOf({
    messages: [
      aMessage({ seq: 1, created_at: at(0) }),
      aMessage({ seq: 2, created_at: at(0.5) }),
      aMessage({ seq: 3, created_at: at(0.6), sender: "awa" }),
      aMessage({ seq: 4, created_at: at(1.5), sender: "awa" }),
    ],
  });
  expect(edges(rows)).toEqual(["[-", "-]", "[]", "[]"]);
});

test("puts a day before its first message, by the reader's own calendar", () => {
  const rows = rowsOf({
    messages: [
      aMessage({ seq: 1, created_at: new Date(2026, 10, 21, 23, 59, 59).toISOString() }),
      aMessage({ seq: 2, created_at: new Date(2026, 10, 22, 0, 0, 1).toISOString() }),
      aMessage({ seq: 3, created_at: at(0) }),
    ],
  });
  expect(kinds(rows)).toBe("day message day message message");
});

test("draws the unread line once, before the first unread message of somebody else", () => {
  const messages = [
    aMessage({ seq: 5, created_at: at(0) }),
    aMessage({ seq: 8, created_at: at(0), sender: "awa" }),
    aMessage({ seq: 9, created_at: at(0) }),
    aMessage({ seq: 10, created_at: at(0) }),
  ];
  const rows = rowsOf({ messages, unreadAfter: 5 });
  expect(kinds(rows)).toBe("day message message unread message message");
  expect(edges(rows)).toEqual(["[]", "[]", "[-", "-]"]);
  expect(kinds(rowsOf({ messages, unreadAfter: 10 }))).not.toContain("unread");
});

test("draws no line for what does not count as unread", () => {
  const messages = [
    aMessage({ seq: 2, kind: "system", sender: null }),
    aMessage({ seq: 3, deleted_at: at(1) }),
    aMessage({ seq: 4, hidden_at: at(1) }),
  ];
  expect(kinds(rowsOf({ messages, unreadAfter: 1 }))).toBe("day system message message");
});

test("shows a message once while its echo and its outbox item are both there, under one key", () => {
  const item = anOutboxItem({ client_id: "k1" });
  const waiting = rowsOf({ outbox: [item] });
  const echoed = rowsOf({ messages: [aMessage({ sender: "awa", client_id: "k1" })], outbox: [item] });
  expect(kinds(echoed)).toBe("day message");
  expect(echoed[1]?.key).toBe(waiting[1]?.key);
});

test("keeps apart what two people sent under the same client id", () => {
  const rows = rowsOf({
    messages: [aMessage({ seq: 1, sender: "koffi", client_id: "k1" })],
    outbox: [anOutboxItem({ client_id: "k1" })],
  });
  expect(kinds(rows)).toBe("day message outbox");
  expect(new Set(rows.map((row) => row.key)).size).toBe(rows.length);
});

test("names others in groups only, above the first of what they wrote", () => {
  const messages = [
    aMessage({ seq: 1, created_at: at(0) }),
    aMessage({ seq: 2, created_at: at(0) }),
    aMessage({ seq: 3, created_at: at(0), sender: "awa" }),
  ];
  const named = (group: boolean) =>
    rowsOf({ messages, group }).flatMap((row) => (row.kind === "message" ? [row.named] : []));
  expect(named(true)).toEqual([true, false, false]);
  expect(named(false)).toEqual([false, false, false]);
});

test("a line of the system ends a group and belongs to none", () => {
  const rows = rowsOf({
    messages: [
      aMessage({ seq: 1, created_at: at(0) }),
      aMessage({ seq: 2, created_at: at(0), kind: "system", sender: null }),
      aMessage({ seq: 3, created_at: at(0) }),
    ],
  });
  expect(edges(rows)).toEqual(["[]", "[]"]);
});

test("counts the outbox by the server's clock where this machine's is wrong", () => {
  const day = 24 * 60 * MINUTE;
  const rows = rowsOf({
    messages: [aMessage({ seq: 1, created_at: at(0) })],
    outbox: [anOutboxItem({ createdAt: START - 3 * day })],
    clockOffset: 3 * day,
  });
  expect(kinds(rows)).toBe("day message outbox");
});
