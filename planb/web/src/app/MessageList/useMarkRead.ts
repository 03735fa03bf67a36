import { useEffect } from "react";
import type { MessageWindow, Mine } from "../../client";
import { useSocket } from "../../react/useSocket";

interface MarkReadInput {
  id: string;
  mine: Mine;
  window: MessageWindow | undefined;
  /** Somebody looks, and at the end of the thread. */
  seen: boolean;
}

/** Moves one's own mark when the newest message is on screen, before somebody's eyes. */
export function useMarkRead({ id, mine, window, seen }: MarkReadInput): void {
  const client = useSocket();
  const newest = window?.moreAfter === false ? window.messages.at(-1)?.seq : undefined;
  const due = seen && newest !== undefined && newest > mine.read_seq && mine.unread > 0;
  useEffect(() => {
    if (due) client.markRead(id, newest);
  }, [client, id, due, newest]);
}
