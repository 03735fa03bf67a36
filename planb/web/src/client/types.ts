/** The public face of the client: what screens read (`ChatState`) and what they may ask for (`ChatClient`). */

import type { StoreApi } from "zustand/vanilla";
import type { Timers } from "./clock";
import type { OutboxStorage } from "./outboxStore";
import type { SocketFactory } from "./socket";
import type { TabLink } from "./tabs";
import type { Page } from "./wakes";
import type {
  Badge,
  ChatErrorData,
  Conversation,
  Limits,
  Message,
  Mine,
  Presence,
  Receipts,
  Timing,
  TypingKind,
  User,
} from "./wire";

export interface AuthState {
  /** `expired`: the session ended by itself; views and outbox stay, and signing in again goes on with them. */
  status: "unknown" | "out" | "in" | "expired";
  me: User | null;
}

export interface ConnectionView {
  state: "disconnected" | "connecting" | "connected";
  /** Why not connected: a word such as `network`, `restarting`, `replaced`, `upgrade_required`, `signed_out`. */
  reason: string | null;
  /** When the next attempt starts, in milliseconds of this machine's clock; null: none is planned. */
  retryAt: number | null;
  attempt: number;
  everConnected: boolean;
}

export interface TypingMark {
  kind: TypingKind;
  /** Milliseconds of this machine's clock. */
  expiresAt: number;
}

export interface ConversationEntry {
  conversation: Conversation;
  mine: Mine;
  /** By user id; never oneself; entries leave by themselves. */
  typing: Record<string, TypingMark>;
  /** How far this entry and its window are in step: every change up to here is applied. */
  seq: number;
}

export interface MessageWindow {
  /** An unbroken stretch of the conversation, ascending by `seq`. */
  messages: Message[];
  moreBefore: boolean;
  moreAfter: boolean;
  loading: "none" | "initial" | "older" | "newer";
  error: ChatErrorData | null;
}

export interface OutboxItem {
  client_id: string;
  conversation: string;
  text: string;
  reply_to: string | null;
  /** Milliseconds of this machine's clock. */
  createdAt: number;
  /** `held`: the server keeps it for a moderator; it becomes a message later, or not. */
  state: "waiting" | "sending" | "failed" | "held";
  error: ChatErrorData | null;
}

export interface ChatState {
  auth: AuthState;
  connection: ConnectionView;
  users: Record<string, User>;
  /** Only of people watched, and only while connected. */
  presence: Record<string, Presence>;
  conversations: Record<string, ConversationEntry>;
  /** Ids of the inbox, newest message first. */
  order: string[];
  /** `idle`: more may be asked for; `done`: everything is here. */
  listState: "idle" | "loading" | "done" | "error";
  windows: Record<string, MessageWindow>;
  /** Quoted messages that may lie outside every window, by id. */
  referenced: Record<string, Message>;
  /** By conversation, in the order written. */
  outbox: Record<string, OutboxItem[]>;
  /** By conversation and user: read and delivered marks, of conversations that were opened. */
  receipts: Record<string, Receipts>;
  open: string | null;
  badge: Badge;
  limits: Limits;
  timing: Timing;
  /** Milliseconds to add to this machine's clock to get the server's. */
  serverOffset: number;
}

export interface Draft {
  text: string;
  reply_to?: string;
}

export interface NewConversation {
  kind: "direct" | "group";
  users: string[];
  title?: string;
  subject?: { type: string; id: string };
  message?: { text: string };
}

/** Methods that return a promise reject with a `ChatRequestError`, unless the state carries the failure (windows, list). */
export interface ChatClient {
  readonly store: StoreApi<ChatState>;
  /** Resumes by the refresh cookie: afterwards `auth.status` is `in` or `out` (or `unknown` while the network is away). */
  start(): Promise<void>;
  signIn(credentials: { username: string; password: string }): Promise<void>;
  signUp(credentials: { username: string; password: string; display_name: string }): Promise<void>;
  /** Ends the session here and on the server, and empties the outbox. */
  signOut(): Promise<void>;
  /** Lets go of socket, timers and locks; `start()` may follow. */
  stop(): void;
  /** Connects at once, even where the server had said to change something first. */
  retryNow(): void;
  /** The inbox's next page; the first one at the first call. */
  loadConversations(): Promise<void>;
  /** Watches the conversation on screen and loads its newest page if none is held. */
  openConversation(id: string | null): Promise<void>;
  loadOlder(id: string): Promise<void>;
  loadNewer(id: string): Promise<void>;
  /** Replaces the window by the stretch around a `seq`. */
  loadAround(id: string, seq: number): Promise<void>;
  /** Replaces the window by the newest page. */
  loadNewest(id: string): Promise<void>;
  /** Puts the message into the outbox and returns its `client_id`. */
  send(id: string, draft: Draft): string;
  retrySend(clientId: string): void;
  discardSend(clientId: string): Promise<void>;
  /** `seq` of the newest message shown. May be called as often as one likes. */
  markRead(id: string, seq: number): void;
  /** Call with `true` at key strokes: it is sent as seldom as the server asks, and lapses by itself. */
  setTyping(id: string, active: boolean): void;
  /** The whole set of people on screen, at most 200. */
  watchPresence(userIds: string[]): void;
  /** Returns the conversation's id: a new one, or the direct one that there was. */
  createConversation(input: NewConversation): Promise<string>;
  searchUsers(text: string): Promise<User[]>;
}

/** Everything from the outside world can be given, so that tests and other hosts need no browser. */
export interface ChatClientOptions {
  /** Default: `/api/v1` of the page's origin. */
  baseUrl?: string;
  /** Default: `/ws/v1` of the page's origin. */
  socketUrl?: string;
  socketFactory?: SocketFactory;
  fetch?: typeof globalThis.fetch;
  storage?: OutboxStorage;
  random?: () => number;
  timers?: Timers;
  tabs?: TabLink;
  /** Null: there is no page whose focus and visibility count. */
  page?: Page | null;
  clientInfo?: { name: string; version: string };
  /** UUID of this installation; default: one kept in localStorage. */
  device?: string;
}
