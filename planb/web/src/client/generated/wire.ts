/** Made by `npm run types` from the OpenAPI and AsyncAPI documents: do not edit. */

import type { JsonObject } from "../json";

export interface AddParticipants {
  users: string[];
}

export interface Badge {
  conversations: number;
  messages: number;
}

/**
 * More was missed than a frame holds: fetch the changes.
 */
export interface BehindFrame {
  type: "behind";
  conversation: string;
  /**
   * The change's place in its conversation: dense, from 1.
   */
  seq: number;
}

export interface ChangeMe {
  display_name?: string;
}

export interface ChangePassword {
  old_password: string;
  new_password: string;
}

export interface ChangeRole {
  role: "admin" | "member" | "owner";
}

/**
 * What changed in `after < changed_seq ≤ seq`, as it is now. With `reset` only `conversation` and `seq` count.
 */
export interface Changes {
  conversation: string;
  seq: number;
  after?: number;
  messages?: Message[];
  state?: Conversation | null;
  receipts?: {
    [k: string]: Receipt;
  };
  users?: User[];
  referenced?: Message[];
  more?: boolean;
  reset?: boolean;
}

export interface Message {
  id: string;
  conversation: string;
  seq: number;
  changed_seq: number;
  client_id: string | null;
  sender: string | null;
  kind: "text" | "voice" | "call" | "system" | (string & {});
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
  deleted_by: "author" | "moderator" | (string & {}) | null;
  hidden_at: string | null;
}

export interface Reaction {
  emoji: string;
  count: number;
  users: string[];
}

