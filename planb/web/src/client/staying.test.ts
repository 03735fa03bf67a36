/** The whole client on a fake server: staying in step while events are lost, doubled, turned around, or unknown. */

import { beforeEach, describe, expect, test } from "vitest";
import type { Room } from "./testing/fakeRooms";
import type { FakeSocket } from "./testing/fakeServer";
import { shown, stateOf, World } from "./testing/world";
import type { ChatClient } from "./types";
import type { ServerEvent } from "./wire";

let world: World;
let room: Room;
let client: ChatClient;

beforeEach(async () => {
  world = new World();
  room = world.server.rooms.room("direct", ["awa", "koffi"]);
  world.server.rooms.post(room, "koffi", "one");
  client = await world.arrive("awa");
  await client.openConversation(room.id);
  world.server.requests.length = 0;
});

const entry = () => stateOf(client).conversations[room.id];

/** Keeps events back; `let` hands them on in the order given. */
function heldBack(): {
  events: { socket: FakeSocket; event: ServerEvent }[];
  let(...places: number[]): void;
} {
  const events: { socket: FakeSocket; event: ServerEvent }[] = [];
  world.server.carry = (socket, event) => events.push({ socket, event });
  return {
    events,
    let(...places) {
      for (const place of places) events[place]?.socket.say(events[place].event);
    },
  };
}

test("a message shows at once, counts as unread and moves its conversation to the top", async () => {
  const other = world.server.rooms.room("direct", ["awa", "fatou"]);
  await world.clock.advance(1000);
  world.server.rooms.post(other, "fatou", "later");
  await world.clock.advance(0);
  expect(stateOf(client).order).toEqual([other.id, room.id]);
  await world.clock.advance(1000);
  world.server.rooms.post(room, "koffi", "two");
  await world.clock.advance(0);
  expect(shown(client, room.id)).toEqual(["one", "two"]);
  expect(entry()).toMatchObject({
    seq: 2,
    mine: { unread: 2 },
    conversation: { last_message: { text: "two" } },
  });
  expect(stateOf(client).order).toEqual([room.id, other.id]);
});

test("the same event twice shows once and counts once", async () => {
  const held = heldBack();
  world.server.rooms.post(room, "koffi", "two");
  held.let(0, 0);
  await world.clock.advance(0);
  expect(shown(client, room.id)).toEqual(["one", "two"]);
  expect(entry()?.mine.unread).toBe(2);
});

test("events that come in another order show in order, and nothing is fetched", async () => {
  const held = heldBack();
  for (const text of ["two", "three", "four"]) world.server.rooms.post(room, "koffi", text);
  held.let(2, 1);
  await world.clock.advance(100);
  expect(shown(client, room.id)).toEqual(["one"]);
  held.let(0);
  await world.clock.advance(500);
  expect(shown(client, room.id)).toEqual(["one", "two", "three", "four"]);
  expect(world.server.requests).toEqual([]);
});

test("a lost event is fetched after a short wait, once", async () => {
  const held = heldBack();
  world.server.rooms.post(room, "koffi", "two");
  world.server.rooms.post(room, "koffi", "three");
  held.let(1);
  await world.clock.advance(149);
  expect(world.server.requests).toEqual([]);
  await world.clock.advance(1);
  expect(world.server.requests).toEqual([`GET conversations/${room.id}/changes?after=1`]);
  expect(shown(client, room.id)).toEqual(["one", "two", "three"]);
  expect(entry()).toMatchObject({ seq: 3, mine: { unread: 3 } });
});

test("a fetch that fails is tried again until it succeeds", async () => {
  const held = heldBack();
  world.server.rooms.post(room, "koffi", "two");
  world.server.rooms.post(room, "koffi", "three");
  held.let(1);
  let failures = 3;
  world.server.refuse = (path) =>
    path.endsWith("changes") && failures-- > 0
      ? { status: 503, error: { code: "unavailable", message: "", retry: true } }
      : null;
  await world.clock.advance(60_000);
  expect(failures).toBeLessThan(0);
  expect(shown(client, room.id)).toEqual(["one", "two", "three"]);
});

