/** What a page tells about itself that is worth a look at the connection: network back, page shown, page focused. */

export interface Page {
  window: Pick<EventTarget, "addEventListener" | "removeEventListener">;
  document: Pick<EventTarget, "addEventListener" | "removeEventListener"> & { visibilityState: string };
}

export function browserPage(): Page | null {
  return typeof window === "undefined" ? null : { window, document };
}

/** Returns the function that lets go. `onWake`: it is worth finding out whether everything is still in step. */
export function watchPage(page: Page, onWake: () => void, onVisible: (visible: boolean) => void): () => void {
  const visibility = () => {
    const visible = page.document.visibilityState !== "hidden";
    onVisible(visible);
    if (visible) onWake();
  };
  page.window.addEventListener("online", onWake);
  page.window.addEventListener("focus", onWake);
  // A page that comes back from the back-forward cache has lost its socket without a word.
  page.window.addEventListener("pageshow", onWake);
  page.document.addEventListener("visibilitychange", visibility);
  return () => {
    page.window.removeEventListener("online", onWake);
    page.window.removeEventListener("focus", onWake);
    page.window.removeEventListener("pageshow", onWake);
    page.document.removeEventListener("visibilitychange", visibility);
  };
}
