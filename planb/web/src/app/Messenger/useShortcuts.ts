import { useEffect } from "react";
import { goBack } from "../place/router";

/** The search field of the list, wherever it stands. */
export const SEARCH_ID = "planb-search";

/** `/` goes to the search field, Escape from the conversation to the list. */
export function useShortcuts(): void {
  useEffect(() => {
    function onKey(event: KeyboardEvent) {
      if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey)
        return;
      const target = event.target instanceof HTMLElement ? event.target : null;
      // A dialog or a menu has its own Escape, and its own fields.
      if (target?.closest("dialog, [popover]") || document.querySelector("dialog[open], :popover-open"))
        return;
      const writing = target?.matches("input, textarea, select, [contenteditable]") === true;
      if (event.key === "/" && !writing) {
        event.preventDefault();
        const field = document.getElementById(SEARCH_ID);
        // Hidden on a phone while a conversation is open.
        if (field?.offsetParent === null) goBack();
        requestAnimationFrame(() => field?.focus());
      } else if (event.key === "Escape") {
        goBack();
      }
    }
    window.addEventListener("keydown", onKey);
    return () => window.removeEventListener("keydown", onKey);
  }, []);
}
