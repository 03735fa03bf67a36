/** The outbox on a fake server and a real (fake) IndexedDB: nothing is lost, nothing goes twice. */

import "fake-indexeddb/auto";
import { IDBFactory } from "fake-indexeddb";
import { beforeEach, expect, test, vi } from "vitest";
import { createIndexedDbStorage, type OutboxStorage } from "./outboxStore";
import type { Room } from "./testing/fakeRooms";
import { FakeTabs, shown, stateOf, World } from "./testing/world";
import type { ChatClient, ChatClientOptions } from "./types";

let world: World;
let room: Room;
let databases = 0;

beforeEach(() => {
  vi.stubGlobal("indexedDB", new IDBFactory());
  world = new World();
  room = world.server.rooms.room("direct", ["awa", "koffi"]);
  databases += 1;
});

const storage = (): OutboxStorage => createIndexedDbStorage(`outbox-${databases}`);
const texts = () => room.messages.map((message) => message.text);
const waiting = (client: ChatClient) =>
  (stateOf(client).outbox[room.id] ?? []).map((item) => [item.text, item.state]);
const sends = () =>
  world.server.opened.flatMap((socket) => socket.sent.filter(({ type }) => type === "send_message"));

/** IndexedDB answers in its own time: real turns of the loop between those of the clock. */
async function pass(ms = 0): Promise<void> {
  for (let turn = 0; turn < 12; turn += 1) {
    await new Promise((resolve) => setTimeout(resolve, 0));
    await world.clock.advance(turn === 6 ? ms : 0);
  }
}

async function arrive(options: ChatClientOptions = {}): Promise<ChatClient> {
  const client = world.client(world.server.signedIn("awa"), { storage: storage(), ...options });
  // Resuming waits for the storage, which the clock does not move.
  await client.start();
  await client.loadConversations();
  await pass();
  return client;
}

test("a message is shown at once, and becomes the server's message without showing twice", async () => {
  const client = await arrive();
  await client.openConversation(room.id);
  const seen: number[] = [];
  let id = "";
  client.store.subscribe((state) => {
    if (id === "") return;
    const both = [...(state.windows[room.id]?.messages ?? []), ...(state.outbox[room.id] ?? [])];
    seen.push(both.filter((one) => one.client_id === id).length);
  });
  id = client.send(room.id, { text: "hello" });
  expect(waiting(client)).toEqual([["hello", "waiting"]]);
  await pass();
  expect(waiting(client)).toEqual([]);
  expect(shown(client, room.id)).toEqual(["hello"]);
  expect(room.messages[0]).toMatchObject({ client_id: id, text: "hello" });
  expect(new Set(seen)).toEqual(new Set([1]));
  expect(await storage().list("awa")).toEqual([]);
});

test("messages go in the order written, one in flight per conversation", async () => {
  const client = await arrive();
  const other = world.server.rooms.room("direct", ["awa", "fatou"]);
  await pass();
  world.server.mute = true;
  client.send(room.id, { text: "1" });
  client.send(room.id, { text: "2" });
  client.send(other.id, { text: "elsewhere" });
  await pass();
  expect(
    sends()
      .map((frame) => frame.text)
      .sort(),
  ).toEqual(["1", "elsewhere"]);
  world.server.mute = false;
  await pass(60_000);
  await pass(60_000);
  expect(texts()).toEqual(["1", "2"]);
  expect(other.messages).toHaveLength(1);
});

test("what is written offline survives a reload and goes out once, in order", async () => {
  const client = await arrive();
  world.server.down = true;
  world.server.kill();
  client.send(room.id, { text: "first" });
  client.send(room.id, { text: "second" });
  await pass();
  expect(waiting(client)).toEqual([
    ["first", "waiting"],
    ["second", "waiting"],
  ]);
  client.stop();
  world.server.down = false;
  const reloaded = await arrive();
  await pass(5000);
  expect(texts()).toEqual(["first", "second"]);
  expect(waiting(reloaded)).toEqual([]);
  expect(await storage().list("awa")).toEqual([]);
});

