/** The whole client on a fake server: connecting, losing the connection, coming back. */

import { beforeEach, expect, test } from "vitest";
import { FakeTabs, shown, stateOf, World } from "./testing/world";

let world: World;
beforeEach(() => {
  world = new World();
});

test("hello is the first frame, and the token is never in the URL", async () => {
  await world.arrive("awa");
  const [socket] = world.server.opened;
  expect(socket?.sent[0]).toMatchObject({ type: "hello", client: { name: "web" } });
  expect(String(socket?.sent[0]?.token)).toMatch(/^access-/);
});

test("a client that is told nothing about its session is signed out", async () => {
  const client = world.client({ cookie: null });
  await client.start();
  expect(stateOf(client).auth).toEqual({ status: "out", me: null });
  expect(world.server.opened).toEqual([]);
});

test("after a restart everything that was said meanwhile is there once, without a second fetch of the window", async () => {
  const room = world.server.rooms.room("direct", ["awa", "koffi"]);
  world.server.rooms.post(room, "koffi", "one");
  const client = await world.arrive("awa");
  await client.openConversation(room.id);
  world.server.kill();
  world.server.down = true;
  await world.clock.advance(0);
  expect(stateOf(client).connection).toMatchObject({ state: "disconnected", reason: "network" });
  expect(stateOf(client).connection.retryAt).toBeGreaterThan(world.clock.now());
  world.server.rooms.post(room, "koffi", "two");
  world.server.rooms.post(room, "koffi", "three");
  world.server.down = false;
  await world.clock.advance(20_000);
  expect(stateOf(client).connection.state).toBe("connected");
  expect(shown(client, room.id)).toEqual(["one", "two", "three"]);
  expect(stateOf(client).conversations[room.id]).toMatchObject({ seq: 3, mine: { unread: 3 } });
  const pages = world.server.requests.filter((line) => line.includes("/messages"));
  expect(pages).toHaveLength(1);
});

test("what could not be loaded without a server is loaded once it is back", async () => {
  const room = world.server.rooms.room("direct", ["awa", "koffi"]);
  world.server.rooms.post(room, "koffi", "one");
  const client = await world.arrive("awa");
  world.server.kill();
  world.server.down = true;
  await client.openConversation(room.id);
  await world.clock.advance(30_000);
  expect(stateOf(client).windows[room.id]).toMatchObject({ loading: "none", error: { retry: true } });
  world.server.down = false;
  await world.clock.advance(20_000);
  expect(shown(client, room.id)).toEqual(["one"]);
  expect(stateOf(client).windows[room.id]?.error).toBeNull();
});

test("a list that could not be loaded without a server is loaded once it is back", async () => {
  const room = world.server.rooms.room("direct", ["awa", "koffi"]);
  world.server.rooms.post(room, "koffi", "one");
  const client = world.client(world.server.signedIn("awa"));
  await client.start();
  world.server.kill();
  world.server.down = true;
  await client.loadConversations();
  await world.clock.advance(30_000);
  expect(stateOf(client).listState).toBe("error");
  world.server.down = false;
  await world.clock.advance(20_000);
  expect(stateOf(client)).toMatchObject({ listState: "done", order: [room.id] });
});

test("a person who asks to retry does not wait for the delay", async () => {
  const client = await world.arrive("awa");
  world.draws = [1, 1, 1, 1];
  world.server.kill();
  await world.clock.advance(1);
  expect(stateOf(client).connection.state).toBe("disconnected");
  client.retryNow();
  await world.clock.advance(0);
  expect(stateOf(client).connection.state).toBe("connected");
});

test("a server that is being restarted is given the time that it asked for", async () => {
  const client = await world.arrive("awa");
  const [socket] = world.server.opened;
  socket?.say({ type: "closing", retry_after: 12 });
  await world.clock.advance(0);
  world.server.kill(4503);
  const start = world.clock.now();
  expect(stateOf(client).connection).toMatchObject({ reason: "restarting", retryAt: start + 12_000 });
  await world.clock.advance(11_999);
  expect(world.server.opened).toHaveLength(1);
  await world.clock.advance(1);
  expect(stateOf(client).connection.state).toBe("connected");
});

