import type { ConversationEntry } from "../client";
import { useChat } from "./useSocket";

/** Undefined for a conversation that is not here yet, or no longer. */
export function useConversation(id: string): ConversationEntry | undefined {
  return useChat((state) => state.conversations[id]);
}