export interface Conversation {
  id: string;
  kind: "direct" | "group" | (string & {});
  title: string;
  subject: Subject | null;
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

/**
 * The business object talked about. Only a resolver of the deployment makes one.
 */
export interface Subject {
  type: string;
  id: string;
  title: string;
  url: string | null;
  image: string | null;
}

export interface ParticipantEntry {
  user: string;
  role: "owner" | "admin" | "member" | (string & {});
  joined_at: string;
}

export interface Receipt {
  read_seq: number;
  delivered_seq: number;
}

export interface User {
  id: string;
  display_name: string;
  avatar: string | null;
  deleted: boolean;
  ext: JsonObject;
}

/**
 * What the server had missed to tell in time: a body of `changes`, as REST gives it.
 */
export interface ChangesFrame {
  type: "changes";
  conversation: string;
  seq: number;
  after?: number;
  messages?: Message[];
  state?: Conversation | null;
  receipts?: {
    [k: string]: Receipt;
  };
  users?: User[];
  referenced?: Message[];
  more?: boolean;
  reset?: boolean;
}

export interface ClientInfo {
  name?: string;
  version?: string;
}

export interface ClientName {
  name: string;
  version?: string;
}

/**
 * The server goes away (4503): come back after so many seconds.
 */
export interface ClosingFrame {
  type: "closing";
  retry_after: number;
}

/**
 * What clients may know before anybody signed in. Limits: code points, bytes, items; timing: seconds.
 */
export interface ConfigAnswer {
  revision: number;
  features: string[];
  limits: {
    [k: string]: number;
  };
  timing: {
    [k: string]: number;
  };
  registration_open: boolean;
}

/**
 * A conversation is this person's from now on.
 */
export interface ConversationAddedFrame {
  type: "conversation_added";
  /**
   * The change's place among what is this person's own: dense, from 1.
   */
  inbox_seq: number;
  conversation: string;
  state: Conversation;
  mine: Mine;
  users?: User[];
}

/**
 * What of a conversation is its reader's own. `unread` counts to 100, as of the seq `as_of`.
 */
export interface Mine {
  state: "active" | "request" | "ignored" | (string & {});
  read_seq: number;
  unread: number;
  as_of: number;
  muted_until: string | null;
  archived: boolean;
  pinned: boolean;
  marked_unread: boolean;
  draft: string;
  others_read_seq: number;
  others_delivered_seq: number;
  can: string[];
}

export interface ConversationAnswer {
  conversation: Conversation;
}

/**
 * `next` leads to the older ones.
 */
export interface ConversationPage {
  items: ConversationView[];
  users: User[];
  next: string | null;
}

/**
 * A conversation and what of it is the reader's own.
 */
export interface ConversationView {
  conversation: Conversation;
  mine: Mine;
}

export interface ConversationRemovedFrame {
  type: "conversation_removed";
  /**
   * The change's place among what is this person's own: dense, from 1.
   */
  inbox_seq: number;
  conversation: string;
  reason: "left" | "removed" | "deleted" | (string & {});
}

/**
 * The whole conversation as it is now, and the system message that says what happened, as one change.
 */
export interface ConversationUpdatedFrame {
  type: "conversation_updated";
  conversation: string;
  /**
   * The change's place in its conversation: dense, from 1.
   */
  seq: number;
  state: Conversation;
  users?: User[];
  message?: Message;
}

export interface CreateConversation {
  client_id: string;
  kind: "direct" | "group";
  users: string[];
  title?: string;
  subject?: SubjectRef | null;
  message?: FirstMessage | null;
}

export interface SubjectRef {
  type: string;
  id: string;
}

export interface FirstMessage {
  client_id: string;
  text?: string;
  metadata?: JsonObject;
}

export interface DeleteMessage {
  message: string;
}

export interface DeliveredFrame {
  type: "delivered";
  conversation: string;
  user: string;
  delivered_seq: number;
}

export interface EditMessage {
  message: string;
  text: string;
  if_edited_at?: string | null;
}

export interface EditMessageBody {
  text: string;
  if_edited_at?: string | null;
}

export interface ErrorBody {
  error: ErrorData;
}

/**
 * Act on `code` and `retry`, never on `message`. `retry_after` is in seconds; `fields` says what is wrong where.
 */
export interface ErrorData {
  code:
    | "bad_request"
    | "unauthenticated"
    | "token_expired"
    | "forbidden"
    | "muted"
    | "suspended"
    | "closed"
    | "blocked"
    | "not_found"
    | "conflict"
    | "too_large"
    | "unknown_type"
    | "rate_limited"
    | "refused"
    | "unsupported"
    | "unavailable"
    | "internal"
    | (string & {});
  message: string;
  retry: boolean;
  retry_after?: number;
  fields?: {
    [k: string]: string;
  };
  until?: string;
}

export interface ExpiryAnswer {
  expires_at: string;
}

export interface Hello {
  token: string;
  device?: string | null;
  client?: ClientInfo;
}

/**
 * What is private to a person and changed, as it is now; `removed` are conversations that are no longer theirs.
 */
export interface InboxAnswer {
  inbox_seq: number;
  changed: ConversationView[];
  removed: string[];
  users: User[];
  more: boolean;
}

export interface MarkDelivered {
  marks: {
    [k: string]: number;
  };
}

export interface MarkRead {
  conversation: string;
  seq: number;
}

export interface MarkReadBody {
  seq: number;
}

export interface MessageAnswer {
  message: Message;
}

/**
 * The message keeps its place, without its text.
 */
export interface MessageDeletedFrame {
  type: "message_deleted";
  conversation: string;
  /**
   * The change's place in its conversation: dense, from 1.
   */
  seq: number;
  message: Message;
}

/**
 * An edit, a reaction, the undoing of a deletion: the message as it is now.
 */
export interface MessageUpdatedFrame {
  type: "message_updated";
  conversation: string;
  /**
   * The change's place in its conversation: dense, from 1.
   */
  seq: number;
  message: Message;
}

export interface MineAnswer {
  mine: Mine;
}

/**
 * Read marks, mute, archive, pin, draft: what this person changed on any device.
 */
export interface MineFrame {
  type: "mine";
  /**
   * The change's place among what is this person's own: dense, from 1.
   */
  inbox_seq: number;
  conversation: string;
  mine: Mine;
}

/**
 * A message was sent. `users` and `referenced` are whom it names and what it quotes.
 */
export interface NewMessageFrame {
  type: "new_message";
  conversation: string;
  /**
   * The change's place in its conversation: dense, from 1.
   */
  seq: number;
  message: Message;
  users?: User[];
  referenced?: Message[];
}

/**
 * It was done, and there is nothing to say.
 */
export interface Nothing {}
export interface OpenedConversation {
  conversation: Conversation;
  mine: Mine;
  users: User[];
}

/**
 * Messages ascending. `seq` is the conversation's head, read before the rows.
 */
export interface Page {
  messages: Message[];
  seq: number;
  more_before: boolean;
  more_after: boolean;
  users: User[];
  referenced: Message[];
}

export interface ParticipantsPage {
  participants: ParticipantEntry[];
  users: User[];
  next: string | null;
}

export interface Ping {}
export interface Pong {
  now: string;
  inbox_seq: number;
}

/**
 * Where a conversation stands: `marks` is the sum of the marks in its receipts, 0 where those are counted.
 */
export interface Position {
  seq: number;
  marks: number;
  mine: Mine;
}

export interface Positions {
  cursor?: string | null;
}

export interface PositionsAnswer {
  epoch: string;
  inbox_seq: number;
  badge: Badge;
  positions: {
    [k: string]: Position;
  };
  next: string | null;
}

/**
 * `last_seen` is known only of those who are offline, and not for ever.
 */
export interface Presence {
  state: "online" | "away" | "offline" | (string & {});
  last_seen: string | null;
}

/**
 * By user; those one shares nothing with are absent.
 */
export interface PresenceAnswer {
  presence: {
    [k: string]: Presence;
  };
}

/**
 * Somebody watched came, went, or turned away.
 */
export interface PresenceFrame {
  type: "presence";
  user: string;
  state: "online" | "away" | "offline" | (string & {});
  last_seen: string | null;
}

/**
 * What a person hides, and therefore does not see of others.
 */
export interface Privacy {
  hide_last_seen: boolean;
  hide_typing: boolean;
  private_receipts: boolean;
}

export interface React {
  message: string;
  emoji: string;
  on: boolean;
}

/**
 * Who reacted, and when; the message itself carries the sums.
 */
export interface ReactionEntry {
  emoji: string;
  user: string;
  created_at: string;
}

/**
 * In the order in which people reacted.
 */
export interface ReactionsAnswer {
  reactions: ReactionEntry[];
  users: User[];
}

/**
 * Somebody has read up to `read_seq`; that implies delivered.
 */
export interface ReadFrame {
  type: "read";
  conversation: string;
  user: string;
  read_seq: number;
}

/**
 * The answer to `hello`. Nothing precedes it; whatever is committed later comes as an event after it.
 */
export interface ReadyFrame {
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
  limits: {
    [k: string]: number;
  };
  timing: {
    [k: string]: number;
  };
  inbox_seq: number;
  badge: Badge;
  positions: {
    [k: string]: Position;
  };
  next_positions: string | null;
}

/**
 * How many members other than its sender have reached the message at this place.
 */
export interface ReceiptCounts {
  message_seq: number;
  read: number;
  delivered: number;
}

/**
 * In a large conversation, instead of `read` and `delivered`: how many have reached this message.
 */
export interface ReceiptCountsFrame {
  type: "receipt_counts";
  message_seq: number;
  read: number;
  delivered: number;
  conversation: string;
}

/**
 * All marks by user; in a large conversation none of them, and `counts` of one message instead.
 */
export interface ReceiptsAnswer {
  receipts: {
    [k: string]: Receipt;
  };
  counts: ReceiptCounts | null;
}

export interface Refresh {
  token: string;
}

export interface RefreshOrRevoke {
  refresh?: string | null;
}

export interface Register {
  username: string;
  password: string;
  delivery?: "body" | "cookie";
  device?: string | null;
  client?: ClientName | null;
  display_name: string;
}

export interface SendMessage {
  conversation: string;
  client_id: string;
  text?: string;
  attachments?: string[];
  reply_to?: string | null;
  mentions?: string[];
  metadata?: JsonObject;
}

/**
 * `repeated`: this `client_id` was sent before, with the same content.
 */
export interface SentAnswer {
  message: Message;
  repeated: boolean;
}

/**
 * A login, as its person sees it. `current`: the one that asks.
 */
export interface SessionEntry {
  id: string;
  device: string | null;
  client: string;
  user_agent: string;
  created_at: string;
  last_used_at: string;
  expires_at: string;
  current: boolean;
}

export interface SessionsAnswer {
  items: SessionEntry[];
}

export interface SetPresence {
  state: "active" | "away";
}

export interface SignIn {
  username: string;
  password: string;
  delivery?: "body" | "cookie";
  device?: string | null;
  client?: ClientName | null;
}

export interface Sync {
  cursors: {
    [k: string]: number;
  };
}

/**
 * Conversations that are not this person's are absent.
 */
export interface SyncAnswer {
  changes: Changes[];
}

/**
 * `refresh` is absent where a cookie carries it. `expires_at` is the access token's.
 */
export interface TokenAnswer {
  access: string;
  expires_at: string;
  session: string;
  refresh?: string;
}

/**
 * At least 30 s ahead: send `refresh` with a new token, or be closed with 4501.
 */
export interface TokenExpiringFrame {
  type: "token_expiring";
  expires_at: string;
}

export interface Typing {
  conversation: string;
  active: boolean;
  kind?: "text" | "voice";
}

export interface TypingEntry {
  user: string;
  kind: "text" | "voice" | (string & {});
  expires_in: number;
}

/**
 * It lapses by itself after `expires_in` seconds.
 */
export interface TypingFrame {
  type: "typing";
  conversation: string;
  user: string;
  active: boolean;
  kind: "text" | "voice" | (string & {});
  expires_in: number;
}

/**
 * Absent is keep, null is clear.
 */
export interface UpdateConversation {
  title?: string | null;
  subject?: SubjectRef | null;
  metadata?: JsonObject | null;
}

/**
 * Absent is keep, null is clear.
 */
export interface UpdateMine {
  conversation: string;
  muted_until?: string | null;
  archived?: boolean;
  pinned?: boolean;
  marked_unread?: boolean;
  draft?: string | null;
}

/**
 * Absent is keep, null is clear.
 */
export interface UpdateMineBody {
  muted_until?: string | null;
  archived?: boolean;
  pinned?: boolean;
  marked_unread?: boolean;
  draft?: string | null;
}

/**
 * Absent is keep.
 */
export interface UpdatePrivacy {
  hide_last_seen?: boolean;
  hide_typing?: boolean;
  private_receipts?: boolean;
}

/**
 * A name or picture changed.
 */
export interface UserUpdatedFrame {
  type: "user_updated";
  user: User;
}

export interface UsersAnswer {
  users: User[];
}

/**
 * Apps add what they know of the conversation on screen, by the hook `conversation_watched`.
 */
export interface WatchAnswer {
  receipts: {
    [k: string]: Receipt;
  };
  counts: ReceiptCounts | null;
  typing?: TypingEntry[];
  presence?: {
    [k: string]: Presence;
  };
}

export interface WatchConversation {
  conversation: string | null;
}

/**
 * `users` is the whole set: whoever was watched before and is not in it no longer is.
 */
export interface WatchPresence {
  users: string[];
}

/** Commands of the socket: name → its fields and the `data` of its reply. */
export interface KnownCommands {
  hello: { fields: Hello; data: ReadyFrame };
  delete_message: { fields: DeleteMessage; data: MessageAnswer };
  edit_message: { fields: EditMessage; data: MessageAnswer };
  mark_delivered: { fields: MarkDelivered; data: Nothing };
  mark_read: { fields: MarkRead; data: MineAnswer };
  ping: { fields: Ping; data: Pong };
  positions: { fields: Positions; data: PositionsAnswer };
  react: { fields: React; data: MessageAnswer };
  refresh: { fields: Refresh; data: ExpiryAnswer };
  send_message: { fields: SendMessage; data: SentAnswer };
  set_presence: { fields: SetPresence; data: Nothing };
  typing: { fields: Typing; data: Nothing };
  update_mine: { fields: UpdateMine; data: MineAnswer };
  watch_conversation: { fields: WatchConversation; data: WatchAnswer };
  watch_presence: { fields: WatchPresence; data: PresenceAnswer };
}

/** Every event that this version knows. */
export type KnownEvent =
  | BehindFrame
  | ChangesFrame
  | ClosingFrame
  | ConversationAddedFrame
  | ConversationRemovedFrame
  | ConversationUpdatedFrame
  | DeliveredFrame
  | MessageDeletedFrame
  | MessageUpdatedFrame
  | MineFrame
  | NewMessageFrame
  | PresenceFrame
  | ReadFrame
  | ReceiptCountsFrame
  | TokenExpiringFrame
  | TypingFrame
  | UserUpdatedFrame;
