/**
 * The wire forms of version 1, as they travel. Enumerations are open: a newer server may send other values, and a
 * client falls back instead of failing, so such fields are typed with `(string & {})` beside the known words.
 */

import type {
  Badge,
  Conversation,
  KnownCommands,
  Message,
  Position,
  Receipt,
  TypingEntry,
  User,
} from "./generated/wire";

export type {
  Badge,
  Changes as ChangesBody,
  Conversation,
  ConversationPage,
  ConversationView,
  ErrorData as ChatErrorData,
  InboxAnswer as InboxBody,
  KnownCommands as Commands,
  KnownEvent,
  Message,
  Mine,
  Page as MessagePage,
  ParticipantEntry,
  Position,
  PositionsAnswer as PositionsData,
  Presence,
  Reaction,
  Receipt,
  Subject,
  TokenAnswer,
  TypingEntry,
  User,
} from "./generated/wire";
export type { Json, JsonObject } from "./json";

export type Receipts = Record<string, Receipt>;

export type Positions = Record<string, Position>;

/** Sizes in code points, bytes or pieces, as the name says; durations in seconds. */
export interface Limits {
  text: number;
  frame: number;
  title: number;
  [name: string]: number;
}
export interface Timing {
  ping: number;
  reply: number;
  typing_resend: number;
  typing_expire: number;
  [name: string]: number;
}

export interface Ready {
  type: "ready";
  id: number;
  now: string;
  session: string | null;
  connection: string;
  user: User;
  expires_at: string;
  epoch: string;
  revision: number;
  features: string[];
  limits: Partial<Limits>;
  timing: Partial<Timing>;
  inbox_seq: number;
  badge: Badge;
  positions: Positions;
  next_positions: string | null;
}

/** Any event of the socket, known or from the future: what is not known is ignored, or reduced by `message` and `state`. */
export interface ServerEvent {
  type: string;
  conversation?: string;
  seq?: number;
  message?: Message;
  state?: Conversation | string;
  users?: User[];
  referenced?: Message[];
  [field: string]: unknown;
}

export type TypingKind = TypingEntry["kind"];
export type CommandName = keyof KnownCommands;
