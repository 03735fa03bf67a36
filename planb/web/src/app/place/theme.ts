/** Light, dark, or as the system says. */
import { useSyncExternalStore } from "react";
import { readCookie, writeCookie } from "./cookies";

export type Theme = "system" | "light" | "dark";

const COOKIE = "planb_theme";
const listeners = new Set<() => void>();

export function readTheme(): Theme {
  const chosen = readCookie(COOKIE);
  return chosen === "light" || chosen === "dark" ? chosen : "system";
}

export function chooseTheme(theme: Theme): void {
  writeCookie(COOKIE, theme === "system" ? null : theme);
  applyTheme();
  for (const listener of listeners) listener();
}

export function applyTheme(): void {
  const theme = readTheme();
  const root = document.documentElement;
  if (theme === "system") delete root.dataset.theme;
  else root.dataset.theme = theme;
}

export function useTheme(): Theme {
  return useSyncExternalStore(subscribe, readTheme);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}
