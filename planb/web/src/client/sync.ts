/**
 * Which changes of one conversation are in, which are missing: dense numbers, no content and no I/O. Whatever it
 * returns in `apply` is to be merged, in that order; only events and changes bodies ever move `own`.
 */

import type { ChangesBody } from "./wire";

export interface SyncState<Event> {
  /** Every change up to here is applied. */
  own: number;
  /** The greatest change heard of: while `own` is below it, something is missing. */
  head: number;
  /** Events beyond a hole, ascending. */
  buffer: readonly Numbered<Event>[];
  /** Waiting for the hole to close by itself, or for a changes body. */
  phase: "still" | "waiting" | "fetching";
}

export interface Numbered<Event> {
  seq: number;
  event: Event;
}

export type SyncInput<Event> =
  | { type: "event"; seq: number; event: Event }
  | { type: "changes"; body: ChangesBody }
  /** The server told a head without content: positions, `behind`. `claimed`: the driver fetches at once, with others. */
  | { type: "head"; seq: number; claimed?: boolean }
  /** The hole has had its time to close. */
  | { type: "waited" }
  /** A fetch came to nothing; the driver says `waited` when it is time to try again. */
  | { type: "gave_up" };

export type SyncEffect = "wait" | "fetch" | "reload";

export interface SyncStep<Event> {
  state: SyncState<Event>;
  apply: ({ event: Event } | { body: ChangesBody })[];
  effects: SyncEffect[];
}

/** Commit and publication invert between server processes for about this long. */
export const HOLE_WAIT = 150;
export const BUFFER_LIMIT = 500;

export function freshSync<Event>(own: number): SyncState<Event> {
  return { own, head: own, buffer: [], phase: "still" };
}

export function stepSync<Event>(state: SyncState<Event>, input: SyncInput<Event>): SyncStep<Event> {
  switch (input.type) {
    case "event":
      return takeEvent(state, input);
    case "changes":
      return takeChanges(state, input.body);
    case "head":
      return takeHead({ ...state, head: Math.max(state.head, input.seq) }, input.claimed ?? false);
    case "waited":
      if (state.phase === "fetching") return { state, apply: [], effects: [] };
      return state.own < state.head ? fetch(state, []) : settle({ ...state, phase: "still" }, []);
    case "gave_up":
      return { state: { ...state, phase: "waiting" }, apply: [], effects: [] };
  }
}

function takeHead<Event>(state: SyncState<Event>, claimed: boolean): SyncStep<Event> {
  if (claimed && state.own < state.head)
    return { state: { ...state, phase: "fetching" }, apply: [], effects: [] };
  return settle(state, []);
}

function takeEvent<Event>(state: SyncState<Event>, { seq, event }: Numbered<Event>): SyncStep<Event> {
  const head = Math.max(state.head, seq);
  if (seq <= state.own) return { state, apply: [{ event }], effects: [] };
  if (seq === state.own + 1) return drain({ ...state, head, own: seq }, [{ event }]);
  const buffer = insert(state.buffer, { seq, event });
  // Too long a buffer is dropped: the fetch brings what it held, and `head` remembers how far to go.
  if (buffer.length > BUFFER_LIMIT) return fetch({ ...state, head, buffer: [] }, []);
  return settle({ ...state, head, buffer }, []);
}

function takeChanges<Event>(state: SyncState<Event>, body: ChangesBody): SyncStep<Event> {
  const head = Math.max(state.head, body.seq);
  if (body.reset) {
    const buffer = state.buffer.filter((held) => held.seq > body.seq);
    const after = { own: Math.max(state.own, body.seq), head, buffer, phase: "still" as const };
    const { state: drained, apply, effects } = drain(after, []);
    return { state: drained, apply: [{ body }, ...apply], effects: ["reload", ...effects] };
  }
  if (state.own < (body.after ?? 0)) return settle({ ...state, head }, []);
  const own = Math.max(state.own, body.seq);
  // A body that is not the last one belongs to a fetch that goes on; one that came by itself leaves a hole behind it.
  if (body.more) return drain({ ...state, head: Math.max(head, body.seq + 1), own }, [{ body }]);
  return drain({ ...state, head, own, phase: "still" }, [{ body }]);
}

/** Applies what the buffer now continues, then sees whether a hole is left. */
function drain<Event>(state: SyncState<Event>, applied: SyncStep<Event>["apply"]): SyncStep<Event> {
  const apply = [...applied];
  let { own } = state;
  let taken = 0;
  for (const held of state.buffer) {
    if (held.seq > own + 1) break;
    // Older ones are merged as well: what replaces what is decided by `changed_seq`.
    apply.push({ event: held.event });
    own = Math.max(own, held.seq);
    taken += 1;
  }
  return settle({ ...state, own, buffer: state.buffer.slice(taken) }, apply);
}

function settle<Event>(state: SyncState<Event>, apply: SyncStep<Event>["apply"]): SyncStep<Event> {
  if (state.own >= state.head) {
    const phase = state.phase === "waiting" ? "still" : state.phase;
    return { state: { ...state, phase }, apply, effects: [] };
  }
  if (state.phase !== "still") return { state, apply, effects: [] };
  return { state: { ...state, phase: "waiting" }, apply, effects: ["wait"] };
}

function fetch<Event>(state: SyncState<Event>, apply: SyncStep<Event>["apply"]): SyncStep<Event> {
  if (state.phase === "fetching") return { state, apply, effects: [] };
  return { state: { ...state, phase: "fetching" }, apply, effects: ["fetch"] };
}

function insert<Event>(
  buffer: readonly Numbered<Event>[],
  held: Numbered<Event>,
): readonly Numbered<Event>[] {
  const at = buffer.findIndex((other) => other.seq >= held.seq);
  if (at === -1) return [...buffer, held];
  if (buffer[at]?.seq === held.seq) return buffer;
  return [...buffer.slice(0, at), held, ...buffer.slice(at)];
}
