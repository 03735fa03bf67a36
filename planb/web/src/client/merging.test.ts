/** The pure merges: windows, unread counts, receipts. */

import fc from "fast-check";
import { expect, test } from "vitest";
import { countArrivals, mergeMine, readUpTo } from "./mine";
import { growReceipts, othersMarks, sumOfMarks } from "./receipts";
import { movedBadge } from "./store";
import type { MessageWindow } from "./types";
import { emptyWindow, joinPage, mergeMessages, windowFromPage } from "./windows";
import type { Conversation, Message, Mine } from "./wire";

const message = (seq: number, fields: Partial<Message> = {}): Message => ({
  id: `m${seq}`,
  conversation: "c",
  seq,
  changed_seq: seq,
  client_id: null,
  sender: "koffi",
  kind: "text",
  text: `${seq}`,
  data: null,
  reply_to: null,
  mentions: [],
  attachments: [],
  reactions: [],
  metadata: {},
  ext: {},
  created_at: "2026-11-22T10:00:00.000Z",
  edited_at: null,
  deleted_at: null,
  deleted_by: null,
  hidden_at: null,
  ...fields,
});
const deleted = { deleted_at: "2026-11-22T10:00:00.000Z", text: "" };
const mine = (fields: Partial<Mine> = {}): Mine => ({
  state: "active",
  read_seq: 0,
  unread: 0,
  as_of: 0,
  muted_until: null,
  archived: false,
  pinned: false,
  marked_unread: false,
  draft: "",
  others_read_seq: 0,
  others_delivered_seq: 0,
  can: [],
  ...fields,
});
const window = (messages: Message[], moreBefore = false, moreAfter = false): MessageWindow => ({
  ...emptyWindow,
  messages,
  moreBefore,
  moreAfter,
});
const unknown = () => undefined;

test("a message replaces a held one only with a greater changed_seq", () => {
  const held = window([message(1, { changed_seq: 5, text: "newer" })]);
  expect(mergeMessages(held, [message(1, { changed_seq: 4, text: "older" })])).toBe(held);
  expect(mergeMessages(held, [message(1, { changed_seq: 5, text: "same" })])).toBe(held);
  expect(mergeMessages(held, [message(1, { changed_seq: 6, text: "newest" })]).messages[0]?.text).toBe(
    "newest",
  );
});

test("a window with more on a side takes nothing from beyond that side", () => {
  const held = window([message(10), message(20)], true, true);
  expect(mergeMessages(held, [message(5), message(15), message(25)]).messages.map(({ seq }) => seq)).toEqual([
    10, 15, 20,
  ]);
  const open = window([message(10), message(20)]);
  expect(mergeMessages(open, [message(25), message(5)]).messages.map(({ seq }) => seq)).toEqual([
    5, 10, 20, 25,
  ]);
});

test("an unloaded window takes nothing, an empty conversation takes the first message", () => {
  expect(mergeMessages(emptyWindow, [message(1)])).toBe(emptyWindow);
  expect(mergeMessages(window([]), [message(1)]).messages).toHaveLength(1);
});

test("one new message keeps the others as they are, object by object", () => {
  const held = window([message(1), message(2)]);
  const { messages } = mergeMessages(held, [message(3)]);
  expect(messages[0]).toBe(held.messages[0]);
  expect(messages[1]).toBe(held.messages[1]);
});

test("the order in which forms of messages come does not matter", () => {
  const forms = fc.array(
    fc
      .record({ seq: fc.integer({ min: 1, max: 8 }), changed: fc.nat(5) })
      .map(({ seq, changed }) => message(seq, { changed_seq: seq + changed, text: `${seq}+${changed}` })),
    { maxLength: 30 },
  );
  const shuffled = forms.chain((all) =>
    fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
  );
  fc.assert(
    fc.property(shuffled, ([all, other]) => {
      const oneByOne = other.reduce((held, form) => mergeMessages(held, [form]), window([]));
      expect(mergeMessages(window([]), all).messages).toEqual(oneByOne.messages);
    }),
  );
});

test("pages join on their side, and a page never brings back an older form", () => {
  const page = {
    messages: [message(1), message(2)],
    seq: 9,
    more_before: false,
    more_after: true,
    users: [],
    referenced: [],
  };
  const held = window([message(2, { changed_seq: 8, text: "edited" }), message(3)], true);
  const joined = joinPage(held, page, "older");
  expect(joined.messages.map(({ text }) => text)).toEqual(["1", "edited", "3"]);
  expect(joined).toMatchObject({ moreBefore: false, moreAfter: false });
  expect(windowFromPage(held, page).messages.map(({ text }) => text)).toEqual(["1", "edited"]);
});

