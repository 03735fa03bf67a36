/** Messages, people and conversations for tests: complete wire forms, told only by what matters. */
import { setupI18n } from "@lingui/core";
import type { Conversation, Message, Mine, OutboxItem, User } from "../../client";

export const i18n = setupI18n({ locale: "en", messages: { en: {} } });

export function aMessage(told: Partial<Message> = {}): Message {
  const seq = told.seq ?? 1;
  return {
    id: `m${seq}`,
    conversation: "c1",
    seq,
    changed_seq: seq,
    client_id: null,
    sender: "koffi",
    kind: "text",
    text: `Message ${seq}`,
    data: null,
    reply_to: null,
    mentions: [],
    attachments: [],
    reactions: [],
    metadata: {},
    ext: {},
    created_at: "2026-11-22T10:00:00.000Z",
    edited_at: null,
    deleted_at: null,
    deleted_by: null,
    hidden_at: null,
    ...told,
  };
}

export function aUser(id: string, display_name: string): User {
  return { id, display_name, avatar: null, deleted: false, ext: {} };
}

export function aConversation(told: Partial<Conversation> = {}): Conversation {
  const participants = told.participants ?? [
    { user: "awa", role: "member", joined_at: "2026-11-01T10:00:00.000Z" },
    { user: "koffi", role: "member", joined_at: "2026-11-01T10:00:00.000Z" },
  ];
  return {
    id: "c1",
    kind: "direct",
    title: "",
    subject: null,
    seq: 1,
    changed_seq: 1,
    history_start: 0,
    last_message: null,
    participant_count: participants.length,
    closed_at: null,
    slow_mode: 0,
    metadata: {},
    ext: {},
    created_at: "2026-11-01T10:00:00.000Z",
    ...told,
    participants,
  };
}

export function aMine(told: Partial<Mine> = {}): Mine {
  return {
    state: "active",
    read_seq: 0,
    unread: 0,
    as_of: 0,
    muted_until: null,
    archived: false,
    pinned: false,
    marked_unread: false,
    draft: "",
    others_read_seq: 0,
    others_delivered_seq: 0,
    can: ["send"],
    ...told,
  };
}

export function anOutboxItem(told: Partial<OutboxItem> = {}): OutboxItem {
  return {
    client_id: "k1",
    conversation: "c1",
    text: "On my way",
    reply_to: null,
    createdAt: Date.parse("2026-11-22T10:05:00.000Z"),
    state: "waiting",
    error: null,
    ...told,
  };
}
