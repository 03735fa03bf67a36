/** Which place is on screen, kept in the address: `/` is the list, `/c/<id>` a conversation. */
import { useSyncExternalStore } from "react";

const PATTERN = /^\/c\/([0-9a-f-]{36})\/?$/;
const CHANGED = "planb:navigate";

export function conversationPath(id: string): string {
  return `/c/${id}`;
}

export function parsePath(path: string): string | null {
  return PATTERN.exec(path)?.[1] ?? null;
}

/** The id of the conversation on screen, or null for the list. */
export function useRoute(): string | null {
  return useSyncExternalStore(subscribe, () => parsePath(window.location.pathname));
}

export function navigate(path: string, { replace = false } = {}): void {
  if (path === window.location.pathname) return;
  // `depth` tells whether Back stays inside the client or would leave it.
  const depth = currentDepth();
  if (replace) window.history.replaceState({ depth }, "", path);
  else window.history.pushState({ depth: depth + 1 }, "", path);
  window.dispatchEvent(new Event(CHANGED));
}

/** To the list, by the browser's own Back where that leads there, so that no step is left behind. */
export function goBack(): void {
  if (parsePath(window.location.pathname) === null) return;
  if (currentDepth() > 0) window.history.back();
  else navigate("/", { replace: true });
}

function currentDepth(): number {
  const state: unknown = window.history.state;
  if (typeof state !== "object" || state === null || !("depth" in state)) return 0;
  return typeof state.depth === "number" ? state.depth : 0;
}

function subscribe(listener: () => void): () => void {
  window.addEventListener("popstate", listener);
  window.addEventListener(CHANGED, listener);
  return () => {
    window.removeEventListener("popstate", listener);
    window.removeEventListener(CHANGED, listener);
  };
}
