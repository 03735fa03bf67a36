import { useSyncExternalStore } from "react";

const EVENTS = ["focus", "blur"] as const;

/** Whether somebody looks: the page is visible and its window has the focus. */
export function useAttention(): boolean {
  return useSyncExternalStore(
    (listener) => {
      for (const event of EVENTS) window.addEventListener(event, listener);
      document.addEventListener("visibilitychange", listener);
      return () => {
        for (const event of EVENTS) window.removeEventListener(event, listener);
        document.removeEventListener("visibilitychange", listener);
      };
    },
    () => document.visibilityState === "visible" && document.hasFocus(),
  );
}
