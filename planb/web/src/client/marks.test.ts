/** Marks and passing signs on a fake server: read, delivered, typing, presence. */

import { beforeEach, expect, test } from "vitest";
import type { Room } from "./testing/fakeRooms";
import { stateOf, World } from "./testing/world";
import type { ChatClient } from "./types";

let world: World;
let room: Room;
let client: ChatClient;

beforeEach(async () => {
  world = new World();
  room = world.server.rooms.room("direct", ["awa", "koffi"]);
  world.server.rooms.post(room, "koffi", "one");
  client = await world.arrive("awa");
  await client.openConversation(room.id);
  await world.clock.advance(1000);
});

const frames = (type: string) =>
  world.server.opened.flatMap((socket) => socket.sent.filter((frame) => frame.type === type));
const member = (user: string) => room.members.get(user);

test("what arrives is reported as delivered, many arrivals with one frame", async () => {
  expect(member("awa")?.delivered_seq).toBe(1);
  const before = frames("mark_delivered").length;
  for (const text of ["two", "three", "four"]) world.server.rooms.post(room, "koffi", text);
  await world.clock.advance(1000);
  expect(member("awa")?.delivered_seq).toBe(4);
  expect(frames("mark_delivered")).toHaveLength(before + 1);
});

test("messages that came while one was away are reported at the next connection", async () => {
  world.server.kill();
  world.server.down = true;
  await world.clock.advance(0);
  world.server.rooms.post(room, "koffi", "two");
  world.server.down = false;
  await world.clock.advance(20_000);
  expect(member("awa")?.delivered_seq).toBe(2);
});

test("reading is told once for many calls, and never goes back", async () => {
  world.server.rooms.post(room, "koffi", "two");
  await world.clock.advance(0);
  client.markRead(room.id, 1);
  client.markRead(room.id, 2);
  client.markRead(room.id, 1);
  expect(stateOf(client).conversations[room.id]?.mine).toMatchObject({ read_seq: 2, unread: 0 });
  await world.clock.advance(1000);
  expect(frames("mark_read").map((frame) => frame.seq)).toEqual([2]);
  expect(member("awa")?.read_seq).toBe(2);
});

test("a mark whose answer was lost goes once more", async () => {
  let lost = 1;
  world.server.intercept = (frame) => (frame.type === "mark_read" && lost-- > 0 ? "lost" : null);
  client.markRead(room.id, 1);
  await world.clock.advance(40_000);
  expect(frames("mark_read")).toHaveLength(2);
});

test("a mark that was made offline reaches the server later, and is not undone by what the server still thinks", async () => {
  world.server.kill();
  world.server.down = true;
  await world.clock.advance(0);
  client.markRead(room.id, 1);
  world.server.down = false;
  await world.clock.advance(20_000);
  expect(stateOf(client).conversations[room.id]?.mine).toMatchObject({ read_seq: 1, unread: 0 });
  expect(member("awa")?.read_seq).toBe(1);
});

test("reading on another device empties the count here", async () => {
  world.server.rooms.read(room, "awa", 1);
  await world.clock.advance(0);
  expect(stateOf(client).conversations[room.id]?.mine).toMatchObject({ read_seq: 1, unread: 0 });
});

test("the other side's marks show as they come, and read implies delivered", async () => {
  world.server.rooms.post(room, "awa", "two");
  world.server.rooms.delivered(room, "koffi", 2);
  await world.clock.advance(0);
  expect(stateOf(client).conversations[room.id]?.mine).toMatchObject({
    others_read_seq: 0,
    others_delivered_seq: 2,
  });
  world.server.rooms.read(room, "koffi", 2);
  await world.clock.advance(0);
  expect(stateOf(client).conversations[room.id]?.mine).toMatchObject({ others_read_seq: 2 });
  expect(stateOf(client).receipts[room.id]?.koffi).toEqual({ read_seq: 2, delivered_seq: 2 });
});

