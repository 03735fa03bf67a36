import type { MessageWindow, OutboxItem } from "../client";
import { useChat } from "./useSocket";

const EMPTY: OutboxItem[] = [];

interface Messages {
  /** Undefined until the conversation was opened once. */
  window: MessageWindow | undefined;
  /** What waits to be sent into this conversation, in the order written. */
  outbox: OutboxItem[];
}

export function useMessages(conversation: string): Messages {
  const window = useChat((state) => state.windows[conversation]);
  const outbox = useChat((state) => state.outbox[conversation] ?? EMPTY);
  return { window, outbox };
}
