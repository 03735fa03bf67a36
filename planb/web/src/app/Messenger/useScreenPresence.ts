import { useShallow } from "zustand/react/shallow";
import type { ConversationEntry } from "../../client";
import { useWatchPresence } from "../../react/usePresence";
import { useChat } from "../../react/useSocket";
import { otherPerson } from "../words/names";

const ROWS = 120;

/** Watches the people on screen: those of the open conversation first, then the direct ones of the list. */
export function useScreenPresence(open: string | null): void {
  const people = useChat(
    useShallow((state) => {
      const me = state.auth.me?.id ?? null;
      const found: string[] = [];
      const shown = open === null ? undefined : state.conversations[open];
      if (shown !== undefined && hasBegun(shown))
        for (const { user } of shown.conversation.participants) if (user !== me) found.push(user);
      for (const id of state.order.slice(0, ROWS)) {
        const entry = state.conversations[id];
        const other = entry === undefined || !hasBegun(entry) ? null : otherPerson(entry.conversation, me);
        if (other !== null && other !== me) found.push(other);
      }
      return found;
    }),
  );
  useWatchPresence(people);
}

/** Before the first message two people share nothing, and the server does not say who is there: asking waits for it. */
function hasBegun({ conversation }: ConversationEntry): boolean {
  return conversation.kind !== "direct" || conversation.last_message !== null;
}
