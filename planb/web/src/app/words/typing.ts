/** Who is typing, in words. */
import type { I18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";
import type { User } from "../../client";
import { firstName } from "./names";

/** In a direct conversation it is clear who; in a group the names are told, up to two. */
export function typingText(
  ids: readonly string[],
  users: Record<string, User>,
  group: boolean,
  i18n: I18n,
): string {
  if (!group) return i18n._(msg`typing…`);
  const names = ids.map((id) => {
    const user = users[id];
    return user === undefined ? i18n._(msg`Someone`) : firstName(user);
  });
  const [one = "", two = ""] = names;
  if (names.length === 1) return i18n._(msg`${one} is typing…`);
  if (names.length === 2) return i18n._(msg`${one} and ${two} are typing…`);
  return i18n._(msg`Several people are typing…`);
}
