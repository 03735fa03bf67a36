/** The one line that stands for a message: in the list, in a quote, in what a screen reader is told. */
import type { I18n } from "@lingui/core";
import { msg, plural } from "@lingui/core/macro";
import type { Message, User } from "../../client";
import { firstName } from "./names";

export interface PreviewContext {
  me: string | null;
  users: Record<string, User>;
  /** In a group the name of who wrote stands before the text. */
  group: boolean;
  i18n: I18n;
}

export function previewText(message: Message, context: PreviewContext): string {
  const { me, group, i18n } = context;
  if (message.kind === "system") return systemText(message, context);
  const text = messageText(message, i18n);
  if (message.sender !== null && message.sender === me) return i18n._(msg`You: ${text}`);
  if (!group) return text;
  const name = shortNameOf(message.sender, context);
  return i18n._(msg`${name}: ${text}`);
}

/** The text without its line breaks, or what stands in its place. */
export function messageText(message: Message, i18n: I18n): string {
  if (message.deleted_at !== null) return i18n._(msg`Message deleted`);
  if (message.hidden_at !== null) return i18n._(msg`Message hidden by a moderator`);
  const text = message.text.replace(/\s+/gu, " ").trim();
  return text === "" ? i18n._(msg`Message`) : text;
}

/** What happened, in the reader's language where the event is known, else as the server put it. */
export function systemText(message: Message, context: PreviewContext): string {
  const { i18n, me } = context;
  const { event, actor, users } = readData(message.data);
  const who = actor === null ? null : nameOf(actor, context);
  const others = users.filter((user) => user !== actor);
  const names = new Intl.ListFormat(i18n.locale).format(others.map((user) => nameOf(user, context)));
  if (event === "participants_added" && others.length > 0) {
    if (who === null) {
      const count = others.length;
      return i18n._(msg`${plural(count, { one: `${names} has joined`, other: `${names} have joined` })}`);
    }
    return actor === me ? i18n._(msg`You added ${names}`) : i18n._(msg`${who} added ${names}`);
  }
  if (event === "conversation_created" && who !== null) {
    return actor === me ? i18n._(msg`You created the group`) : i18n._(msg`${who} created the group`);
  }
  return message.text || i18n._(msg`The conversation has changed`);
}

function nameOf(id: string | null, { users, i18n }: PreviewContext): string {
  if (id === null || users[id]?.deleted) return i18n._(msg`Deleted account`);
  return users[id]?.display_name ?? i18n._(msg`Someone`);
}

function shortNameOf(id: string | null, context: PreviewContext): string {
  const user = id === null ? undefined : context.users[id];
  return user === undefined || user.deleted ? nameOf(id, context) : firstName(user);
}

function readData(data: unknown): { event: string | null; actor: string | null; users: string[] } {
  if (typeof data !== "object" || data === null) return { event: null, actor: null, users: [] };
  const { event, actor, users } = data as Record<string, unknown>;
  return {
    event: typeof event === "string" ? event : null,
    actor: typeof actor === "string" ? actor : null,
    users: Array.isArray(users) ? users.filter((user) => typeof user === "string") : [],
  };
}
