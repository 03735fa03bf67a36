/** What people and conversations are called, and the colour and letters that stand for them. */
import type { Conversation, Message, User } from "../../client";

/** Each carries white letters with a contrast of at least 4.5:1. */
export const AVATAR_COLOURS = [
  "#7c3aed",
  "#b45309",
  "#0369a1",
  "#be185d",
  "#4d7c0f",
  "#475569",
  "#0f766e",
  "#a21caf",
  "#4338ca",
  "#b91c1c",
  "#047857",
  "#92400e",
] as const;

/** The same colour for the same id, on every device. */
export function avatarColour(id: string): string {
  let hash = 2166136261;
  for (const character of id) hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 16777619);
  return AVATAR_COLOURS[(hash >>> 0) % AVATAR_COLOURS.length] ?? AVATAR_COLOURS[0];
}

/** The first letters of the first and the last word; "?" where a name holds no letter at all. */
export function initials(name: string): string {
  const words = name.split(/[\s·–—-]+/u).flatMap((word) => word.match(/[\p{L}\p{N}]/u) ?? []);
  const first = words[0];
  if (first === undefined) return "?";
  const last = words.length > 1 ? (words.at(-1) ?? "") : "";
  return (first + last).toLocaleUpperCase();
}

/** The part of a name that is enough where there is little room. */
export function firstName(user: User): string {
  return user.display_name.split(" ")[0] || user.display_name;
}

/** The one other person of a direct conversation, null in a group or when it is not known yet. */
export function otherPerson(conversation: Conversation, me: string | null): string | null {
  if (conversation.kind !== "direct") return null;
  const other = conversation.participants.find((participant) => participant.user !== me);
  return other?.user ?? conversation.participants[0]?.user ?? null;
}

/** A group's title, else the names of the others; `unknown` stands for people whose name has not come yet. */
export function conversationTitle(
  conversation: Conversation,
  users: Record<string, User>,
  me: string | null,
  unknown: string,
): string {
  const nameOf = (id: string) => users[id]?.display_name || unknown;
  if (conversation.kind === "direct") {
    const other = otherPerson(conversation, me);
    return other === null ? unknown : nameOf(other);
  }
  if (conversation.title) return conversation.title;
  const others = conversation.participants.filter((participant) => participant.user !== me);
  const names = others.slice(0, 4).map((participant) => nameOf(participant.user));
  const rest = conversation.participant_count - 1 - names.length;
  if (names.length === 0) return unknown;
  return names.join(", ") + (rest > 0 ? ` +${rest}` : "");
}

/** Whom a row of the list may have to name: the first participants, who wrote last, and whom a system line is about. */
export function peopleNamed(conversation: Conversation): string[] {
  const ids = conversation.participants.slice(0, 8).map((participant) => participant.user);
  const message = conversation.last_message;
  if (message?.sender != null) ids.push(message.sender);
  return message === null ? ids : [...ids, ...dataPeople(message)];
}

/** The people that a system message is about. */
export function dataPeople({ data }: Pick<Message, "data">): string[] {
  const ids = Array.isArray(data?.users) ? [data.actor, ...data.users] : [data?.actor];
  return ids.filter((id) => typeof id === "string");
}
