import { useContext } from "react";
import { useStore } from "zustand";
import type { ChatClient, ChatState } from "../client";
import { SocketContext } from "./SocketProvider";

/** The client of the nearest `SocketProvider`: what one does. What one sees comes from `useChat` and its kin. */
export function useSocket(): ChatClient {
  const client = useContext(SocketContext);
  if (client === null) throw new Error("useSocket needs a SocketProvider above it.");
  return client;
}

/**
 * A part of the state. The component renders again only when what `select` returns is another reference, so it must
 * hand out what the state holds, or primitives, and never build an object.
 */
export function useChat<T>(select: (state: ChatState) => T): T {
  return useStore(useSocket().store, select);
}
