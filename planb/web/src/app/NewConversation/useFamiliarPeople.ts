import { useShallow } from "zustand/react/shallow";
import type { User } from "../../client";
import { useChat } from "../../react/useSocket";
import { otherPerson } from "../words/names";

const MOST = 6;

/** Whom one wrote with last, for when nothing is typed yet. */
export function useFamiliarPeople(): User[] {
  return useChat(
    useShallow((state) => {
      const me = state.auth.me?.id ?? null;
      const found = new Set<User>();
      for (const id of state.order) {
        const entry = state.conversations[id];
        const other = entry === undefined ? null : otherPerson(entry.conversation, me);
        const user = other === null || other === me ? undefined : state.users[other];
        if (user !== undefined && !user.deleted) found.add(user);
        if (found.size === MOST) break;
      }
      return [...found];
    }),
  );
}
