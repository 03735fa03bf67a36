import { expect, test } from "vitest";
import { asStored, grouped, judge, nextToSend } from "./outbox";
import type { OutboxItem } from "./types";

const item = (client_id: string, state: OutboxItem["state"], conversation = "c"): OutboxItem => ({
  client_id,
  conversation,
  text: "",
  reply_to: null,
  createdAt: 0,
  state,
  error: null,
});
const error = (code: string, retry: boolean, retry_after?: number) => ({
  code,
  message: "",
  retry,
  ...(retry_after === undefined ? {} : { retry_after }),
});
const middle = () => 0.5;

test("failed and held items do not keep later ones waiting", () => {
  expect(nextToSend([item("1", "failed"), item("2", "held"), item("3", "waiting")])?.client_id).toBe("3");
  expect(nextToSend([item("1", "failed")])).toBeNull();
});

test.each(["forbidden", "refused", "conflict", "not_found", "too_large", "bad_request", "from_the_future"])(
  "%s without retry ends it",
  (code) => {
    expect(judge(error(code, false), 1, middle)).toEqual({ kind: "failed", error: error(code, false) });
  },
);

test.each(["unavailable", "internal", "timeout", "from_the_future"])("%s with retry goes again", (code) => {
  expect(judge(error(code, true), 1, middle)).toEqual({ kind: "again", ms: 750, asked: false });
});

test.each(["token_expired", "unauthenticated"])("%s never fails a message", (code) => {
  expect(judge(error(code, false), 1, middle).kind).toBe("again");
});

test("a limit is waited out, a lost connection is waited for", () => {
  expect(judge(error("rate_limited", true, 30), 1, middle)).toEqual({
    kind: "again",
    ms: 30_000,
    asked: true,
  });
  expect(judge(error("disconnected", true), 1, middle)).toEqual({ kind: "stay" });
});

test("delays grow with the tries", () => {
  const delays = [1, 2, 3, 9].map((tries) => judge(error("internal", true), tries, () => 1));
  expect(delays.map((verdict) => "ms" in verdict && verdict.ms)).toEqual([1000, 2000, 4000, 20_000]);
});

test("a message is never stored as being under way", () => {
  expect(asStored(item("1", "sending")).state).toBe("waiting");
  expect(asStored(item("1", "failed")).state).toBe("failed");
});

test("items are grouped by conversation in the order given", () => {
  const groups = grouped([item("1", "waiting", "a"), item("2", "waiting", "b"), item("3", "waiting", "a")]);
  expect(groups.a?.map((one) => one.client_id)).toEqual(["1", "3"]);
  expect(groups.b).toHaveLength(1);
});
