/**
 * The outbox's rules: one in flight per conversation, in the order written; resent with the same `client_id` until an
 * answer; `retry: false` ends it. Pure: what to do with an item, and what an answer makes of it.
 */

import { backoff } from "./backoff";
import { isUnknownOutcome } from "./errors";
import type { OutboxItem } from "./types";
import type { ChatErrorData } from "./wire";

/** Failed and held items stand aside and do not keep later ones waiting. */
export function nextToSend(items: readonly OutboxItem[]): OutboxItem | null {
  return items.find((item) => item.state === "waiting" || item.state === "sending") ?? null;
}

export type Verdict =
  /** `asked`: the server told how long, so that not even a new connection makes it shorter. */
  | { kind: "again"; ms: number; asked: boolean }
  /** It goes when the connection is back. */
  | { kind: "stay" }
  | { kind: "failed"; error: ChatErrorData };

/** `tries`: how often this item was sent in vain so far, this time included. */
export function judge(error: ChatErrorData, tries: number, random: () => number): Verdict {
  if (error.code === "disconnected") return { kind: "stay" };
  // A session that has to be renewed is not the message's fault.
  const session = error.code === "unauthenticated" || error.code === "token_expired";
  if (!error.retry && !session && !isUnknownOutcome(error)) return { kind: "failed", error };
  return {
    kind: "again",
    ms: backoff(tries, random, error.retry_after),
    asked: error.retry_after !== undefined,
  };
}

/** Items by conversation, each in the order written. */
export function grouped(items: readonly OutboxItem[]): Record<string, OutboxItem[]> {
  const groups: Record<string, OutboxItem[]> = {};
  for (const item of items) {
    const group = groups[item.conversation];
    if (group) group.push(item);
    else groups[item.conversation] = [item];
  }
  return groups;
}

/** What survives a reload is never "being sent": who reads it from the store decides that anew. */
export function asStored(item: OutboxItem): OutboxItem {
  return item.state === "sending" ? { ...item, state: "waiting" } : item;
}
