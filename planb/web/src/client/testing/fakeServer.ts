/** A server in memory that speaks the contract over both doors, and can be made to fail in every way that a real one does. */

import type { SocketLike } from "../socket";
import type { ChatErrorData, JsonObject, ServerEvent } from "../wire";
import { FakeRooms, type Room } from "./fakeRooms";
import type { ManualClock } from "./manualClock";

type Fields = Record<string, unknown>;

export class FakeSocket implements SocketLike {
  onopen: (() => void) | null = null;
  onmessage: ((event: { data: unknown }) => void) | null = null;
  onclose: ((event: { code: number; reason: string }) => void) | null = null;
  onerror: (() => void) | null = null;
  user = "";
  closed = false;
  readonly sent: (Fields & { type: string })[] = [];

  constructor(readonly server: FakeServer) {
    queueMicrotask(() => {
      if (server.down) this.end(1006);
      else this.onopen?.();
    });
  }

  send(text: string): void {
    const frame = JSON.parse(text) as Fields & { type: string; id: number };
    this.sent.push(frame);
    if (!this.closed && !this.server.mute) this.server.command(this, frame);
  }

  close(): void {
    this.closed = true;
    this.server.sockets.delete(this);
  }

  /** The server's end closes. */
  end(code: number): void {
    if (this.closed) return;
    this.close();
    this.onclose?.({ code, reason: "" });
  }

  say(frame: object | string): void {
    const data = typeof frame === "string" ? frame : JSON.stringify(frame);
    queueMicrotask(() => {
      if (!this.closed) this.onmessage?.({ data });
    });
  }
}

/** One browser: its refresh cookie. */
export interface Browser {
  cookie: string | null;
}

export class FakeServer {
  readonly sockets = new Set<FakeSocket>();
  readonly opened: FakeSocket[] = [];
  readonly rooms: FakeRooms;
  readonly requests: string[] = [];
  epoch = "epoch-1";
  down = false;
  /** Takes everything, answers nothing: a cut that nobody was told of. */
  mute = false;
  features: string[] = [];
  /** Decides what becomes of an event on its way to a socket; default: it arrives. */
  carry: (socket: FakeSocket, event: ServerEvent) => void = (socket, event) => socket.say(event);
  /** Called before a command is carried out; an error refuses it, "lost" carries it out and says nothing. */
  intercept: (frame: Fields & { type: string }, user: string) => ChatErrorData | "lost" | null = () => null;
  /** Called before a request is carried out: an error body, or null. */
  refuse: (path: string) => { status: number; error: ChatErrorData } | null = () => null;
  /** Called after the rows of a messages page were read and before its answer leaves. */
  afterPage: () => void | Promise<void> = () => undefined;
  /** Milliseconds that each leg of a request, and each reply, takes. */
  lag: () => number = () => 0;
  private tokens = 0;
  private readonly access = new Map<string, { user: string; session: string }>();
  readonly sessions = new Map<string, { user: string; revoked: boolean }>();

  constructor(readonly clock: ManualClock) {
    this.rooms = new FakeRooms(clock, (user, event) => {
      for (const socket of this.sockets) if (socket.user === user) this.carry(socket, event);
    });
  }

  connect = (): FakeSocket => {
    const socket = new FakeSocket(this);
    this.opened.push(socket);
    return socket;
  };

  kill(code = 1006): void {
    for (const socket of [...this.sockets]) socket.end(code);
  }

  signedIn(user: string): Browser {
    const session = `session-${++this.tokens}`;
    this.sessions.set(session, { user, revoked: false });
    return { cookie: session };
  }

  command(socket: FakeSocket, frame: Fields & { type: string; id?: unknown }): void {
    const { id, type } = frame;
    if (type === "hello") {
      this.hello(socket, frame);
      return;
    }
    const verdict = this.intercept(frame, socket.user);
    if (verdict && verdict !== "lost") {
      socket.say({ type: "reply", id, ok: false, error: verdict });
      return;
    }
    const data = this.carryOut(socket.user, type, frame);
    if (verdict !== "lost") void this.travel().then(() => socket.say({ type: "reply", id, ok: true, data }));
  }

  private hello(socket: FakeSocket, frame: Fields): void {
    const found = this.access.get(String(frame.token));
    if (!found || this.sessions.get(found.session)?.revoked) {
      socket.end(4401);
      return;
    }
    socket.user = found.user;
    this.sockets.add(socket);
    const { next, ...positions } = this.positions(found.user);
    socket.say({
      type: "ready",
      id: frame.id,
      now: this.rooms.stamp(),
      session: found.session,
      connection: "connection",
      user: this.rooms.users.get(found.user),
      expires_at: new Date(this.clock.now() + 300_000).toISOString(),
      revision: 1,
      features: this.features,
      limits: { text: 4000 },
      timing: { ping: 30, reply: 10, typing_resend: 3, typing_expire: 6 },
      next_positions: next,
      ...positions,
    });
  }

