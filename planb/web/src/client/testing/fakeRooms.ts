/** The truth that the fake server holds: rooms, their dense changes, people's private numbers. Says what happened as events. */

import type {
  ChangesBody,
  Conversation,
  ConversationView,
  Message,
  Mine,
  Receipt,
  ServerEvent,
  User,
} from "../wire";
import type { ManualClock } from "./manualClock";

export interface Member extends Receipt {
  joined_at: string;
  inbox_seq: number;
  archived: boolean;
  marked_unread: boolean;
}

export interface Room {
  id: string;
  kind: "direct" | "group";
  title: string;
  seq: number;
  changed_seq: number;
  messages: Message[];
  members: Map<string, Member>;
  removed: Map<string, number>;
  /** What former members had read: marks only grow, and who comes back has read it still. */
  former: Map<string, Receipt>;
  created_at: string;
}

export class FakeRooms {
  readonly rooms = new Map<string, Room>();
  readonly users = new Map<string, User>();
  readonly inboxes = new Map<string, number>();
  changesLimit = 1000;
  private ids = 0;

  constructor(
    protected readonly clock: ManualClock,
    private readonly tell: (user: string, event: ServerEvent) => void,
  ) {}

  user(id: string): User {
    const user = { id, display_name: id.toUpperCase(), avatar: null, deleted: false, ext: {} };
    this.users.set(id, user);
    return user;
  }

  room(kind: Room["kind"], people: string[], title = ""): Room {
    const id = `room-${(++this.ids).toString().padStart(4, "0")}`;
    const created_at = this.stamp();
    const room: Room = {
      id,
      kind,
      title,
      seq: 0,
      changed_seq: 0,
      messages: [],
      members: new Map(),
      removed: new Map(),
      former: new Map(),
      created_at,
    };
    this.rooms.set(id, room);
    for (const person of people) this.seat(room, person);
    for (const person of people) this.welcome(room, person);
    return room;
  }

  post(room: Room, sender: string, text: string, clientId?: string): Message {
    const held = room.messages.find((other) => other.sender === sender && other.client_id === clientId);
    if (clientId && held) return held;
    const seq = ++room.seq;
    const message: Message = {
      id: `message-${room.id}-${seq.toString().padStart(5, "0")}`,
      conversation: room.id,
      seq,
      changed_seq: seq,
      client_id: clientId ?? `client-${room.id}-${seq}`,
      sender,
      kind: "text",
      text,
      data: null,
      reply_to: null,
      mentions: [],
      attachments: [],
      reactions: [],
      metadata: {},
      ext: {},
      created_at: this.stamp(),
      edited_at: null,
      deleted_at: null,
      deleted_by: null,
      hidden_at: null,
    };
    room.messages.push(message);
    this.announce(room, { type: "new_message", message });
    return message;
  }

  edit(room: Room, id: string, text: string): void {
    this.change(room, id, { text, edited_at: this.stamp() }, "message_updated");
  }

  erase(room: Room, id: string): void {
    this.change(room, id, { text: "", deleted_at: this.stamp(), deleted_by: "author" }, "message_deleted");
  }

  /** A change that this version of the client has no name for. */
  future(room: Room, id: string): void {
    this.change(room, id, { text: "from the future" }, "message_transmuted");
  }

  rename(room: Room, title: string): void {
    room.title = title;
    room.changed_seq = ++room.seq;
    this.announce(room, { type: "conversation_updated", state: this.state(room) });
  }

  add(room: Room, user: string): void {
    room.changed_seq = ++room.seq;
    this.seat(room, user);
    this.welcome(room, user);
    this.announce(room, { type: "conversation_updated", state: this.state(room) });
  }

  remove(room: Room, user: string): void {
    room.changed_seq = ++room.seq;
    const member = room.members.get(user);
    if (member) room.former.set(user, { read_seq: member.read_seq, delivered_seq: member.delivered_seq });
    room.members.delete(user);
    const inbox_seq = this.bump(user);
    room.removed.set(user, inbox_seq);
    this.tell(user, { type: "conversation_removed", inbox_seq, conversation: room.id, reason: "removed" });
    this.announce(room, { type: "conversation_updated", state: this.state(room) });
  }

  read(room: Room, user: string, seq: number): void {
    const member = room.members.get(user);
    const read = Math.min(seq, room.seq);
    if (!member || (read <= member.read_seq && !member.marked_unread)) return;
    member.read_seq = Math.max(read, member.read_seq);
    member.delivered_seq = Math.max(member.delivered_seq, member.read_seq);
    member.marked_unread = false;
    member.inbox_seq = this.bump(user);
    this.tellAll(room, { type: "read", conversation: room.id, user, read_seq: member.read_seq });
    this.tellMine(room, user, member.inbox_seq);
  }

  delivered(room: Room, user: string, seq: number): void {
    const member = room.members.get(user);
    const delivered = Math.min(seq, room.seq);
    if (!member || delivered <= member.delivered_seq) return;
    member.delivered_seq = delivered;
    this.tellAll(room, { type: "delivered", conversation: room.id, user, delivered_seq: delivered });
  }

  archive(room: Room, user: string, archived: boolean): void {
    const member = room.members.get(user);
    if (!member) return;
    member.archived = archived;
    member.inbox_seq = this.bump(user);
    this.tellMine(room, user, member.inbox_seq);
  }