test("many lost changes come in several bodies", async () => {
  world.server.carry = () => undefined;
  for (let count = 2; count <= 350; count += 1) world.server.rooms.post(room, "koffi", `${count}`);
  world.server.carry = (socket, event) => socket.say(event);
  world.server.rooms.post(room, "koffi", "last");
  await world.clock.advance(1000);
  expect(shown(client, room.id)).toHaveLength(351);
  expect(entry()).toMatchObject({ seq: 351, mine: { unread: 100 } });
});

test("a reset drops the window, keeps the outbox and shows the newest page", async () => {
  world.server.intercept = (frame) =>
    frame.type === "send_message" ? { code: "refused", message: "", retry: false } : null;
  client.send(room.id, { text: "mine" });
  await world.clock.advance(0);
  world.server.rooms.changesLimit = 10;
  world.server.carry = () => undefined;
  for (let count = 2; count <= 120; count += 1) world.server.rooms.post(room, "koffi", `${count}`);
  world.server.carry = (socket, event) => socket.say(event);
  world.server.rooms.post(room, "koffi", "last");
  await world.clock.advance(2000);
  const texts = shown(client, room.id);
  expect(texts).toHaveLength(50);
  expect(texts.at(-1)).toBe("last");
  expect(stateOf(client).windows[room.id]).toMatchObject({ moreBefore: true, moreAfter: false });
  expect(entry()).toMatchObject({ seq: 121, mine: { unread: 100, as_of: 121 } });
  expect(stateOf(client).outbox[room.id]).toHaveLength(1);
});

test("what a hub had missed is applied from the socket", async () => {
  world.server.carry = () => undefined;
  world.server.rooms.post(room, "koffi", "two");
  world.server.rooms.post(room, "koffi", "three");
  const body = world.server.rooms.changes(room, 1);
  world.server.opened[0]?.say({ type: "changes", ...body });
  await world.clock.advance(1000);
  expect(shown(client, room.id)).toEqual(["one", "two", "three"]);
  expect(world.server.requests).toEqual([]);
});

test("being told that one is behind leads to a fetch within two seconds", async () => {
  world.server.carry = () => undefined;
  world.server.rooms.post(room, "koffi", "two");
  world.server.opened[0]?.say({ type: "behind", conversation: room.id, seq: 2 });
  await world.clock.advance(2000);
  expect(shown(client, room.id)).toEqual(["one", "two"]);
});

test("edits and deletions replace what is shown, also where it is quoted, and an older form never comes back", async () => {
  const [first] = room.messages;
  const held = heldBack();
  world.server.rooms.edit(room, first?.id ?? "", "edited");
  world.server.rooms.edit(room, first?.id ?? "", "edited twice");
  held.let(0, 1, 0);
  await world.clock.advance(0);
  expect(shown(client, room.id)).toEqual(["edited twice"]);
  held.events.length = 0;
  world.server.rooms.erase(room, first?.id ?? "");
  held.let(0);
  await world.clock.advance(0);
  expect(stateOf(client).windows[room.id]?.messages[0]).toMatchObject({ text: "", deleted_by: "author" });
  expect(entry()).toMatchObject({ seq: 4, mine: { unread: 0 } });
});

test("an event from the future is reduced by what it carries", async () => {
  world.server.rooms.future(room, room.messages[0]?.id ?? "");
  await world.clock.advance(500);
  expect(shown(client, room.id)).toEqual(["from the future"]);
  expect(entry()?.seq).toBe(2);
  expect(world.server.requests).toEqual([]);
});

test("an event without a seq that nobody knows is ignored", async () => {
  await world.clock.advance(1000);
  const before = stateOf(client);
  world.server.opened[0]?.say({ type: "confetti", conversation: room.id, amount: 3 });
  world.server.opened[0]?.say("not json");
  await world.clock.advance(500);
  expect(stateOf(client)).toBe(before);
});

test("a page that was read before an event is brought up to date", async () => {
  for (let count = 2; count <= 80; count += 1) world.server.rooms.post(room, "koffi", `${count}`);
  await world.clock.advance(1000);
  await client.loadAround(room.id, 40);
  world.server.afterPage = async () => {
    world.server.afterPage = () => undefined;
    world.server.rooms.edit(room, room.messages[2]?.id ?? "", "edited while the page was on its way");
    await world.clock.advance(0);
  };
  await client.loadOlder(room.id);
  await world.clock.advance(1000);
  expect(shown(client, room.id)).toContain("edited while the page was on its way");
});