  private positions(user: string) {
    const rooms = this.rooms.of(user);
    const unread = rooms.map((room) => this.rooms.mine(room, user)).filter((mine) => !mine.archived);
    return {
      epoch: this.epoch,
      inbox_seq: this.rooms.inboxes.get(user) ?? 0,
      badge: {
        conversations: unread.filter((mine) => mine.unread > 0).length,
        messages: unread.reduce((sum, mine) => sum + mine.unread, 0),
      },
      positions: Object.fromEntries(
        rooms.map((room) => [
          room.id,
          { seq: room.seq, marks: this.rooms.marks(room), mine: this.rooms.mine(room, user) },
        ]),
      ),
      next: null,
    };
  }

  private carryOut(user: string, type: string, frame: Fields): object {
    const room = this.rooms.rooms.get(String(frame.conversation));
    switch (type) {
      case "send_message": {
        if (!room) return {};
        const repeated = room.messages.some((message) => message.client_id === frame.client_id);
        return {
          message: this.rooms.post(room, user, String(frame.text), String(frame.client_id)),
          repeated,
        };
      }
      case "mark_read":
        if (room) this.rooms.read(room, user, Number(frame.seq));
        return room ? { mine: this.rooms.mine(room, user) } : {};
      case "mark_delivered":
        for (const [id, seq] of Object.entries(frame.marks as Record<string, number>)) {
          const marked = this.rooms.rooms.get(id);
          if (marked) this.rooms.delivered(marked, user, seq);
        }
        return {};
      case "watch_conversation":
        return room?.members.has(user)
          ? { typing: [], presence: {}, receipts: this.rooms.receipts(room) }
          : {};
      case "watch_presence":
        return {
          presence: Object.fromEntries(
            (frame.users as string[]).map((id) => [id, { state: "online", last_seen: null }]),
          ),
        };
      case "positions":
        return this.positions(user);
      case "ping":
        return { now: this.rooms.stamp(), inbox_seq: this.rooms.inboxes.get(user) ?? 0 };
      case "refresh":
        return { expires_at: new Date(this.clock.now() + 300_000).toISOString() };
      default:
        return {};
    }
  }