test("in a group everybody must have read before it says so", async () => {
  const group = world.server.rooms.room("group", ["awa", "koffi", "fatou"]);
  world.server.rooms.post(group, "awa", "hello");
  await world.clock.advance(0);
  world.server.rooms.read(group, "koffi", 1);
  await world.clock.advance(1000);
  expect(stateOf(client).conversations[group.id]?.mine.others_read_seq).toBe(0);
  world.server.rooms.read(group, "fatou", 1);
  await world.clock.advance(1000);
  expect(stateOf(client).conversations[group.id]?.mine.others_read_seq).toBe(1);
});

test("a member who comes in later has not read: the mark of all goes back with the facts", async () => {
  const group = world.server.rooms.room("group", ["awa", "koffi"]);
  world.server.rooms.post(group, "awa", "hello");
  await client.openConversation(group.id);
  world.server.rooms.read(group, "koffi", 1);
  await world.clock.advance(1000);
  expect(stateOf(client).conversations[group.id]?.mine.others_read_seq).toBe(1);
  world.server.rooms.add(group, "fatou");
  await world.clock.advance(1000);
  expect(stateOf(client).conversations[group.id]?.mine.others_read_seq).toBe(0);
});

test("typing is told at the pace that the server asks for, and lapses by itself", async () => {
  client.setTyping(room.id, true);
  await world.clock.advance(1000);
  client.setTyping(room.id, true);
  await world.clock.advance(1900);
  expect(frames("typing").map((frame) => frame.active)).toEqual([true]);
  await world.clock.advance(200);
  expect(frames("typing").map((frame) => frame.active)).toEqual([true, true]);
  await world.clock.advance(60_000);
  expect(frames("typing").at(-1)?.active).toBe(false);
  expect(frames("typing").length).toBeLessThan(6);
});

test("sending ends typing without a word, leaving the field tells it", async () => {
  client.setTyping(room.id, true);
  client.send(room.id, { text: "done" });
  await world.clock.advance(10_000);
  expect(frames("typing").map((frame) => frame.active)).toEqual([true]);
  client.setTyping(room.id, true);
  client.setTyping(room.id, false);
  expect(frames("typing").map((frame) => frame.active)).toEqual([true, true, false]);
});

test("someone's typing shows until it expires, is stopped, or the message is there", async () => {
  const typing = () => Object.keys(stateOf(client).conversations[room.id]?.typing ?? {});
  const say = (active: boolean) =>
    world.server.opened[0]?.say({
      type: "typing",
      conversation: room.id,
      user: "koffi",
      active,
      kind: "text",
      expires_in: 6,
    });
  say(true);
  await world.clock.advance(5999);
  expect(typing()).toEqual(["koffi"]);
  await world.clock.advance(1);
  expect(typing()).toEqual([]);
  say(true);
  say(false);
  await world.clock.advance(0);
  expect(typing()).toEqual([]);
  say(true);
  await world.clock.advance(0);
  world.server.rooms.post(room, "koffi", "two");
  await world.clock.advance(0);
  expect(typing()).toEqual([]);
});

test("one's own typing on another device does not show", async () => {
  world.server.opened[0]?.say({
    type: "typing",
    conversation: room.id,
    user: "awa",
    active: true,
    expires_in: 6,
  });
  await world.clock.advance(0);
  expect(stateOf(client).conversations[room.id]?.typing).toEqual({});
});

test("watches die with the socket and are told anew to the next one", async () => {
  client.watchPresence(["koffi"]);
  await world.clock.advance(1000);
  expect(stateOf(client).presence.koffi?.state).toBe("online");
  world.server.kill();
  await world.clock.advance(0);
  expect(stateOf(client).presence).toEqual({});
  await world.clock.advance(20_000);
  expect(stateOf(client).presence.koffi?.state).toBe("online");
  expect(frames("watch_conversation").map((frame) => frame.conversation)).toEqual([room.id, room.id]);
});

test("a change of someone's presence shows", async () => {
  client.watchPresence(["koffi"]);
  await world.clock.advance(1000);
  const last_seen = world.server.rooms.stamp();
  world.server.opened[0]?.say({ type: "presence", user: "koffi", state: "offline", last_seen });
  await world.clock.advance(0);
  expect(stateOf(client).presence.koffi).toEqual({ state: "offline", last_seen });
});
