/** The golden files of the server's tests: the client takes every frame that the server makes, and two from the future. */

import { expect, test } from "vitest";
import { types } from "../../contract/types.mjs";
import { readFrame } from "./frames";
import generated from "./generated/wire.ts?raw";
import { shown, stateOf, World } from "./testing/world";
import { mergeMessages, windowFromPage } from "./windows";
import type { Message, MessagePage, ServerEvent } from "./wire";

const files: Record<string, string> = import.meta.glob("../../../../tests/wire/*.json", {
  eager: true,
  query: "?raw",
  import: "default",
});
const golden = new Map(
  Object.entries(files).map(([path, text]) => [path.replace(/^.*\/(.*)\.json$/, "$1"), text]),
);
const events = [...golden.keys()].filter((name) => /^(event|future)_/.test(name));
const replies = [...golden.keys()].filter((name) => name.startsWith("reply_"));

function text(name: string): string {
  const found = golden.get(name);
  if (found === undefined) throw new Error(`there is no golden file ${name}`);
  return found;
}

function eventOf(name: string): ServerEvent {
  const frame = readFrame(text(name));
  if (frame?.kind !== "event") throw new Error(`${name} is no event`);
  return frame.event;
}

test("there are golden files", () => {
  expect(events.length).toBeGreaterThan(15);
  expect(replies.length).toBeGreaterThan(10);
});

test("the types are those of the server's documents", async () => {
  expect(generated, "run `npm run types`").toBe(await types());
});

test.each(events)("%s is read whole", (name) => {
  const given = JSON.parse(text(name));
  // A reader leaves out what is none.
  if (given.state === null) delete given.state;
  expect(eventOf(name)).toEqual(given);
});

test.each(replies)("%s is read whole", (name) => {
  const { data, id } = JSON.parse(text(name));
  expect(readFrame(text(name))).toEqual({ kind: "reply", id, ok: true, data });
});

test("ready is read whole, and so is a refusal", () => {
  expect(readFrame(text("ready"))).toEqual({ kind: "ready", ready: JSON.parse(text("ready")) });
  const { error, id } = JSON.parse(text("refusal"));
  expect(readFrame(text("refusal"))).toEqual({ kind: "reply", id, ok: false, error });
});

test("a page makes a window, which takes the messages of later events", () => {
  const page: MessagePage = JSON.parse(text("page"));
  const window = windowFromPage(undefined, page);
  expect(window.messages).toEqual(page.messages);
  const told = eventOf("event_message_updated").message;
  if (!told) throw new Error("the golden event brings no message");
  expect(told.seq).toBeGreaterThan(page.seq);
  expect(mergeMessages(window, [told]).messages).toEqual([...page.messages, told]);
});

test("what a newer server sends is shown by what is known of it, and the client stays in step", async () => {
  const world = new World();
  const room = world.server.rooms.room("direct", ["awa", "koffi"]);
  world.server.rooms.post(room, "koffi", "one");
  const client = await world.arrive("awa");
  await client.openConversation(room.id);
  world.server.requests.length = 0;
  const say = async (name: string, seq: number, message: Partial<Message>): Promise<void> => {
    const frame = JSON.parse(text(name));
    const told = { ...frame.message, ...message, conversation: room.id, changed_seq: seq };
    for (const socket of world.server.sockets) {
      socket.say({ ...frame, conversation: room.id, seq, message: told });
    }
    await world.clock.advance(0);
  };
  await say("future_message", 2, { id: "new", seq: 2 });
  expect(shown(client, room.id)).toEqual(["one", "Un hologramme"]);
  await say("future_event", 3, { id: "new", seq: 2 });
  expect(shown(client, room.id)).toEqual(["one", "De l’or"]);
  expect(stateOf(client).conversations[room.id]?.seq).toBe(3);
  expect(world.server.requests, "nothing had to be fetched").toEqual([]);
});