  fetchFor(browser: Browser): typeof globalThis.fetch {
    return async (input, init) => {
      const url = new URL(String(input), "http://planb.test");
      const path = url.pathname.replace(/^\/api\/v1\//, "");
      this.requests.push(`${init?.method ?? "GET"} ${path}${url.search}`);
      await this.travel();
      if (this.down) throw new TypeError("Failed to fetch");
      const refusal = this.refuse(path);
      if (refusal) return answer(refusal.status, { error: refusal.error }, this.clock);
      const headers = new Headers(init?.headers);
      const body = typeof init?.body === "string" ? (JSON.parse(init.body) as Fields) : {};
      const [status, data] = await this.route(browser, path, url.searchParams, headers, body);
      // As it is when it leaves: what changes while it travels is not in it.
      const copy = structuredClone(data);
      await this.travel();
      if (this.down) throw new TypeError("Failed to fetch");
      return answer(status, copy, this.clock);
    };
  }

  private travel(): Promise<void> {
    const ms = this.lag();
    if (ms <= 0) return Promise.resolve();
    return new Promise((resolve) => void this.clock.after(ms, resolve));
  }

  private async route(
    browser: Browser,
    path: string,
    query: URLSearchParams,
    headers: Headers,
    body: Fields,
  ): Promise<[number, object | null]> {
    if (path.startsWith("auth/")) return this.authorize(browser, path, headers, body);
    const bearer = this.access.get(headers.get("Authorization")?.replace("Bearer ", "") ?? "");
    if (!bearer || this.sessions.get(bearer.session)?.revoked) return refused(401, "token_expired");
    const { user } = bearer;
    const [, id = "", part = ""] = path.split("/");
    const number = (name: string): number | null => (query.has(name) ? Number(query.get(name)) : null);
    if (path === "me") return [200, this.rooms.users.get(user) ?? null];
    if (path === "users") return [200, { users: [...this.rooms.users.values()] }];
    if (path === "inbox") return [200, this.inbox(user, number("after") ?? 0)];
    if (path === "sync") {
      const cursors = Object.entries(body.cursors as Record<string, number>);
      const rooms = cursors.map(([key, after]) => ({ room: this.rooms.rooms.get(key), after }));
      const held = rooms.filter(({ room }) => room?.members.has(user));
      return [200, { changes: held.map(({ room, after }) => this.rooms.changes(room as Room, after)) }];
    }
    if (path === "conversations" && Object.keys(body).length > 0) return [201, this.create(user, body)];
    if (path === "conversations") return [200, this.list(user, query)];
    const room = this.rooms.rooms.get(id);
    if (!room?.members.has(user)) return refused(404, "not_found");
    if (part === "") return [200, { ...this.rooms.view(room, user), users: [] }];
    if (part === "receipts") return [200, { receipts: this.rooms.receipts(room) }];
    if (part === "changes") return [200, this.rooms.changes(room, number("after") ?? 0)];
    const page = this.page(room, number("before"), number("after"), number("around"), number("limit") ?? 50);
    await this.afterPage();
    return [200, page];
  }

  private page(
    room: Room,
    before: number | null,
    after: number | null,
    around: number | null,
    limit: number,
  ) {
    const all = room.messages;
    let from = Math.max(0, all.length - limit);
    if (before !== null) from = Math.max(0, all.findIndex((message) => message.seq >= before) - limit);
    if (after !== null) from = all.findIndex((message) => message.seq > after);
    if (around !== null) from = Math.max(0, all.findIndex((message) => message.seq >= around) - limit / 2);
    let to = Math.min(all.length, from + limit);
    if (before !== null) to = all.findIndex((message) => message.seq >= before);
    const messages = from === -1 ? [] : all.slice(from, to);
    return {
      messages,
      seq: room.seq,
      more_before: from > 0,
      more_after: to < all.length,
      users: [],
      referenced: [],
    };
  }

  private list(user: string, query: URLSearchParams) {
    const rooms = this.rooms.of(user).filter((room) => !room.members.get(user)?.archived);
    const cursor = query.get("cursor");
    const from = cursor === null ? 0 : rooms.findIndex((room) => room.id === cursor) + 1;
    const shown = rooms.slice(from, from + Number(query.get("limit") ?? 30));
    const next = from + shown.length < rooms.length ? (shown.at(-1)?.id ?? null) : null;
    return {
      items: shown.map((room) => this.rooms.view(room, user)),
      users: [...this.rooms.users.values()],
      next,
    };
  }

  private create(user: string, body: Fields) {
    const room = this.rooms.room(
      body.kind as Room["kind"],
      [user, ...(body.users as string[])],
      String(body.title ?? ""),
    );
    return this.rooms.view(room, user);
  }

  private inbox(user: string, after: number) {
    const rooms = [...this.rooms.rooms.values()];
    const changed = rooms.filter((room) => (room.members.get(user)?.inbox_seq ?? 0) > after);
    const removed = rooms.filter((room) => (room.removed.get(user) ?? 0) > after).map((room) => room.id);
    const inbox_seq = this.rooms.inboxes.get(user) ?? 0;
    return {
      inbox_seq,
      changed: changed.map((room) => this.rooms.view(room, user)),
      removed,
      users: [],
      more: false,
    };
  }

  private authorize(browser: Browser, path: string, headers: Headers, body: Fields): [number, object | null] {
    if (headers.get("X-Requested-With") !== "planb") return refused(403, "forbidden");
    if (path === "auth/token/revoke") {
      const session = this.sessions.get(browser.cookie ?? "");
      if (session) session.revoked = true;
      browser.cookie = null;
      return [204, null];
    }
    if (path === "auth/token" || path === "auth/register") {
      if (body.password !== "planb-demo") return refused(401, "unauthenticated");
      if (path === "auth/register") this.rooms.user(String(body.username));
      browser.cookie = this.signedIn(String(body.username)).cookie;
    }
    const session = browser.cookie ?? "";
    const found = this.sessions.get(session);
    if (!found || found.revoked) return refused(401, "unauthenticated");
    const access = `access-${++this.tokens}`;
    this.access.set(access, { user: found.user, session });
    const expires_at = new Date(this.clock.now() + 300_000).toISOString();
    return [200, { access, expires_at, session }];
  }
}

function refused(status: number, code: string): [number, object] {
  const error: JsonObject = { code, message: code, retry: false };
  return [status, { error }];
}

function answer(status: number, data: object | null, clock: ManualClock): Response {
  const headers = { Date: new Date(clock.now()).toUTCString() };
  return new Response(data === null ? null : JSON.stringify(data), { status, headers });
}
