import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { BUFFER_LIMIT, freshSync, type SyncEffect, type SyncInput, type SyncState, stepSync } from "./sync";
import type { ChangesBody } from "./wire";

type Applied = number | [number, number];

/** Events are their own seq; a changes body shows as [after, seq]. */
function run(own: number, ...inputs: SyncInput<number>[]) {
  let state: SyncState<number> = freshSync(own);
  const applied: Applied[] = [];
  let effects: SyncEffect[] = [];
  for (const input of inputs) {
    const step = stepSync(state, input);
    ({ state, effects } = step);
    for (const item of step.apply)
      applied.push("event" in item ? item.event : [item.body.after ?? -1, item.body.seq]);
  }
  return { state, applied, effects };
}

const event = (seq: number): SyncInput<number> => ({ type: "event", seq, event: seq });
const changes = (after: number, seq: number, more = false): SyncInput<number> => ({
  type: "changes",
  body: { conversation: "c", after, seq, messages: [], state: null, more } satisfies ChangesBody,
});

test("the next event is applied", () => {
  expect(run(5, event(6), event(7))).toMatchObject({
    state: { own: 7, phase: "still" },
    applied: [6, 7],
    effects: [],
  });
});

test("an older event is merged and moves nothing", () => {
  expect(run(5, event(3))).toMatchObject({ state: { own: 5 }, applied: [3], effects: [] });
});

test("an event beyond a hole waits for the hole to close", () => {
  const { state, applied, effects } = run(5, event(7));
  expect(applied).toEqual([]);
  expect(effects).toEqual(["wait"]);
  expect(state).toMatchObject({ own: 5, head: 7, phase: "waiting" });
  expect(run(5, event(8), event(7), event(6))).toMatchObject({
    state: { own: 8, phase: "still" },
    applied: [6, 7, 8],
  });
});

test("a hole that stays is fetched once, and what was buffered follows", () => {
  const late = run(5, event(8), { type: "waited" });
  expect(late.effects).toEqual(["fetch"]);
  expect(run(5, event(8), { type: "waited" }, event(10), { type: "waited" }).effects).toEqual([]);
  const filled = run(5, event(8), { type: "waited" }, changes(5, 7));
  expect(filled).toMatchObject({ state: { own: 8, phase: "still", buffer: [] }, applied: [[5, 7], 8] });
});

test("a hole that closed in time is not fetched", () => {
  expect(run(5, event(7), event(6), { type: "waited" }).effects).toEqual([]);
});

test("a changes body from beyond what is in step is not applied", () => {
  expect(run(5, changes(6, 9))).toMatchObject({ state: { own: 5, head: 9 }, applied: [], effects: ["wait"] });
});

test("a changes body never moves back what is in step", () => {
  expect(run(9, changes(4, 7))).toMatchObject({ state: { own: 9 }, applied: [[4, 7]] });
});

test("a body that says there is more leaves the fetch going on", () => {
  const { state, effects } = run(0, event(9), { type: "waited" }, changes(0, 4, true));
  expect(state).toMatchObject({ own: 4, phase: "fetching" });
  expect(effects).toEqual([]);
});

test("a body that came by itself and says there is more is a hole", () => {
  expect(run(0, changes(0, 4, true))).toMatchObject({ state: { own: 4, head: 5 }, effects: ["wait"] });
});

test("a reset moves to its head, asks for a reload and keeps what lies beyond it", () => {
  const reset: SyncInput<number> = { type: "changes", body: { conversation: "c", reset: true, seq: 2000 } };
  expect(run(5, event(2001), reset)).toMatchObject({ state: { own: 2001, buffer: [] }, effects: ["reload"] });
});

test("a head that was told makes a hole, unless it is known", () => {
  expect(run(5, { type: "head", seq: 5 }).effects).toEqual([]);
  expect(run(5, { type: "head", seq: 9 }).effects).toEqual(["wait"]);
  const claimed = run(5, { type: "head", seq: 9, claimed: true });
  expect(claimed).toMatchObject({ state: { phase: "fetching" }, effects: [] });
});

test("a buffer that grows too long is dropped for a fetch that goes as far", () => {
  const events = Array.from({ length: BUFFER_LIMIT + 1 }, (_, index) => event(index + 10));
  const { state, effects } = run(5, ...events);
  expect(effects).toEqual(["fetch"]);
  expect(state).toMatchObject({ buffer: [], head: BUFFER_LIMIT + 10, phase: "fetching" });
});

test("a fetch that came to nothing is tried again when its time has come", () => {
  expect(run(5, event(8), { type: "waited" }, { type: "gave_up" }, { type: "waited" }).effects).toEqual([
    "fetch",
  ]);
});

describe("whatever is lost, doubled and turned around", () => {
  test("everything up to the head is applied, first in order", () => {
    const scramble = fc
      .tuple(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 60 }))
      .chain(([own, count]) => {
        const seqs = Array.from({ length: count }, (_, index) => own + 1 + index);
        const told = fc.array(fc.constantFrom(...seqs), { maxLength: count * 2 });
        return fc.tuple(fc.constant(own), fc.constant(own + count), told);
      });
    fc.assert(
      fc.property(scramble, ([own, head, told]) => {
        let state: SyncState<number> = freshSync(own);
        let reached = own;
        const feed = (input: SyncInput<number>): SyncEffect[] => {
          const step = stepSync(state, input);
          state = step.state;
          for (const item of step.apply) {
            // Nothing is applied for the first time while something before it is missing.
            if ("event" in item) expect(item.event).toBeLessThanOrEqual(reached + 1);
            else expect(item.body.after ?? 0).toBeLessThanOrEqual(reached);
            reached = Math.max(reached, "event" in item ? item.event : item.body.seq);
          }
          expect(state.own).toBe(reached);
          return step.effects;
        };
        for (const seq of told) feed(event(seq));
        feed({ type: "head", seq: head });
        for (let round = 0; round < 3 && state.own < head; round += 1) {
          if (feed({ type: "waited" }).includes("fetch")) feed(changes(state.own, head));
        }
        expect(state).toMatchObject({ own: head, phase: "still", buffer: [] });
      }),
    );
  });
});
