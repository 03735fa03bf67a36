/** Merges content of one conversation into the state: events, changes bodies, views. Pure; order does not matter to it. */

import { countArrivals, mergeMine } from "./mine";
import { growReceipts, othersMarks, withOthersMarks } from "./receipts";
import { movedBadge, sortedOrder, without, withReferenced, withUsers } from "./store";
import type { ChatState, ConversationEntry } from "./types";
import { later, mergeMessages } from "./windows";
import type {
  ChangesBody,
  Conversation,
  ConversationView,
  Message,
  Mine,
  Receipts,
  ServerEvent,
  User,
} from "./wire";

export interface Content {
  messages: readonly Message[];
  state: Conversation | null;
  receipts?: Receipts;
  users?: readonly User[] | undefined;
  referenced?: readonly Message[] | undefined;
}

/** What an event or a changes body holds for a conversation; parts that speak of another one are left out. */
export function released(
  id: string,
  item: { event: ServerEvent } | { body: ChangesBody },
): { content: Content; seq: number } {
  if ("event" in item) {
    const { message, state, users, referenced, seq = 0 } = item.event;
    const messages = message?.conversation === id ? [message] : [];
    const whole = typeof state === "object" && state.id === id ? state : null;
    return { content: { messages, state: whole, users, referenced }, seq };
  }
  const { messages = [], state = null, receipts = {}, users, referenced, seq, reset } = item.body;
  if (reset) return { content: { messages: [], state: null }, seq };
  return { content: { messages, state, receipts, users, referenced }, seq };
}

export interface Merged {
  patch: Partial<ChatState>;
  /** `client_id`s of own messages that came back: their outbox items are answered. */
  echoed: string[];
  /** The unread count may be off; positions tell. */
  doubtful: boolean;
}

/** `now` is the server's time as a wire stamp. `seq`: how far the conversation is in step once this is in. */
export function mergeContent(
  state: ChatState,
  id: string,
  content: Content,
  seq: number,
  now: string,
): Merged {
  const entry = state.conversations[id];
  const me = state.auth.me?.id ?? "";
  const patch: Partial<ChatState> = {};
  const users = withUsers(state.users, content.users);
  if (users !== state.users) patch.users = users;
  const { echoed, outbox } = answered(state, id, content.messages, me);
  if (outbox) patch.outbox = outbox;
  const window = state.windows[id];
  if (window) {
    const merged = mergeMessages(window, content.messages);
    if (merged !== window) patch.windows = { ...state.windows, [id]: merged };
  }
  // Quoted messages that are held change with what they quote.
  const quoted = content.messages.filter((message) => message.id in state.referenced);
  const referenced = withReferenced(state.referenced, [...(content.referenced ?? []), ...quoted]);
  if (referenced !== state.referenced) patch.referenced = referenced;
  if (!entry) return { patch, echoed, doubtful: false };

  const held = (messageId: string): Message | undefined => {
    if (entry.conversation.last_message?.id === messageId) return entry.conversation.last_message;
    return window?.messages.find((message) => message.id === messageId);
  };
  const { mine: counted, doubtful } = countArrivals(entry.mine, content.messages, seq, me, held);
  const conversation = mergeConversation(entry.conversation, content, seq);
  const receipts = mergedReceipts(state, id, content.receipts);
  if (receipts && receipts !== state.receipts[id]) patch.receipts = { ...state.receipts, [id]: receipts };
  const mine = receipts ? withOthersMarks(counted, othersMarks(conversation, me, receipts)) : counted;
  const fresh: ConversationEntry = {
    conversation,
    mine,
    typing: quieted(entry, content.messages),
    seq: Math.max(entry.seq, seq),
  };
  Object.assign(patch, withEntry(state, fresh, now));
  return { patch, echoed, doubtful };
}

/** Puts an entry in its place: list order and badge follow. */
function withEntry(state: ChatState, entry: ConversationEntry, now: string): Partial<ChatState> {
  const { id } = entry.conversation;
  const before = state.conversations[id];
  const conversations = { ...state.conversations, [id]: entry };
  const patch: Partial<ChatState> = { conversations, order: sortedOrder(conversations, state.order) };
  // What was not held before is in the server's count already.
  if (before) patch.badge = movedBadge(state.badge, before.mine, entry.mine, now);
  return patch;
}