  /** A backup: what happened after `keep` changes never did. */
  rewind(room: Room, keep: number): void {
    room.messages = room.messages.filter((message) => message.seq <= keep);
    room.seq = keep;
    for (const member of room.members.values()) {
      member.read_seq = Math.min(member.read_seq, keep);
      member.delivered_seq = Math.min(member.delivered_seq, keep);
    }
  }

  state(room: Room): Conversation {
    return {
      id: room.id,
      kind: room.kind,
      title: room.title,
      subject: null,
      seq: room.seq,
      changed_seq: room.changed_seq,
      history_start: 0,
      last_message: room.messages.at(-1) ?? null,
      participant_count: room.members.size,
      participants: [...room.members].map(([user, { joined_at }]) => ({ user, role: "member", joined_at })),
      closed_at: null,
      slow_mode: 0,
      metadata: {},
      ext: {},
      created_at: room.created_at,
    };
  }

  mine(room: Room, user: string): Mine {
    const me = room.members.get(user);
    if (!me) throw new Error(`${user} is not in ${room.id}`);
    const others = [...room.members].filter(([id]) => id !== user).map(([, member]) => member);
    const live = room.messages.filter(
      (message) => message.seq > me.read_seq && message.sender !== user && !message.deleted_at,
    );
    return {
      state: "active",
      read_seq: me.read_seq,
      unread: Math.min(100, live.length),
      as_of: room.seq,
      muted_until: null,
      archived: me.archived,
      pinned: false,
      marked_unread: me.marked_unread,
      draft: "",
      others_read_seq: others.length > 0 ? Math.min(...others.map((other) => other.read_seq)) : 0,
      others_delivered_seq: others.length > 0 ? Math.min(...others.map((other) => other.delivered_seq)) : 0,
      can: ["send"],
    };
  }

  view(room: Room, user: string): ConversationView {
    return { conversation: this.state(room), mine: this.mine(room, user) };
  }

  receipts(room: Room): Record<string, Receipt> {
    return Object.fromEntries(
      [...room.members].map(([user, { read_seq, delivered_seq }]) => [user, { read_seq, delivered_seq }]),
    );
  }

  marks(room: Room): number {
    return [...room.members.values()].reduce(
      (sum, { read_seq, delivered_seq }) => sum + read_seq + delivered_seq,
      0,
    );
  }

  changes(room: Room, after: number, page = 100): ChangesBody {
    const rows = room.messages
      .filter((message) => message.changed_seq > after)
      .sort((a, b) => a.changed_seq - b.changed_seq);
    if (rows.length > this.changesLimit) return { conversation: room.id, reset: true, seq: room.seq };
    const more = rows.length > page;
    const messages = rows.slice(0, page);
    return {
      conversation: room.id,
      after,
      seq: more ? (messages.at(-1)?.changed_seq ?? room.seq) : room.seq,
      messages,
      state: room.changed_seq > after ? this.state(room) : null,
      receipts: this.receipts(room),
      users: [],
      referenced: [],
      more,
    };
  }

  of(user: string): Room[] {
    const active = (room: Room) => room.messages.at(-1)?.created_at ?? room.created_at;
    return [...this.rooms.values()]
      .filter((room) => room.members.has(user))
      .sort((a, b) => (active(a) + a.id < active(b) + b.id ? 1 : -1));
  }

  stamp(): string {
    return new Date(this.clock.now()).toISOString();
  }

  private seat(room: Room, user: string): void {
    const member = {
      joined_at: this.stamp(),
      inbox_seq: this.bump(user),
      archived: false,
      marked_unread: false,
    };
    const marks = room.former.get(user) ?? { read_seq: 0, delivered_seq: 0 };
    room.members.set(user, { ...member, ...marks });
    room.removed.delete(user);
  }

  private welcome(room: Room, user: string): void {
    const inbox_seq = room.members.get(user)?.inbox_seq ?? 0;
    const users = [...room.members.keys()].map((id) => this.users.get(id)).filter((one) => one !== undefined);
    const { conversation: state, mine } = this.view(room, user);
    this.tell(user, { type: "conversation_added", inbox_seq, conversation: room.id, state, mine, users });
  }

  private bump(user: string): number {
    const seq = (this.inboxes.get(user) ?? 0) + 1;
    this.inboxes.set(user, seq);
    return seq;
  }

  private change(room: Room, id: string, fields: Partial<Message>, type: string): void {
    const place = room.messages.findIndex((message) => message.id === id);
    const before = room.messages[place];
    if (!before || before.deleted_at) return;
    const message = { ...before, ...fields, changed_seq: ++room.seq };
    room.messages[place] = message;
    this.announce(room, { type, message });
  }

  private announce(room: Room, event: ServerEvent): void {
    this.tellAll(room, { ...event, conversation: room.id, seq: room.seq });
  }

  private tellMine(room: Room, user: string, inbox_seq: number): void {
    this.tell(user, { type: "mine", inbox_seq, conversation: room.id, mine: this.mine(room, user) });
  }

  private tellAll(room: Room, event: ServerEvent): void {
    for (const user of room.members.keys()) this.tell(user, event);
  }
}
