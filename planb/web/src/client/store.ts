/** The one normalised store: its first state, and the rules that hold for every change of it. Pure but for the store itself. */

import { createStore, type StoreApi } from "zustand/vanilla";
import type { ChatState, ConversationEntry } from "./types";
import type { Badge, Message, Mine, User } from "./wire";

export const initialState: ChatState = {
  auth: { status: "unknown", me: null },
  connection: { state: "disconnected", reason: null, retryAt: null, attempt: 0, everConnected: false },
  users: {},
  presence: {},
  conversations: {},
  order: [],
  listState: "idle",
  windows: {},
  referenced: {},
  outbox: {},
  receipts: {},
  open: null,
  badge: { conversations: 0, messages: 0 },
  limits: { text: 4000, frame: 65_536, title: 120 },
  timing: { ping: 30, reply: 10, typing_resend: 3, typing_expire: 6 },
  serverOffset: 0,
};

/** What is a copy of the server's truth, as it is before anything is known. */
export const emptyCaches = {
  users: {},
  presence: {},
  conversations: {},
  order: [],
  listState: "idle",
  windows: {},
  referenced: {},
  receipts: {},
  badge: { conversations: 0, messages: 0 },
} as const satisfies Partial<ChatState>;

export function createChatStore(): StoreApi<ChatState> {
  return createStore<ChatState>(() => initialState);
}

/** Ids of the inbox, newest message first. The same array is returned where the order is the same. */
export function sortedOrder(entries: ChatState["conversations"], before: string[]): string[] {
  const order = Object.values(entries)
    .filter(({ mine }) => mine.state === "active" && !mine.archived)
    .sort((a, b) => compare(activity(b), activity(a)) || compare(b.conversation.id, a.conversation.id))
    .map(({ conversation }) => conversation.id);
  const same = order.length === before.length && order.every((id, index) => id === before[index]);
  return same ? before : order;
}

/** Times on the wire all have one form, so that they compare as text. */
function activity({ conversation }: ConversationEntry): string {
  return conversation.last_message?.created_at ?? conversation.created_at;
}

function compare(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

/** What a conversation adds to the badge: muted and archived ones nothing. */
function weight(mine: Mine | undefined, now: string): Badge {
  if (!mine || mine.archived || mine.state !== "active") return { conversations: 0, messages: 0 };
  if (mine.muted_until !== null && mine.muted_until > now) return { conversations: 0, messages: 0 };
  return { conversations: mine.unread > 0 || mine.marked_unread ? 1 : 0, messages: mine.unread };
}

/** The server counts; between its counts the badge moves with what changes here. */
export function movedBadge(
  badge: Badge,
  before: Mine | undefined,
  after: Mine | undefined,
  now: string,
): Badge {
  const [old, fresh] = [weight(before, now), weight(after, now)];
  const conversations = badge.conversations + fresh.conversations - old.conversations;
  const messages = badge.messages + fresh.messages - old.messages;
  if (conversations === badge.conversations && messages === badge.messages) return badge;
  return { conversations: Math.max(0, conversations), messages: Math.max(0, messages) };
}

export function withUsers(held: ChatState["users"], users: readonly User[] | undefined): ChatState["users"] {
  const news = users?.filter((user) => {
    const before = held[user.id];
    return !before || JSON.stringify(before) !== JSON.stringify(user);
  });
  if (!news?.length) return held;
  return { ...held, ...Object.fromEntries(news.map((user) => [user.id, user])) };
}

export function withReferenced(
  held: ChatState["referenced"],
  messages: readonly Message[],
): ChatState["referenced"] {
  const news = messages.filter(({ id, changed_seq }) => changed_seq > (held[id]?.changed_seq ?? -1));
  if (news.length === 0) return held;
  return { ...held, ...Object.fromEntries(news.map((message) => [message.id, message])) };
}

/** An object without one key; the same one if it was not there. */
export function without<T>(record: Record<string, T>, key: string): Record<string, T> {
  if (!(key in record)) return record;
  const { [key]: _, ...rest } = record;
  return rest;
}