test("a silent cut is found out by a ping that nobody answers", async () => {
  const client = await world.arrive("awa");
  world.server.mute = true;
  await world.clock.advance(30_000);
  expect(stateOf(client).connection.state).toBe("connected");
  await world.clock.advance(10_000);
  expect(stateOf(client).connection).toMatchObject({ state: "disconnected", reason: "timeout" });
  world.server.mute = false;
  await world.clock.advance(20_000);
  expect(stateOf(client).connection.state).toBe("connected");
});

test("a socket that opens and never gets ready is given up", async () => {
  const client = world.client(world.server.signedIn("awa"));
  world.server.mute = true;
  await client.start();
  await world.clock.advance(15_000);
  expect(stateOf(client).connection).toMatchObject({
    state: "disconnected",
    reason: "timeout",
    everConnected: false,
  });
});

test("a replaced socket stays away until the person asks for it", async () => {
  const client = await world.arrive("awa");
  world.server.kill(4429);
  await world.clock.advance(120_000);
  expect(world.server.opened).toHaveLength(1);
  expect(stateOf(client).connection).toMatchObject({ reason: "replaced", retryAt: null });
  client.retryNow();
  await world.clock.advance(0);
  expect(stateOf(client).connection.state).toBe("connected");
});

test("an expired token is renewed before the next hello", async () => {
  const client = await world.arrive("awa");
  world.server.kill(4501);
  await world.clock.advance(0);
  const tokens = world.server.opened.map((socket) => socket.sent[0]?.token);
  expect(tokens).toHaveLength(2);
  expect(tokens[1]).not.toBe(tokens[0]);
  expect(stateOf(client).connection.state).toBe("connected");
});

test("a token that is about to expire is renewed on the open socket", async () => {
  await world.arrive("awa");
  const [socket] = world.server.opened;
  socket?.say({ type: "token_expiring", expires_at: world.server.rooms.stamp() });
  await world.clock.advance(0);
  const refresh = socket?.sent.find((frame) => frame.type === "refresh");
  expect(refresh?.token).toMatch(/^access-/);
  expect(refresh?.token).not.toBe(socket?.sent[0]?.token);
});

test("a revoked session ends as expired: views stay, nothing reconnects, and signing in goes on", async () => {
  const room = world.server.rooms.room("direct", ["awa", "koffi"]);
  world.server.rooms.post(room, "koffi", "one");
  const client = await world.arrive("awa");
  await client.openConversation(room.id);
  for (const session of world.server.sessions.values()) session.revoked = true;
  world.server.kill(4401);
  await world.clock.advance(60_000);
  expect(stateOf(client).auth).toMatchObject({ status: "expired", me: { id: "awa" } });
  expect(shown(client, room.id)).toEqual(["one"]);
  expect(world.server.opened).toHaveLength(1);
  const written = client.send(room.id, { text: "kept" });
  world.server.rooms.post(room, "koffi", "two");
  await client.signIn({ username: "awa", password: "planb-demo" });
  await world.clock.advance(1000);
  expect(stateOf(client).auth.status).toBe("in");
  expect(shown(client, room.id)).toEqual(["one", "two", "kept"]);
  expect(room.messages.at(-1)?.client_id).toBe(written);
});

