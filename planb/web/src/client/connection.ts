/**
 * The connection as a pure state machine: three states, one way to change them. It opens nothing and waits for nothing;
 * it says what to do as effects, and `socket.ts` does it.
 */

import { backoff } from "./backoff";

export interface ConnectionState {
  state: "disconnected" | "connecting" | "connected";
  reason: string | null;
  retryAt: number | null;
  attempt: number;
  everConnected: boolean;
  /** The host wants a connection. */
  wanted: boolean;
  /** Closed with "change something first": only the person (`retry`) or a new sign-in comes back. */
  barred: boolean;
  /** The server told before closing how long to stay away, in seconds. */
  askedDelay: number | null;
  connectedAt: number | null;
  triedAt: number | null;
  /** A fresh token was fetched because of a 4401 or 4501, and no good connection came of it yet. */
  renewed: boolean;
}

export type ConnectionInput =
  | { type: "start" }
  | { type: "stop"; reason: string }
  | { type: "retry" }
  /** The network is back, or the page is looked at again. */
  | { type: "wake" }
  | { type: "due" }
  | { type: "ready" }
  | { type: "closing"; retryAfter: number | null }
  | { type: "closed"; code: number; reason?: string }
  /** `final`: the session is over, no token will come. */
  | { type: "no_token"; final: boolean; retryAfter?: number | null };

export type ConnectionEffect =
  /** Get a token (a new one if `renew`), open a socket, say hello. */
  { type: "open"; renew: boolean } | { type: "drop" } | { type: "wait"; ms: number } | { type: "expired" };

export interface Step {
  state: ConnectionState;
  effects: ConnectionEffect[];
}

export const initialConnection: ConnectionState = {
  state: "disconnected",
  reason: null,
  retryAt: null,
  attempt: 0,
  everConnected: false,
  wanted: false,
  barred: false,
  askedDelay: null,
  connectedAt: null,
  triedAt: null,
  renewed: false,
};

/** A connection that lived this long was a good one: the next loss starts with short delays again. */
const STABLE = 10_000;
/** Windows that are flicked through must not become a storm of attempts. */
const WAKE_SPACING = 1_000;

const REASONS: Record<number, string> = {
  4400: "bad_frame",
  4401: "unauthenticated",
  4403: "suspended",
  4405: "bad_origin",
  4413: "too_large",
  4426: "upgrade_required",
  4429: "replaced",
  4500: "internal",
  4501: "token_expired",
  4503: "restarting",
  4508: "hello_timeout",
  4509: "slow_consumer",
  4510: "resync",
};

export interface Surroundings {
  now: number;
  random: () => number;
}

export function stepConnection(state: ConnectionState, input: ConnectionInput, around: Surroundings): Step {
  switch (input.type) {
    case "start":
      if (state.wanted && state.state !== "disconnected") return stay(state);
      return connect({ ...state, wanted: true, barred: false, attempt: 0, renewed: false }, false, around);
    case "stop":
      return {
        state: { ...initialConnection, everConnected: state.everConnected, reason: input.reason },
        effects: [{ type: "drop" }],
      };
    case "retry":
      if (!state.wanted || state.state !== "disconnected") return stay(state);
      return connect({ ...state, barred: false, renewed: false }, state.reason === "unauthenticated", around);
    case "wake":
      if (state.triedAt !== null && around.now - state.triedAt < WAKE_SPACING) return stay(state);
      return stepConnection(state, { type: "due" }, around);
    case "due":
      if (!state.wanted || state.barred || state.state !== "disconnected") return stay(state);
      return connect(state, false, around);
    case "ready":
      if (state.state !== "connecting") return stay(state);
      return stay({
        ...state,
        state: "connected",
        reason: null,
        retryAt: null,
        everConnected: true,
        askedDelay: null,
        connectedAt: around.now,
      });
    case "closing":
      return stay({ ...state, askedDelay: input.retryAfter });
    case "no_token":
      if (state.state !== "connecting") return stay(state);
      if (input.final) return expire(state);
      return comeBack({ ...state, askedDelay: input.retryAfter ?? null }, "network", around);
    case "closed":
      if (!state.wanted || state.state === "disconnected") return stay(state);
      return lost(state, input.code, input.reason, around);
  }
}

function lost(state: ConnectionState, code: number, told: string | undefined, around: Surroundings): Step {
  const reason = REASONS[code] ?? told ?? "network";
  const fresh = state.connectedAt !== null && around.now - state.connectedAt >= STABLE;
  const after: ConnectionState = {
    ...state,
    attempt: fresh ? 0 : state.attempt,
    connectedAt: null,
    renewed: state.renewed && !fresh,
  };
  if (code === 4401 || code === 4501) {
    // A token newer than the refused one is the "something" to change; refused again, the session itself is over.
    if (!after.renewed) return connect({ ...after, reason, renewed: true }, true, around);
    if (code === 4401) return expire(after);
    return comeBack(after, reason, around);
  }
  if (code >= 4400 && code <= 4499) {
    return stay({ ...after, state: "disconnected", reason, retryAt: null, barred: true, askedDelay: null });
  }
  return comeBack(after, reason, around);
}

function stay(state: ConnectionState): Step {
  return { state, effects: [] };
}

function connect(state: ConnectionState, renew: boolean, around: Surroundings): Step {
  return {
    state: {
      ...state,
      state: "connecting",
      retryAt: null,
      attempt: state.attempt + 1,
      triedAt: around.now,
      connectedAt: null,
    },
    effects: [{ type: "open", renew }],
  };
}

function comeBack(state: ConnectionState, reason: string, around: Surroundings): Step {
  const ms = backoff(state.attempt, around.random, state.askedDelay);
  return {
    state: { ...state, state: "disconnected", reason, retryAt: around.now + ms, askedDelay: null },
    effects: [{ type: "drop" }, { type: "wait", ms }],
  };
}

function expire(state: ConnectionState): Step {
  return {
    state: {
      ...state,
      state: "disconnected",
      reason: "signed_out",
      retryAt: null,
      barred: true,
      wanted: false,
    },
    effects: [{ type: "drop" }, { type: "expired" }],
  };
}
