/**
 * The wire forms of version 1, as they travel. Enumerations are open: a newer server may send other values, and a
 * client falls back instead of failing, so such fields are typed with `(string & {})` beside the known words.
 */

type Open<Known extends string> = Known | (string & {});

export type Json = null | boolean | number | string | Json[] | { [key: string]: Json };
export type JsonObject = { [key: string]: Json };

export interface User {
  id: string;
  display_name: string;
  avatar: string | null;
  deleted: boolean;
  ext: JsonObject;
}

export interface Reaction {
  emoji: string;
  count: number;
  users: string[];
}

export interface Message {
  id: string;
  conversation: string;
  /** Its place: the `seq` of its birth. */
  seq: number;
  /** The `seq` of its last change: a held message is replaced only by one with a greater value. */
  changed_seq: number;
  client_id: string | null;
  sender: string | null;
  kind: Open<"text" | "voice" | "call" | "system">;
  text: string;
  data: JsonObject | null;
  reply_to: string | null;
  mentions: string[];
  attachments: JsonObject[];
  reactions: Reaction[];
  metadata: JsonObject;
  ext: JsonObject;
  created_at: string;
  edited_at: string | null;
  deleted_at: string | null;
  deleted_by: Open<"author" | "moderator"> | null;
  hidden_at: string | null;
}

export interface Subject {
  type: string;
  id: string;
  title: string;
  url: string | null;
  image: string | null;
}

export interface ParticipantEntry {
  user: string;
  role: Open<"owner" | "admin" | "member">;
  joined_at: string;
}

export interface Conversation {
  id: string;
  kind: Open<"direct" | "group">;
  title: string;
  subject: Subject | null;
  /** The head: how many changes the conversation had when this was read. */
  seq: number;
  changed_seq: number;
  history_start: number;
  last_message: Message | null;
  participant_count: number;
  participants: ParticipantEntry[];
  closed_at: string | null;
  slow_mode: number;
  metadata: JsonObject;
  ext: JsonObject;
  created_at: string;
}

export interface Mine {
  state: Open<"active" | "request" | "ignored">;
  read_seq: number;
  /** Live messages of others after `read_seq`, counted to 100, as of the seq `as_of`. */
  unread: number;
  as_of: number;
  muted_until: string | null;
  archived: boolean;
  pinned: boolean;
  marked_unread: boolean;
  draft: string;
  /** What every other member has read, or had delivered: the minimum over the others. */
  others_read_seq: number;
  others_delivered_seq: number;
  can: string[];
}

export interface ConversationView {
  conversation: Conversation;
  mine: Mine;
}

export interface Receipt {
  read_seq: number;
  delivered_seq: number;
}
export type Receipts = Record<string, Receipt>;

export interface Presence {
  state: Open<"online" | "away" | "offline">;
  last_seen: string | null;
}

export interface Badge {
  conversations: number;
  messages: number;
}

export interface Position {
  seq: number;
  /** The sum of all read and delivered marks of the conversation. */
  marks: number;
  mine: Mine;
}
export type Positions = Record<string, Position>;

/** The `error` object of REST and socket alike. `retry_after` in seconds. Act on `code` and `retry`, never on `message`. */
export interface ChatErrorData {
  code: string;
  message: string;
  retry: boolean;
  retry_after?: number;
  fields?: Record<string, string>;
  until?: string;
}

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
  session: string;
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

export interface PositionsData {
  epoch: string;
  inbox_seq: number;
  badge: Badge;
  positions: Positions;
  next: string | null;
}

/** What changed in `after < changed_seq ≤ seq`, as it is now. With `reset` only `conversation` and `seq` count. */
export interface ChangesBody {
  conversation: string;
  seq: number;
  after?: number;
  messages?: Message[];
  state?: Conversation | null;
  receipts?: Receipts;
  users?: User[];
  referenced?: Message[];
  more?: boolean;
  reset?: boolean;
}

export interface MessagePage {
  /** Ascending by `seq`. */
  messages: Message[];
  /** The conversation's head, read before the rows. */
  seq: number;
  more_before: boolean;
  more_after: boolean;
  users: User[];
  referenced: Message[];
}

export interface ConversationPage {
  items: ConversationView[];
  users: User[];
  next: string | null;
}

export interface InboxBody {
  inbox_seq: number;
  changed: ConversationView[];
  removed: string[];
  users: User[];
  more: boolean;
}

export interface TokenAnswer {
  access: string;
  expires_at: string;
  session: string;
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

export type TypingKind = Open<"text" | "voice">;
export interface TypingEntry {
  user: string;
  kind: TypingKind;
  expires_in: number;
}

/** Commands of the socket: name → its fields and the `data` of its reply. */
export interface Commands {
  send_message: {
    fields: { conversation: string; client_id: string; text: string; reply_to?: string };
    data: { message: Message; repeated: boolean } | { held: true };
  };
  mark_read: { fields: { conversation: string; seq: number }; data: { mine: Mine } };
  mark_delivered: { fields: { marks: Record<string, number> }; data: Record<string, never> };
  typing: {
    fields: { conversation: string; active: boolean; kind: TypingKind };
    data: Record<string, never>;
  };
  watch_conversation: {
    fields: { conversation: string | null };
    data: { typing?: TypingEntry[]; presence?: Record<string, Presence>; receipts?: Receipts };
  };
  watch_presence: { fields: { users: string[] }; data: { presence: Record<string, Presence> } };
  set_presence: { fields: { state: "active" | "away" }; data: Record<string, never> };
  positions: { fields: { cursor?: string }; data: PositionsData };
  refresh: { fields: { token: string }; data: { expires_at: string } };
  ping: { fields: Record<string, never>; data: { now: string; inbox_seq: number } };
}
export type CommandName = keyof Commands;
