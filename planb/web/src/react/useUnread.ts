import type { Badge } from "../client";
import { useChat } from "./useSocket";

/** How much is unread, over all conversations. */
export function useUnread(): Badge {
  return useChat((state) => state.badge);
}