test("only live messages of others after the read mark count, and each once", () => {
  const arrivals = [
    message(1),
    message(2, { sender: "awa" }),
    message(3, { sender: null, kind: "system" }),
    message(4, deleted),
    message(5),
  ];
  const counted = countArrivals(mine({ read_seq: 1 }), arrivals, 5, "awa", unknown).mine;
  expect(counted).toMatchObject({ unread: 1, as_of: 5 });
  expect(countArrivals(counted, arrivals, 5, "awa", unknown).mine).toBe(counted);
});

test("a deletion takes back what was counted, and says so where it cannot know", () => {
  const before = mine({ unread: 2, as_of: 2 });
  const erased = message(2, { ...deleted, changed_seq: 3 });
  expect(countArrivals(before, [erased], 3, "awa", () => message(2))).toMatchObject({
    mine: { unread: 1 },
    doubtful: false,
  });
  expect(countArrivals(before, [erased], 3, "awa", unknown)).toMatchObject({
    mine: { unread: 2 },
    doubtful: true,
  });
});

test("counting ends at the limit, and a deletion there is doubtful", () => {
  const full = mine({ unread: 100, as_of: 200 });
  expect(countArrivals(full, [message(201)], 201, "awa", unknown).mine.unread).toBe(100);
  const erased = message(150, { ...deleted, changed_seq: 201 });
  expect(countArrivals(full, [erased], 201, "awa", () => message(150)).doubtful).toBe(true);
});

test("a mark set here is not undone by an answer that does not know it", () => {
  const held = mine({ read_seq: 9, as_of: 9 });
  const merged = mergeMine(held, mine({ read_seq: 4, unread: 3, as_of: 9, archived: true }), "awa", []);
  expect(merged.mine).toMatchObject({ read_seq: 9, unread: 0, archived: true });
});

test("an answer that is older than what arrived is counted on from", () => {
  const held = mine({ read_seq: 0, unread: 5, as_of: 7 });
  const merged = mergeMine(
    held,
    mine({ read_seq: 5, unread: 0, as_of: 5 }),
    "awa",
    [5, 6, 7].map((seq) => message(seq)),
  );
  expect(merged).toMatchObject({ mine: { read_seq: 5, unread: 2, as_of: 7 }, doubtful: false });
});

test("reading up to a place leaves what lies after it", () => {
  const messages = [1, 2, 3].map((seq) => message(seq));
  expect(readUpTo(mine({ unread: 3, as_of: 3 }), 2, "awa", messages, true)).toMatchObject({
    read_seq: 2,
    unread: 1,
  });
  expect(readUpTo(mine({ unread: 30, as_of: 90 }), 2, "awa", messages, false).unread).toBe(30);
  const marked = mine({ read_seq: 3, marked_unread: true });
  expect(readUpTo(marked, 3, "awa", messages, true).marked_unread).toBe(false);
});

test("receipts only grow, and read implies delivered", () => {
  const held = { koffi: { read_seq: 3, delivered_seq: 5 } };
  expect(growReceipts(held, { koffi: { read_seq: 2, delivered_seq: 4 } })).toBe(held);
  const grown = growReceipts(held, { koffi: { read_seq: 7 }, fatou: { delivered_seq: 1 } });
  expect(grown).toEqual({
    koffi: { read_seq: 7, delivered_seq: 7 },
    fatou: { read_seq: 0, delivered_seq: 1 },
  });
  expect(sumOfMarks(grown)).toBe(15);
});

test("what all others have read is known only where all others are known", () => {
  const participants = ["awa", "koffi", "fatou"].map((user) => ({ user, role: "member", joined_at: "" }));
  const conversation = { participants, participant_count: 3 } as unknown as Conversation;
  const receipts = { awa: { read_seq: 1, delivered_seq: 1 }, koffi: { read_seq: 5, delivered_seq: 9 } };
  expect(othersMarks(conversation, "awa", receipts)).toBeNull();
  const all = { ...receipts, fatou: { read_seq: 7, delivered_seq: 8 } };
  expect(othersMarks(conversation, "awa", all)).toEqual({ read_seq: 5, delivered_seq: 8 });
  expect(othersMarks({ ...conversation, participant_count: 60 }, "awa", all)).toBeNull();
});

test("muted and archived conversations do not move the badge", () => {
  const badge = { conversations: 1, messages: 1 };
  const now = "2026-11-22T10:00:00.000Z";
  expect(movedBadge(badge, mine(), mine({ unread: 4 }), now)).toEqual({ conversations: 2, messages: 5 });
  expect(movedBadge(badge, mine({ archived: true }), mine({ archived: true, unread: 4 }), now)).toBe(badge);
  const muted = { muted_until: "2026-11-23T10:00:00.000Z" };
  expect(movedBadge(badge, mine(muted), mine({ ...muted, unread: 4 }), now)).toBe(badge);
});