test("a lost reply leads to the same message again, and there is one", async () => {
  const client = await arrive();
  let lost = 2;
  world.server.carry = () => undefined;
  world.server.intercept = (frame) => (frame.type === "send_message" && lost-- > 0 ? "lost" : null);
  const id = client.send(room.id, { text: "once" });
  await pass(10_000);
  expect(waiting(client)).toEqual([["once", "waiting"]]);
  await pass(30_000);
  await pass(30_000);
  expect(sends().map((frame) => frame.client_id)).toEqual([id, id, id]);
  expect(texts()).toEqual(["once"]);
  expect(waiting(client)).toEqual([]);
});

test("an echo is an answer, even if the reply never comes", async () => {
  const client = await arrive();
  world.server.intercept = (frame) =>
    frame.type === "send_message" && frame.text === "echoed" ? "lost" : null;
  client.send(room.id, { text: "echoed" });
  client.send(room.id, { text: "next" });
  await pass();
  expect(waiting(client)).toEqual([]);
  expect(texts()).toEqual(["echoed", "next"]);
  await pass(60_000);
  expect(sends()).toHaveLength(2);
});

test("a connection that is lost under way does not lose the message", async () => {
  const client = await arrive();
  world.server.intercept = () => {
    world.server.intercept = () => null;
    queueMicrotask(() => world.server.kill());
    return "lost";
  };
  client.send(room.id, { text: "torn" });
  await pass(30_000);
  await pass(1000);
  expect(texts()).toEqual(["torn"]);
  expect(waiting(client)).toEqual([]);
});

test("a refusal for good fails the message and lets the next one go", async () => {
  const client = await arrive();
  world.server.intercept = (frame) =>
    frame.text === "bad" ? { code: "refused", message: "No.", retry: false } : null;
  const bad = client.send(room.id, { text: "bad" });
  client.send(room.id, { text: "good" });
  await pass();
  expect(texts()).toEqual(["good"]);
  expect(stateOf(client).outbox[room.id]).toMatchObject([{ state: "failed", error: { code: "refused" } }]);
  client.stop();
  const reloaded = await arrive();
  await pass(60_000);
  expect(waiting(reloaded)).toEqual([["bad", "failed"]]);
  expect(texts()).toEqual(["good"]);
  world.server.intercept = () => null;
  reloaded.retrySend(bad);
  await pass();
  expect(texts()).toEqual(["good", "bad"]);
  expect(room.messages.at(-1)?.client_id).toBe(bad);
});

test("a failed message that is discarded is gone for good", async () => {
  const client = await arrive();
  world.server.intercept = (frame) =>
    frame.type === "send_message" ? { code: "refused", message: "", retry: false } : null;
  const id = client.send(room.id, { text: "bad" });
  await pass();
  await client.discardSend(id);
  expect(waiting(client)).toEqual([]);
  client.stop();
  world.server.intercept = () => null;
  const reloaded = await arrive();
  await pass(60_000);
  expect(waiting(reloaded)).toEqual([]);
  expect(texts()).toEqual([]);
});

test("a limit is waited out for as long as the server says", async () => {
  const client = await arrive();
  let refusals = 1;
  world.server.intercept = (frame) =>
    frame.type === "send_message" && refusals-- > 0
      ? { code: "rate_limited", message: "", retry: true, retry_after: 8 }
      : null;
  client.send(room.id, { text: "patient" });
  await pass();
  await pass(7999);
  expect(sends()).toHaveLength(1);
  await pass(1);
  expect(texts()).toEqual(["patient"]);
});

test("a token that has just expired is not the message's fault", async () => {
  const client = await arrive();
  let refusals = 1;
  world.server.intercept = (frame) =>
    frame.type === "send_message" && refusals-- > 0
      ? { code: "token_expired", message: "", retry: false }
      : null;
  client.send(room.id, { text: "stays" });
  await pass();
  expect(waiting(client)).toEqual([["stays", "waiting"]]);
  world.server.kill(4501);
  await pass(1000);
  expect(texts()).toEqual(["stays"]);
});

