import { useCallback } from "react";
import type { ChatState } from "../client";
import { useChat, useSocket } from "./useSocket";

interface Conversations {
  /** Ids, newest message first: it stays the same array as long as nothing moves. */
  order: string[];
  listState: ChatState["listState"];
  loadMore: () => void;
}

export function useConversations(): Conversations {
  const client = useSocket();
  const order = useChat((state) => state.order);
  const listState = useChat((state) => state.listState);
  const loadMore = useCallback(() => void client.loadConversations(), [client]);
  return { order, listState, loadMore };
}
