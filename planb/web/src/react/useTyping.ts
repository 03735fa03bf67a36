import { useShallow } from "zustand/react/shallow";
import { useChat } from "./useSocket";

/** Who types in a conversation right now, oneself never among them; the same array until that changes. */
export function useTyping(conversation: string): string[] {
  return useChat(useShallow((state) => Object.keys(state.conversations[conversation]?.typing ?? {})));
}
