/** Message windows: unbroken stretches of a conversation, ascending by `seq`. Pure. */

import type { MessageWindow } from "./types";
import type { Message, MessagePage } from "./wire";

export const emptyWindow: MessageWindow = {
  messages: [],
  moreBefore: true,
  moreAfter: true,
  loading: "none",
  error: null,
};

/** Of two forms of one message the later: the greater `changed_seq`; the held one where they are equal. */
export function later(held: Message | undefined, other: Message): Message {
  return held && held.changed_seq >= other.changed_seq ? held : other;
}

/** Merges messages that belong in the stretch; the same window is returned if nothing changed. */
export function mergeMessages(window: MessageWindow, incoming: readonly Message[]): MessageWindow {
  const first = window.messages[0]?.seq;
  const last = window.messages.at(-1)?.seq;
  const belongs = (seq: number): boolean => {
    if (first === undefined || last === undefined) return !window.moreBefore && !window.moreAfter;
    return (seq >= first || !window.moreBefore) && (seq <= last || !window.moreAfter);
  };
  const messages = combine(
    window.messages,
    incoming.filter((message) => belongs(message.seq)),
  );
  return messages === window.messages ? window : { ...window, messages };
}

function combine(held: Message[], incoming: readonly Message[]): Message[] {
  if (incoming.length === 0) return held;
  const places = new Map(held.map((message, index) => [message.id, index]));
  const result = [...held];
  let changed = false;
  let sorted = true;
  for (const message of incoming) {
    const place = places.get(message.id);
    const before = place === undefined ? undefined : result[place];
    if (place === undefined) {
      sorted &&= (result.at(-1)?.seq ?? -1) < message.seq;
      places.set(message.id, result.length);
      result.push(message);
      changed = true;
    } else if (later(before, message) !== before) {
      result[place] = message;
      changed = true;
    }
  }
  if (!changed) return held;
  return sorted ? result : result.sort((a, b) => a.seq - b.seq);
}

/** A window that starts from a page. Forms held before that are later than the page's stay. */
export function windowFromPage(before: MessageWindow | undefined, page: MessagePage): MessageWindow {
  const known = new Map(before?.messages.map((message) => [message.id, message]));
  return {
    messages: page.messages.map((message) => later(known.get(message.id), message)),
    moreBefore: page.more_before,
    moreAfter: page.more_after,
    loading: "none",
    error: null,
  };
}

/** Joins a page that was asked for with the seq of the window's first or last message. */
export function joinPage(window: MessageWindow, page: MessagePage, side: "older" | "newer"): MessageWindow {
  const joined = { ...window, messages: combine(window.messages, page.messages), error: null };
  joined.loading = "none";
  if (side === "older") joined.moreBefore = page.more_before;
  else joined.moreAfter = page.more_after;
  return joined;
}
