/** Text frames to values and back. Total: whatever arrives, nothing is thrown. */

import { readErrorData } from "./errors";
import type { ChatErrorData, Message, Ready, ServerEvent } from "./wire";

export type Inbound =
  | { kind: "ready"; ready: Ready }
  | { kind: "reply"; id: number; ok: true; data: unknown }
  | { kind: "reply"; id: number; ok: false; error: ChatErrorData }
  | { kind: "event"; event: ServerEvent };

const UNREADABLE: ChatErrorData = { code: "internal", message: "Unreadable error.", retry: true };

type Fields = Record<string, unknown>;

export function isFields(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isSeq(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isMessage(value: unknown): value is Message {
  return (
    isFields(value) &&
    typeof value.id === "string" &&
    typeof value.conversation === "string" &&
    isSeq(value.seq) &&
    isSeq(value.changed_seq)
  );
}

/** Null: not a frame of this protocol; ignore it. */
export function readFrame(text: unknown): Inbound | null {
  if (typeof text !== "string") return null;
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return null;
  }
  if (!isFields(value) || typeof value.type !== "string") return null;
  if (value.type === "ready")
    return isReady(value) ? { kind: "ready", ready: value as unknown as Ready } : null;
  if (value.type === "reply") {
    if (typeof value.id !== "number") return null;
    if (value.ok === true) return { kind: "reply", id: value.id, ok: true, data: value.data };
    return { kind: "reply", id: value.id, ok: false, error: readErrorData(value.error, UNREADABLE) };
  }
  return { kind: "event", event: readEvent(value, value.type) };
}

function isReady(value: Fields): boolean {
  return (
    isFields(value.user) &&
    typeof value.epoch === "string" &&
    isSeq(value.inbox_seq) &&
    isFields(value.positions) &&
    typeof value.now === "string"
  );
}

/** Parts that do not have the form that reducers rely on are left out; the rest of the event still counts. */
function readEvent(value: Fields, type: string): ServerEvent {
  const { conversation, seq, message, state, users, referenced, ...rest } = value;
  const event: ServerEvent = { ...rest, type };
  if (typeof conversation === "string") event.conversation = conversation;
  if (isSeq(seq)) event.seq = seq;
  if (isMessage(message)) event.message = message;
  if (typeof state === "string") event.state = state;
  else if (isFields(state) && typeof state.id === "string" && isSeq(state.seq)) {
    event.state = state as unknown as Exclude<ServerEvent["state"], string | undefined>;
  }
  if (Array.isArray(users))
    event.users = users.filter((user) => isFields(user) && typeof user.id === "string");
  if (Array.isArray(rest.messages)) event.messages = rest.messages.filter(isMessage);
  if (Array.isArray(referenced)) event.referenced = referenced.filter(isMessage);
  return event;
}

export function writeFrame(id: number, type: string, fields: object): string {
  return JSON.stringify({ ...fields, type, id });
}
