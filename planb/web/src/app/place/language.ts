/** French or English: the choice that was made, else what the browser asks for. */
import { i18n } from "@lingui/core";
import { readCookie, writeCookie } from "./cookies";

export const LANGUAGES = { fr: "Français", en: "English" } as const;
export type Language = keyof typeof LANGUAGES;

// Django's own name for it: the server's pages and errors then speak the same language.
const COOKIE = "django_language";

export function preferredLanguage(): Language {
  for (const tag of [readCookie(COOKIE), ...navigator.languages]) {
    const language = tag?.slice(0, 2).toLowerCase();
    if (language === "fr" || language === "en") return language;
  }
  return "en";
}

export async function activateLanguage(language: Language): Promise<void> {
  const { messages } = await import(`../../locales/${language}.po`);
  const tags = navigator.languages.filter((tag) => tag.slice(0, 2).toLowerCase() === language);
  i18n.loadAndActivate({ locale: language, locales: [...tags, language], messages });
  document.documentElement.lang = language;
}

export async function chooseLanguage(language: Language): Promise<void> {
  await activateLanguage(language);
  writeCookie(COOKIE, language);
}