/** A conversation as its reader sees it, from REST, `conversation_added` or the inbox. A new entry starts at its seq. */
export function mergeView(state: ChatState, view: ConversationView, now: string): Merged {
  const { conversation, mine } = view;
  const before = state.conversations[conversation.id];
  if (!before) {
    const entry: ConversationEntry = { conversation, mine, typing: {}, seq: conversation.seq };
    return { patch: withEntry(state, entry, now), echoed: [], doubtful: false };
  }
  const merged = mergeConversation(before.conversation, { messages: [], state: conversation }, before.seq);
  const { mine: own, doubtful } = mergedMine(state, before, mine);
  const entry = { ...before, conversation: merged, mine: own };
  return { patch: withEntry(state, entry, now), echoed: [], doubtful };
}

export function mergeOwn(state: ChatState, id: string, mine: Mine, now: string): Merged {
  const entry = state.conversations[id];
  if (!entry) return { patch: {}, echoed: [], doubtful: false };
  const { mine: own, doubtful } = mergedMine(state, entry, mine);
  return { patch: withEntry(state, { ...entry, mine: own }, now), echoed: [], doubtful };
}

function mergedMine(
  state: ChatState,
  entry: ConversationEntry,
  mine: Mine,
): { mine: Mine; doubtful: boolean } {
  const { id } = entry.conversation;
  const window = state.windows[id];
  const known = window && !window.moreAfter ? window.messages : [];
  const merged = mergeMine(entry.mine, mine, state.auth.me?.id ?? "", known);
  const receipts = state.receipts[id];
  if (!receipts) return merged;
  const marks = othersMarks(entry.conversation, state.auth.me?.id ?? "", receipts);
  return { ...merged, mine: withOthersMarks(merged.mine, marks) };
}

export function withoutConversation(state: ChatState, id: string, now: string): Partial<ChatState> {
  const before = state.conversations[id];
  if (!before) return {};
  const conversations = without(state.conversations, id);
  return {
    conversations,
    order: sortedOrder(conversations, state.order),
    windows: without(state.windows, id),
    receipts: without(state.receipts, id),
    badge: movedBadge(state.badge, before.mine, undefined, now),
  };
}

/** Receipts are kept only where all of them were fetched once. */
function mergedReceipts(state: ChatState, id: string, incoming: Receipts | undefined): Receipts | undefined {
  const held = state.receipts[id];
  return held && incoming ? growReceipts(held, incoming) : held;
}

function mergeConversation(held: Conversation, content: Content, seq: number): Conversation {
  const incoming = content.state;
  const base = incoming && incoming.changed_seq >= held.changed_seq ? incoming : held;
  let last = held.last_message;
  for (const message of incoming?.last_message
    ? [...content.messages, incoming.last_message]
    : content.messages) {
    if (!last || message.seq > last.seq) last = message;
    else if (message.id === last.id) last = later(last, message);
  }
  const head = Math.max(held.seq, incoming?.seq ?? 0, seq);
  if (base === held && last === held.last_message && head === held.seq) return held;
  return { ...base, last_message: last, seq: head };
}

/** Who has sent does not type any more. */
function quieted(entry: ConversationEntry, messages: readonly Message[]): ConversationEntry["typing"] {
  let { typing } = entry;
  for (const { sender, seq } of messages) {
    if (sender !== null && seq > entry.seq) typing = without(typing, sender);
  }
  return typing;
}

function answered(
  state: ChatState,
  id: string,
  messages: readonly Message[],
  me: string,
): { echoed: string[]; outbox?: ChatState["outbox"] } {
  const items = state.outbox[id];
  if (!items?.length) return { echoed: [] };
  const sent = new Set(messages.filter(({ sender }) => sender === me).map(({ client_id }) => client_id));
  const echoed = items.filter((item) => sent.has(item.client_id)).map((item) => item.client_id);
  if (echoed.length === 0) return { echoed };
  const left = items.filter((item) => !sent.has(item.client_id));
  return { echoed, outbox: left.length > 0 ? { ...state.outbox, [id]: left } : without(state.outbox, id) };
}
