/** REST, tokens and small parts: what happens to a request on its way. */

import { beforeEach, expect, test, vi } from "vitest";
import { authorizedHttp, call, type HttpOptions } from "./http";
import { uuid7 } from "./ids";
import { settle } from "./testing/manualClock";
import { stateOf, World } from "./testing/world";

let world: World;
beforeEach(() => {
  world = new World();
});

function doors(answer: (input: string, init: RequestInit) => Response | Promise<Response>): HttpOptions {
  const fetch = (input: unknown, init?: RequestInit) => Promise.resolve(answer(String(input), init ?? {}));
  return { baseUrl: "/api/v1", fetch: fetch as typeof globalThis.fetch, timers: world.clock };
}

test("every request says that it comes from this client, and the token stays out of the address", async () => {
  const seen: RequestInit[] = [];
  const options = doors((input, init) => {
    expect(input).toBe("/api/v1/conversations?limit=30");
    seen.push(init);
    return new Response("{}");
  });
  await call(
    options,
    { method: "GET", path: "conversations", query: { limit: 30, cursor: undefined } },
    "secret",
  );
  const headers = new Headers(seen[0]?.headers);
  expect(headers.get("X-Requested-With")).toBe("planb");
  expect(headers.get("Authorization")).toBe("Bearer secret");
  expect(seen[0]?.credentials).toBe("same-origin");
});

test.each([
  ["<html>Bad gateway</html>", 502, { code: "unavailable", retry: true }],
  ["", 500, { code: "unavailable", retry: true }],
  ["{}", 404, { code: "not_found", retry: false }],
  ["[]", 400, { code: "bad_request", retry: false }],
  ['{"error":{"code":"from_the_future"}}', 418, { code: "from_the_future", retry: false }],
  [
    '{"error":{"code":"rate_limited","message":"","retry":true}}',
    429,
    { code: "rate_limited", retry_after: 7 },
  ],
])("the answer %s with %i becomes an error as data", async (text, status, data) => {
  const options = doors(() => new Response(text, { status, headers: { "Retry-After": "7" } }));
  await expect(call(options, { method: "GET", path: "me" })).rejects.toMatchObject({ data });
});

test("a page of a proxy that claims success is no answer", async () => {
  const options = doors(() => new Response("<html>Log in to the hotel</html>", { status: 200 }));
  await expect(call(options, { method: "GET", path: "me" })).rejects.toMatchObject({
    data: { code: "network" },
  });
});

test("a request that nobody answers is given up", async () => {
  const options = doors(
    (_, init) =>
      new Promise((_resolve, reject) =>
        init.signal?.addEventListener("abort", () => reject(new Error("aborted"))),
      ),
  );
  const request = call(options, { method: "GET", path: "me" });
  const told = expect(request).rejects.toMatchObject({ data: { code: "timeout", retry: true } });
  await world.clock.advance(15_000);
  await told;
});

test("an expired token is renewed once, and a second refusal is told", async () => {
  const tokens = ["old", "new", "newer"];
  const access = vi.fn(() => Promise.resolve(tokens.shift() ?? ""));
  const options = doors((_, init) => {
    const good = new Headers(init.headers).get("Authorization") === "Bearer new";
    const error = { error: { code: "token_expired", message: "", retry: false } };
    return new Response(JSON.stringify(good ? { id: "awa" } : error), { status: good ? 200 : 401 });
  });
  const http = authorizedHttp(options, { access });
  expect(await http.get("me")).toEqual({ id: "awa" });
  expect(access.mock.calls).toEqual([[false], [true]]);
  await expect(http.get("me")).rejects.toMatchObject({ data: { code: "token_expired" } });
});

test("many requests at once renew the token once", async () => {
  const client = await world.arrive("awa");
  await world.clock.advance(299_000);
  world.server.requests.length = 0;
  await Promise.all([client.searchUsers("a"), client.searchUsers("b"), client.searchUsers("c")]);
  expect(world.server.requests.filter((line) => line.includes("refresh"))).toHaveLength(1);
});

test("a machine whose clock is hours ahead does not renew at each request", async () => {
  const browser = world.server.signedIn("awa");
  const ahead = {
    ...world.clock,
    now: () => world.clock.now() + 5 * 3_600_000,
    after: world.clock.after.bind(world.clock),
  };
  const client = world.client(browser, { timers: ahead });
  await client.start();
  await client.searchUsers("a");
  await client.searchUsers("b");
  expect(world.server.requests.filter((line) => line.includes("refresh"))).toHaveLength(1);
});

test("a new conversation asked for again after a lost answer is asked for by the same id", async () => {
  const client = await world.arrive("awa");
  const bodies: string[] = [];
  const { fetchFor } = world.server;
  let lost = true;
  const browser = world.server.signedIn("awa");
  const through = fetchFor.call(world.server, browser);
  const other = world.client(browser, {
    fetch: async (input, init) => {
      if (String(input).endsWith("/conversations")) bodies.push(String(init?.body));
      if (String(input).endsWith("/conversations") && lost) {
        lost = false;
        throw new TypeError("Failed to fetch");
      }
      return through(input, init);
    },
  });
  await other.start();
  const input = { kind: "group" as const, users: ["koffi"], title: "Trip", message: { text: "hi" } };
  await expect(other.createConversation(input)).rejects.toMatchObject({ data: { code: "network" } });
  const id = await other.createConversation(input);
  expect(bodies[1]).toBe(bodies[0]);
  expect(stateOf(other).order).toEqual([id]);
  client.stop();
  await settle();
});

test("ids sort as they were made, even in one millisecond and with a clock that goes back", () => {
  const ids = [...Array.from({ length: 5000 }, () => uuid7(1_000_000)), uuid7(999_000), uuid7(1_000_001)];
  expect([...ids].sort()).toEqual(ids);
  expect(new Set(ids).size).toBe(ids.length);
  for (const id of ids.slice(0, 50))
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
});

test("a page that is looked at again compares, and one that is hidden for long says away", async () => {
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const window = new EventTarget();
  const room = world.server.rooms.room("direct", ["awa", "koffi"]);
  const client = await world.arrive("awa", { page: { window, document } });
  await world.clock.advance(5000);
  world.server.carry = () => undefined;
  world.server.rooms.post(room, "koffi", "unheard");
  document.visibilityState = "hidden";
  document.dispatchEvent(new Event("visibilitychange"));
  await world.clock.advance(59_000);
  const states = () =>
    world.server.opened[0]?.sent.filter(({ type }) => type === "set_presence").map(({ state }) => state);
  expect(states()).toEqual([]);
  await world.clock.advance(1000);
  expect(states()).toEqual(["away"]);
  world.server.rooms.post(room, "koffi", "unheard too");
  document.visibilityState = "visible";
  document.dispatchEvent(new Event("visibilitychange"));
  window.dispatchEvent(new Event("focus"));
  await world.clock.advance(1000);
  expect(states()).toEqual(["away", "active"]);
  expect(stateOf(client).conversations[room.id]).toMatchObject({ seq: 2, mine: { unread: 2 } });
});

test("coming online ends the wait for the next attempt", async () => {
  const document = Object.assign(new EventTarget(), { visibilityState: "visible" });
  const window = new EventTarget();
  const client = await world.arrive("awa", { page: { window, document } });
  world.server.down = true;
  world.server.kill();
  await world.clock.advance(60_000);
  world.server.down = false;
  window.dispatchEvent(new Event("online"));
  await world.clock.advance(0);
  expect(stateOf(client).connection.state).toBe("connected");
});