test("older and newer pages join without a gap, and arrivals do not land behind one", async () => {
  for (let count = 2; count <= 200; count += 1) world.server.rooms.post(room, "koffi", `${count}`);
  await world.clock.advance(1000);
  await client.loadAround(room.id, 100);
  expect(stateOf(client).windows[room.id]).toMatchObject({ moreBefore: true, moreAfter: true });
  world.server.rooms.post(room, "koffi", "201");
  await world.clock.advance(0);
  expect(shown(client, room.id)).not.toContain("201");
  while (stateOf(client).windows[room.id]?.moreAfter) await client.loadNewer(room.id);
  while (stateOf(client).windows[room.id]?.moreBefore) await client.loadOlder(room.id);
  const expected = room.messages.map((message) => message.text);
  expect(shown(client, room.id)).toEqual(expected);
});

test("an answer for a place that was left meanwhile does not disturb the new one", async () => {
  for (let count = 2; count <= 200; count += 1) world.server.rooms.post(room, "koffi", `${count}`);
  await world.clock.advance(1000);
  const slow = client.loadAround(room.id, 20);
  const fast = client.loadAround(room.id, 150);
  await Promise.all([slow, fast]);
  expect(shown(client, room.id)).toContain("150");
  expect(stateOf(client).windows[room.id]?.loading).toBe("none");
});

test("a page that cannot be loaded says why, and can be asked for again", async () => {
  const hidden = world.server.rooms.room("direct", ["koffi", "fatou"]);
  await client.openConversation(hidden.id);
  expect(stateOf(client).windows[hidden.id]).toMatchObject({ loading: "none", error: { code: "not_found" } });
  world.server.rooms.add(hidden, "awa");
  await client.openConversation(hidden.id);
  expect(stateOf(client).windows[hidden.id]?.error).toBeNull();
});

describe("a minute's comparison", () => {
  test("finds events that were lost without a trace", async () => {
    world.server.carry = () => undefined;
    world.server.rooms.post(room, "koffi", "two");
    world.server.rooms.rename(room, "New title");
    world.server.rooms.read(room, "koffi", 2);
    await world.clock.advance(61_000);
    expect(shown(client, room.id)).toEqual(["one", "two"]);
    expect(entry()).toMatchObject({
      seq: 3,
      conversation: { title: "New title" },
      mine: { unread: 2, others_read_seq: 2, others_delivered_seq: 2 },
    });
    expect(stateOf(client).receipts[room.id]).toEqual(world.server.rooms.receipts(room));
  });

  test("finds private changes, and conversations that came and went", async () => {
    world.server.carry = () => undefined;
    const added = world.server.rooms.room("group", ["awa", "koffi", "fatou"], "Trip");
    world.server.rooms.archive(room, "awa", true);
    await world.clock.advance(61_000);
    expect(stateOf(client).order).toEqual([added.id]);
    world.server.rooms.remove(added, "awa");
    await world.clock.advance(61_000);
    expect(stateOf(client).conversations[added.id]).toBeUndefined();
    expect(stateOf(client).order).toEqual([]);
  });

  test("drops every copy but the outbox when a backup was restored", async () => {
    world.server.rooms.post(room, "koffi", "never happened");
    await world.clock.advance(0);
    world.server.intercept = (frame) =>
      frame.type === "send_message" ? { code: "unavailable", message: "", retry: true } : null;
    client.send(room.id, { text: "mine" });
    await world.clock.advance(0);
    world.server.rooms.rewind(room, 1);
    world.server.epoch = "epoch-2";
    await world.clock.advance(61_000);
    expect(shown(client, room.id)).toEqual(["one"]);
    expect(entry()).toMatchObject({ seq: 1, mine: { unread: 1 } });
    expect(stateOf(client).outbox[room.id]?.map((item) => item.text)).toEqual(["mine"]);
    world.server.rooms.post(room, "koffi", "another two");
    await world.clock.advance(0);
    expect(shown(client, room.id)).toEqual(["one", "another two"]);
  });
});

