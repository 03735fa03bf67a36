import { describe, expect, test } from "vitest";
import {
  type ConnectionEffect,
  type ConnectionInput,
  type ConnectionState,
  initialConnection,
  stepConnection,
} from "./connection";

/** Feeds inputs in a row, a time in ms before each, and keeps the last effects. */
function run(...inputs: [number, ConnectionInput][]): {
  state: ConnectionState;
  effects: ConnectionEffect[];
} {
  let state = initialConnection;
  let effects: ConnectionEffect[] = [];
  for (const [now, input] of inputs)
    ({ state, effects } = stepConnection(state, input, { now, random: () => 1 }));
  return { state, effects };
}

const START: [number, ConnectionInput] = [0, { type: "start" }];
const READY: [number, ConnectionInput] = [100, { type: "ready" }];
const closed = (now: number, code: number): [number, ConnectionInput] => [now, { type: "closed", code }];

test("it goes from disconnected through connecting to connected", () => {
  expect(initialConnection.state).toBe("disconnected");
  expect(run(START)).toMatchObject({
    state: { state: "connecting" },
    effects: [{ type: "open", renew: false }],
  });
  expect(run(START, READY)).toMatchObject({
    state: { state: "connected", everConnected: true, reason: null },
  });
});

test("a lost connection comes back after a delay that grows with each failure", () => {
  const first = run(START, closed(10, 1006));
  expect(first.state).toMatchObject({ state: "disconnected", reason: "network", retryAt: 1010 });
  expect(first.effects).toContainEqual({ type: "wait", ms: 1000 });
  const third = run(
    START,
    closed(10, 1006),
    [1010, { type: "due" }],
    closed(1020, 1006),
    [3020, { type: "due" }],
    closed(3030, 1006),
  );
  expect(third.effects).toContainEqual({ type: "wait", ms: 4000 });
});

test("a connection that lasted starts with short delays again, one that did not goes on with longer ones", () => {
  const failing: [number, ConnectionInput][] = [START, closed(10, 1006), [1010, { type: "due" }]];
  const good = run(...failing, [1100, { type: "ready" }], closed(20_000, 1006));
  expect(good.effects).toContainEqual({ type: "wait", ms: 1000 });
  const brief = run(...failing, [1100, { type: "ready" }], closed(1200, 1006));
  expect(brief.effects).toContainEqual({ type: "wait", ms: 2000 });
});

test("the delay that the server asked for before closing is honoured once", () => {
  const asked = run(START, READY, [200, { type: "closing", retryAfter: 7 }], closed(300, 4503));
  expect(asked.state).toMatchObject({ reason: "restarting", retryAt: 7300 });
  const after = run(
    START,
    READY,
    [200, { type: "closing", retryAfter: 7 }],
    closed(300, 4503),
    [7300, { type: "due" }],
    closed(7400, 1006),
  );
  expect(after.state.retryAt).toBe(9400);
});

describe("closes from 4400 to 4499 mean: change something first", () => {
  test.each([
    [4400, "bad_frame"],
    [4403, "suspended"],
    [4405, "bad_origin"],
    [4413, "too_large"],
    [4426, "upgrade_required"],
    [4429, "replaced"],
    [4477, "network"],
  ])("%i does not come back by itself", (code, reason) => {
    const { state, effects } = run(
      START,
      READY,
      closed(200, code),
      [60_000, { type: "due" }],
      [90_000, { type: "wake" }],
    );
    expect(state).toMatchObject({ state: "disconnected", retryAt: null, barred: true, reason });
    expect(effects).toEqual([]);
  });

  test("the person can still ask for it", () => {
    const { state } = run(START, READY, closed(200, 4429), [300, { type: "retry" }]);
    expect(state).toMatchObject({ state: "connecting", barred: false });
  });
});

test.each([4500, 4503, 4508, 4509, 4510, 1000, 1001, 1006, 1011, 4999])(
  "a close with %i comes back",
  (code) => {
    expect(run(START, READY, closed(200, code)).state.retryAt).not.toBeNull();
  },
);

test.each([4401, 4501])("after %i a new token is fetched before anything else", (code) => {
  const { effects } = run(START, READY, closed(20_000, code));
  expect(effects).toEqual([{ type: "open", renew: true }]);
});

test("a new token that is refused as well ends the session", () => {
  const { state, effects } = run(START, closed(10, 4401), closed(20, 4401));
  expect(effects).toContainEqual({ type: "expired" });
  expect(state).toMatchObject({ state: "disconnected", wanted: false, retryAt: null });
});

test("tokens that are said to have expired at once, again and again, do not make a storm", () => {
  const { state } = run(START, READY, closed(200, 4501), [300, { type: "ready" }], closed(400, 4501));
  expect(state).toMatchObject({ state: "disconnected", reason: "token_expired" });
  expect(state.retryAt).toBeGreaterThan(400);
});

test("no token for now is a failed attempt, no token for good is the end", () => {
  expect(run(START, [10, { type: "no_token", final: false, retryAfter: 9 }]).state.retryAt).toBe(9010);
  expect(run(START, [10, { type: "no_token", final: true }]).effects).toContainEqual({ type: "expired" });
});

test("a page that wakes connects at once, but not in a storm", () => {
  const lost: [number, ConnectionInput][] = [START, closed(10, 1006)];
  expect(run(...lost, [500, { type: "wake" }]).effects).toEqual([]);
  expect(run(...lost, [1000, { type: "wake" }]).effects).toEqual([{ type: "open", renew: false }]);
});

test("nothing but a start leaves the stopped state", () => {
  const inputs: ConnectionInput[] = [
    { type: "due" },
    { type: "wake" },
    { type: "retry" },
    { type: "ready" },
    { type: "closed", code: 1006 },
  ];
  for (const input of inputs) {
    const { state, effects } = run(START, READY, [200, { type: "stop", reason: "stopped" }], [90_000, input]);
    expect(state).toMatchObject({ state: "disconnected", wanted: false, everConnected: true });
    expect(effects).toEqual([]);
  }
});

test("a start while it connects changes nothing", () => {
  expect(run(START, [5, { type: "start" }]).effects).toEqual([]);
});
