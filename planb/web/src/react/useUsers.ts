import { useShallow } from "zustand/react/shallow";
import type { User } from "../client";
import { useChat } from "./useSocket";

/** These people, as far as they are known; the same object until one of them changes. */
export function useUsers(ids: readonly string[]): Record<string, User> {
  return useChat(
    useShallow((state) => {
      const found: Record<string, User> = {};
      for (const id of ids) {
        const user = state.users[id];
        if (user !== undefined) found[id] = user;
      }
      return found;
    }),
  );
}

/** One's own id; null while nobody is signed in. */
export function useMe(): string | null {
  return useChat((state) => state.auth.me?.id ?? null);
}
