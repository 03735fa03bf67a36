/** Days and times as people read them. Pure: the present moment and the language are arguments. */
import type { I18n } from "@lingui/core";
import { msg } from "@lingui/core/macro";

const DAY = 86_400_000;
const formats = new Map<string, Intl.DateTimeFormat>();

function format(i18n: I18n, key: string, options: Intl.DateTimeFormatOptions, when: Date) {
  const tags = tagsOf(i18n);
  const name = `${tags} ${key}`;
  let found = formats.get(name);
  if (found === undefined) {
    // Making a formatter costs some 50 µs, using one 1 µs; a thread has thousands of times in it.
    found = new Intl.DateTimeFormat(tags, options);
    formats.set(name, found);
  }
  return found.format(when);
}

/** The reader's own tags ("en-GB") within the language of the screens: they decide between 15:00 and 3 PM. */
function tagsOf({ locale, locales }: I18n): string | string[] {
  return locales ?? locale;
}

/** The local calendar day of a moment, as a number of days that can be subtracted. */
export function dayNumber(when: Date): number {
  return Math.round(Date.UTC(when.getFullYear(), when.getMonth(), when.getDate()) / DAY);
}

export function clockTime(when: Date, i18n: I18n): string {
  return format(i18n, "time", { timeStyle: "short" }, when);
}

export function fullTime(when: Date, i18n: I18n): string {
  return format(i18n, "full", { dateStyle: "full", timeStyle: "short" }, when);
}

/** "Today", "Yesterday", "Monday" within the week, then the date; the year only when it is another. */
export function dayLabel(when: Date, now: Date, i18n: I18n): string {
  const age = dayNumber(now) - dayNumber(when);
  if (age === 0) return i18n._(msg`Today`);
  if (age === 1) return i18n._(msg`Yesterday`);
  if (age > 1 && age < 7) return capital(format(i18n, "weekday", { weekday: "long" }, when));
  if (when.getFullYear() === now.getFullYear()) {
    const options = { weekday: "long", day: "numeric", month: "long" } as const;
    return capital(format(i18n, "date", options, when));
  }
  const options = { day: "numeric", month: "long", year: "numeric" } as const;
  return capital(format(i18n, "year", options, when));
}

/** The short form for a row of the list: the time today, then "Yesterday", "Mon", "12 Oct", "12/10/2025". */
export function rowTime(when: Date, now: Date, i18n: I18n): string {
  const age = dayNumber(now) - dayNumber(when);
  if (age <= 0) return clockTime(when, i18n);
  if (age === 1) return i18n._(msg`Yesterday`);
  if (age < 7) return format(i18n, "shortday", { weekday: "short" }, when);
  if (when.getFullYear() === now.getFullYear()) {
    return format(i18n, "shortdate", { day: "numeric", month: "short" }, when);
  }
  return format(i18n, "numeric", { dateStyle: "short" }, when);
}

/** "a minute ago", "3 hours ago", "yesterday" … for when somebody was last seen. */
export function ago(when: Date, now: Date, i18n: I18n): string {
  const relative = new Intl.RelativeTimeFormat(tagsOf(i18n), { numeric: "auto" });
  const minutes = Math.max(1, Math.round((now.getTime() - when.getTime()) / 60_000));
  if (minutes < 60) return relative.format(-minutes, "minute");
  const hours = Math.round(minutes / 60);
  if (hours < 12) return relative.format(-hours, "hour");
  const days = dayNumber(now) - dayNumber(when);
  if (days === 0) return relative.format(-hours, "hour");
  return days < 14 ? relative.format(-days, "day") : format(i18n, "seen", { dateStyle: "medium" }, when);
}

function capital(text: string): string {
  return text.charAt(0).toLocaleUpperCase() + text.slice(1);
}