test("a message that is held for a moderator stands aside and is not sent again", async () => {
  const client = await arrive();
  world.server.command = ((original) => (socket, frame) => {
    if (frame.type !== "send_message" || frame.text !== "doubtful")
      return original.call(world.server, socket, frame);
    socket.say({ type: "reply", id: frame.id, ok: true, data: { held: true } });
  })(world.server.command);
  const id = client.send(room.id, { text: "doubtful" });
  client.send(room.id, { text: "next" });
  await pass();
  await pass(60_000);
  expect(waiting(client)).toEqual([["doubtful", "held"]]);
  expect(sends()).toHaveLength(2);
  world.server.rooms.post(room, "awa", "doubtful", id);
  await pass();
  expect(waiting(client)).toEqual([]);
});

test("two tabs have one outbox: one sends, both show", async () => {
  const tabs = new FakeTabs();
  const browser = world.server.signedIn("awa");
  const options = () => ({ tabs: tabs.tab(), fetch: world.server.fetchFor(browser) });
  const first = await arrive(options());
  const second = await arrive(options());
  await second.openConversation(room.id);
  world.server.mute = true;
  second.send(room.id, { text: "from the second" });
  await pass();
  expect(waiting(first)).toEqual([["from the second", "sending"]]);
  expect(waiting(second)).toEqual([["from the second", "waiting"]]);
  world.server.mute = false;
  await pass(60_000);
  await pass(60_000);
  expect(texts()).toEqual(["from the second"]);
  expect(waiting(first)).toEqual([]);
  expect(waiting(second)).toEqual([]);
  expect(shown(second, room.id)).toEqual(["from the second"]);
});

test("where the tab that sends is closed the other one takes over", async () => {
  const tabs = new FakeTabs();
  const browser = world.server.signedIn("awa");
  const options = () => ({ tabs: tabs.tab(), fetch: world.server.fetchFor(browser) });
  const first = await arrive(options());
  const second = await arrive(options());
  world.server.down = true;
  world.server.kill();
  first.send(room.id, { text: "orphan" });
  await pass();
  first.stop();
  world.server.down = false;
  await pass(20_000);
  await pass(5000);
  expect(texts()).toEqual(["orphan"]);
  expect(waiting(second)).toEqual([]);
  expect(sends()).toHaveLength(1);
});

test("signing out empties the outbox, and nobody else ever sends it", async () => {
  const client = await arrive();
  world.server.down = true;
  world.server.kill();
  client.send(room.id, { text: "private" });
  await pass();
  world.server.down = false;
  await client.signOut();
  await pass();
  expect(await storage().list("awa")).toEqual([]);
  const next = await arrive();
  await pass(60_000);
  expect(waiting(next)).toEqual([]);
  expect(texts()).toEqual([]);
});

test("another person's stored messages are neither shown nor sent", async () => {
  await storage().put({
    client_id: "00000000-0000-7000-8000-00000000000a",
    conversation: room.id,
    text: "koffi's",
    reply_to: null,
    createdAt: 1,
    state: "waiting",
    error: null,
    owner: "koffi",
  });
  const client = await arrive();
  await pass(60_000);
  expect(waiting(client)).toEqual([]);
  expect(texts()).toEqual([]);
  expect(await storage().list("koffi")).toHaveLength(1);
});

test("a storage that refuses everything does not keep a message from going out", async () => {
  const refusing: OutboxStorage = {
    list: () => Promise.reject(new Error("no")),
    put: () => Promise.reject(new Error("no")),
    update: () => Promise.reject(new Error("no")),
    remove: () => Promise.reject(new Error("no")),
    clear: () => Promise.reject(new Error("no")),
    close: () => undefined,
  };
  const client = await arrive({ storage: refusing });
  client.send(room.id, { text: "all the same" });
  await pass();
  expect(texts()).toEqual(["all the same"]);
  expect(waiting(client)).toEqual([]);
});

test("text goes out as it was written", async () => {
  const client = await arrive();
  const text = "  <b>œuvre</b> 👩‍👩‍👧 \u0000 \n«\u202f!»";
  client.send(room.id, { text });
  await pass();
  expect(sends()[0]?.text).toBe(text);
});
