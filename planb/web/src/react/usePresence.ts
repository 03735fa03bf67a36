import { useEffect } from "react";
import type { Presence } from "../client";
import { useChat, useSocket } from "./useSocket";

const MOST = 200;

/** Undefined while nothing is known: nobody watches, or there is no connection. */
export function usePresence(user: string | null): Presence | undefined {
  return useChat((state) => (user === null ? undefined : state.presence[user]));
}

/** Watches the presence of these people and of nobody else; to be called once, for the whole screen. */
export function useWatchPresence(users: readonly string[]): void {
  const client = useSocket();
  // The set, not the order in which the list happens to stand, decides whether the server is told again.
  const set = [...new Set(users)].slice(0, MOST).sort().join("\n");
  useEffect(() => {
    client.watchPresence(set === "" ? [] : set.split("\n"));
  }, [client, set]);
}
