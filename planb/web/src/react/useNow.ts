/** The present by the server's clock, in steps coarse enough that few components render again. */
import { useSyncExternalStore } from "react";
import { useChat } from "./useSocket";

const MINUTE = 60_000;

/** Milliseconds, renewed every `step` milliseconds of the clock. */
export function useNow(step: number = MINUTE): number {
  const offset = useChat((state) => state.serverOffset);
  return useSyncExternalStore(
    (listener) => {
      const handle = setInterval(listener, Math.min(step, MINUTE) / 2);
      return () => clearInterval(handle);
    },
    () => Math.floor((Date.now() + offset) / step) * step,
  );
}

/** Midnight of the current local day, so that "Today" becomes "Yesterday" by itself. */
export function useToday(): number {
  const offset = useChat((state) => state.serverOffset);
  return useSyncExternalStore(
    (listener) => {
      const handle = setInterval(listener, MINUTE);
      return () => clearInterval(handle);
    },
    () => new Date(Date.now() + offset).setHours(0, 0, 0, 0),
  );
}
