/** What a person is told when something is refused: by the error's code, never by its message. */
import type { I18n } from "@lingui/core";
import { msg, plural } from "@lingui/core/macro";
import type { ChatErrorData } from "../../client";

export function errorText(
  { code, retry, retry_after }: Pick<ChatErrorData, "code" | "retry" | "retry_after">,
  i18n: I18n,
): string {
  switch (code) {
    case "bad_request":
      return i18n._(msg`Something in it is not right. Please look it over.`);
    case "unauthenticated":
    case "token_expired":
      return i18n._(msg`Your session has ended. Please sign in again.`);
    case "forbidden":
    case "refused":
      return i18n._(msg`That is not allowed here.`);
    case "blocked":
      return i18n._(msg`You have blocked this person.`);
    case "muted":
      return i18n._(msg`A moderator has muted you for a while.`);
    case "suspended":
      return i18n._(msg`This account is suspended.`);
    case "closed":
      return i18n._(msg`This conversation is closed.`);
    case "not_found":
      return i18n._(msg`That no longer exists.`);
    case "conflict":
      return i18n._(msg`That was changed or taken in the meantime.`);
    case "too_large":
      return i18n._(msg`That is too long.`);
    case "upgrade_required":
      return i18n._(msg`This page is out of date. Please load it again.`);
    case "rate_limited":
      return tooFast(retry_after ?? 0, i18n);
    case "network":
    case "timeout":
    case "disconnected":
      return i18n._(msg`The server cannot be reached. Check your connection and try again.`);
    case "unavailable":
      return i18n._(msg`The server is busy. Please try again in a moment.`);
    default:
      return retry ? i18n._(msg`That did not work. Please try again.`) : i18n._(msg`That did not work.`);
  }
}

function tooFast(seconds: number, i18n: I18n): string {
  const wait = Math.ceil(seconds);
  if (wait < 1) return i18n._(msg`Too many tries. Please wait a moment.`);
  if (wait < 120) {
    return i18n._(
      msg`Too many tries. Try again in ${plural(wait, { one: "# second", other: "# seconds" })}.`,
    );
  }
  const minutes = Math.ceil(wait / 60);
  return i18n._(
    msg`Too many tries. Try again in ${plural(minutes, { one: "# minute", other: "# minutes" })}.`,
  );
}