test("a conversation that is not in the list yet comes with its first event", async () => {
  const names = Array.from({ length: 40 }, (_, index) =>
    world.server.rooms.room("direct", ["koffi", "fatou"], `${index}`),
  );
  for (const one of names) world.server.rooms.add(one, "awa");
  const fresh = await world.arrive("awa");
  expect(stateOf(fresh).order).toHaveLength(30);
  const unlisted = names.find((one) => !stateOf(fresh).order.includes(one.id)) as Room;
  await world.clock.advance(1000);
  world.server.rooms.post(unlisted, "koffi", "here");
  await world.clock.advance(0);
  expect(stateOf(fresh).order[0]).toBe(unlisted.id);
  expect(stateOf(fresh).conversations[unlisted.id]).toMatchObject({ mine: { unread: 1 } });
});

test("a conversation that moved to the top while nobody was connected is in the list afterwards", async () => {
  const names = Array.from({ length: 70 }, () => world.server.rooms.room("group", ["awa", "koffi"]));
  const fresh = await world.arrive("awa");
  world.server.down = true;
  world.server.kill();
  await world.clock.advance(1000);
  const last = names.find((one) => !stateOf(fresh).order.includes(one.id)) as Room;
  world.server.rooms.post(last, "koffi", "moved");
  world.server.down = false;
  await world.clock.advance(20_000);
  while (stateOf(fresh).listState !== "done") await fresh.loadConversations();
  expect(stateOf(fresh).order[0]).toBe(last.id);
  expect(stateOf(fresh).order).toHaveLength(71);
});

test("many conversations that moved meanwhile come with as many pages as it takes", async () => {
  const names = Array.from({ length: 100 }, () => world.server.rooms.room("group", ["awa", "koffi"]));
  const fresh = await world.arrive("awa");
  world.server.down = true;
  world.server.kill();
  await world.clock.advance(1000);
  const unlisted = names.filter((one) => !stateOf(fresh).order.includes(one.id)).slice(0, 65);
  for (const one of unlisted) world.server.rooms.post(one, "koffi", "moved");
  world.server.down = false;
  await world.clock.advance(20_000);
  const { order } = stateOf(fresh);
  expect(unlisted.filter((one) => !order.includes(one.id))).toEqual([]);
});

test("of two private events the later number counts, in whatever order they come", async () => {
  const held = heldBack();
  world.server.rooms.archive(room, "awa", true);
  world.server.rooms.archive(room, "awa", false);
  held.let(1, 0);
  await world.clock.advance(0);
  expect(entry()?.mine.archived).toBe(false);
  expect(stateOf(client).order).toEqual([room.id]);
});

test("being removed takes the conversation away at once", async () => {
  world.server.rooms.remove(room, "awa");
  await world.clock.advance(0);
  expect(stateOf(client).conversations).toEqual({});
  expect(stateOf(client).windows).toEqual({});
});

test.each([
  { places: [0, 1] },
  // The event that it began is late: what the message belongs to is fetched, and has it already.
  { places: [1] },
  { places: [1, 0] },
])(
  "a conversation that begins after the server counted comes into the badge: $places",
  async ({ places }) => {
    const held = heldBack();
    const begun = world.server.rooms.room("direct", ["awa", "fatou"]);
    world.server.rooms.post(begun, "fatou", "hello");
    held.let(...places);
    await world.clock.advance(2_000);
    expect(stateOf(client).conversations[begun.id]?.mine.unread).toBe(1);
    expect(stateOf(client).badge).toEqual({ conversations: 2, messages: 2 });
  },
);

test("the badge follows what arrives and what is read", async () => {
  expect(stateOf(client).badge).toEqual({ conversations: 1, messages: 1 });
  world.server.rooms.post(room, "koffi", "two");
  await world.clock.advance(0);
  expect(stateOf(client).badge).toEqual({ conversations: 1, messages: 2 });
  client.markRead(room.id, 2);
  expect(stateOf(client).badge).toEqual({ conversations: 0, messages: 0 });
  await world.clock.advance(61_000);
  expect(stateOf(client).badge).toEqual({ conversations: 0, messages: 0 });
});

test("an own message never counts as unread", async () => {
  client.send(room.id, { text: "mine" });
  world.server.rooms.post(room, "awa", "mine from the phone");
  await world.clock.advance(100);
  expect(entry()?.mine.unread).toBe(1);
});