test("someone else who signs in after an expiry sees nothing of the former person", async () => {
  const room = world.server.rooms.room("direct", ["awa", "koffi"]);
  world.server.rooms.post(room, "koffi", "private");
  const client = await world.arrive("awa");
  await client.openConversation(room.id);
  for (const session of world.server.sessions.values()) session.revoked = true;
  world.server.kill(4401);
  await world.clock.advance(0);
  client.send(room.id, { text: "unsent" });
  await client.signIn({ username: "yao", password: "planb-demo" });
  await world.clock.advance(1000);
  expect(stateOf(client)).toMatchObject({
    conversations: {},
    windows: {},
    outbox: {},
    order: [],
    open: null,
  });
  expect(room.messages).toHaveLength(1);
});

test("a wrong password is told as data and changes nothing", async () => {
  const client = world.client({ cookie: null });
  await client.start();
  const attempt = client.signIn({ username: "awa", password: "wrong" });
  await expect(attempt).rejects.toMatchObject({ data: { code: "unauthenticated", retry: false } });
  expect(stateOf(client).auth.status).toBe("out");
});

test("without network at the start the client stays undecided and goes on by itself", async () => {
  world.server.down = true;
  const client = world.client(world.server.signedIn("awa"));
  await client.start();
  expect(stateOf(client).auth.status).toBe("unknown");
  world.server.down = false;
  await world.clock.advance(20_000);
  expect(stateOf(client)).toMatchObject({ auth: { status: "in" }, connection: { state: "connected" } });
});

test("two tabs renew one after the other, and the second takes the first one's token", async () => {
  const tabs = new FakeTabs();
  const browser = world.server.signedIn("awa");
  const first = world.client(browser, { tabs: tabs.tab() });
  const second = world.client(browser, { tabs: tabs.tab() });
  await Promise.all([first.start(), second.start()]);
  await world.clock.advance(0);
  const before = world.server.requests.filter((line) => line.includes("refresh")).length;
  await world.clock.advance(290_000);
  for (const socket of [...world.server.sockets]) socket.say({ type: "token_expiring", expires_at: "" });
  await world.clock.advance(0);
  const after = world.server.requests.filter((line) => line.includes("refresh")).length;
  expect(after - before).toBe(1);
  expect(world.server.sockets.size).toBe(2);
});

test("a token of another session is not taken", async () => {
  const tabs = new FakeTabs();
  const client = await world.arrive("awa", { tabs: tabs.tab() });
  const expiresAt = world.clock.now() + 900_000;
  tabs.tab().post({ kind: "token", session: "session-of-koffi", access: "access-of-koffi", expiresAt });
  await world.clock.advance(0);
  world.server.kill();
  await world.clock.advance(20_000);
  expect(world.server.opened.at(-1)?.sent[0]?.token).toBe(world.server.opened[0]?.sent[0]?.token);
  expect(stateOf(client).auth.me?.id).toBe("awa");
});

test("signing out in one tab signs out the other, and leaves no socket", async () => {
  const tabs = new FakeTabs();
  const browser = world.server.signedIn("awa");
  const first = await world.arrive("awa", { tabs: tabs.tab(), fetch: world.server.fetchFor(browser) });
  const second = await world.arrive("awa", { tabs: tabs.tab(), fetch: world.server.fetchFor(browser) });
  await first.signOut();
  await world.clock.advance(60_000);
  expect(stateOf(first).auth.status).toBe("out");
  expect(stateOf(second).auth.status).toBe("out");
  expect(world.server.sockets.size).toBe(0);
  expect(browser.cookie).toBeNull();
});

test("a stopped client lets go of everything, and can be started again", async () => {
  const client = await world.arrive("awa");
  client.stop();
  await world.clock.advance(300_000);
  expect(world.server.sockets.size).toBe(0);
  expect(world.server.opened).toHaveLength(1);
  await client.start();
  await world.clock.advance(0);
  expect(stateOf(client).connection.state).toBe("connected");
});

test("times are told by the servers' clock", async () => {
  const server = new Date(world.clock.now() + 3_600_000).toISOString();
  world.server.rooms.stamp = () => server;
  const client = await world.arrive("awa");
  expect(stateOf(client).serverOffset).toBe(3_600_000);
});
