/** Turns messages and the outbox into the rows of a thread: days, the unread line, groups. Pure. */
import type { Message, OutboxItem } from "../../client";
import { dayNumber } from "./dates";

export type Row =
  | { kind: "day"; key: string; at: string }
  | { kind: "unread"; key: string }
  | { kind: "system"; key: string; message: Message }
  | { kind: "message"; key: string; message: Message; first: boolean; last: boolean; named: boolean }
  | { kind: "outbox"; key: string; item: OutboxItem; first: boolean; last: boolean };

export interface RowsInput {
  messages: readonly Message[];
  outbox: readonly OutboxItem[];
  me: string | null;
  /** Names stand above the bubbles of others only where more than two people talk. */
  group: boolean;
  /** The line stands before the first message of somebody else after this `seq`; null for no line. */
  unreadAfter: number | null;
  /** Milliseconds that the server's clock is ahead of this machine's, by which the outbox counts. */
  clockOffset: number;
}

interface Entry {
  key: string;
  author: string | null;
  at: string;
  message: Message | null;
  item: OutboxItem | null;
}

export function buildRows(input: RowsInput): Row[] {
  const entries = listEntries(input);
  const line = unreadLine(entries, input);
  const rows: Row[] = [];
  entries.forEach((entry, index) => {
    const previous = entries[index - 1];
    const newDay = previous === undefined || dayOf(previous) !== dayOf(entry);
    if (newDay) rows.push({ kind: "day", key: `day-${dayOf(entry)}`, at: entry.at });
    if (index === line) rows.push({ kind: "unread", key: "unread" });
    const next = entries[index + 1];
    const first = index === line || !sameGroup(previous, entry);
    const last = index + 1 === line || !sameGroup(entry, next);
    rows.push(toRow(entry, first, last, first && input.group && entry.author !== input.me));
  });
  return rows;
}

function listEntries({ messages, outbox, me, clockOffset }: RowsInput): Entry[] {
  const entries: Entry[] = messages.map((message) => ({
    // One's own message keeps the key that it had in the outbox, so that its bubble stays the same element.
    key: message.client_id === null ? message.id : `${message.sender}/${message.client_id}`,
    author: message.kind === "system" ? null : message.sender,
    at: message.created_at,
    message,
    item: null,
  }));
  const arrived = new Set(entries.map((entry) => entry.key));
  for (const item of outbox) {
    const key = `${me}/${item.client_id}`;
    // The event of a message may come before the reply that takes it out of the outbox.
    if (arrived.has(key)) continue;
    entries.push({
      key,
      author: me,
      at: new Date(item.createdAt + clockOffset).toISOString(),
      message: null,
      item,
    });
  }
  return entries;
}

function unreadLine(entries: readonly Entry[], { unreadAfter, me }: RowsInput): number {
  if (unreadAfter === null) return -1;
  return entries.findIndex(
    ({ message }) => message !== null && message.seq > unreadAfter && isFromOthers(message, me),
  );
}

/** Counted as unread: live, written by somebody else, and not a line of the system. */
function isFromOthers(message: Message, me: string | null): boolean {
  return (
    message.kind !== "system" &&
    message.sender !== me &&
    message.deleted_at === null &&
    message.hidden_at === null
  );
}

function sameGroup(one: Entry | undefined, two: Entry | undefined): boolean {
  if (one === undefined || two === undefined) return false;
  return one.author !== null && one.author === two.author && minuteOf(one) === minuteOf(two);
}

function toRow(entry: Entry, first: boolean, last: boolean, named: boolean): Row {
  const { key, message, item } = entry;
  if (message !== null) {
    if (message.kind === "system") return { kind: "system", key, message };
    return { kind: "message", key, message, first, last, named };
  }
  if (item !== null) return { kind: "outbox", key, item, first, last };
  throw new Error("an entry of a thread is a message or an item of the outbox");
}

function dayOf(entry: Entry): number {
  return dayNumber(new Date(entry.at));
}

function minuteOf(entry: Entry): number {
  return Math.floor(Date.parse(entry.at) / 60_000);
}
