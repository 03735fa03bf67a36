/** Puts one chat client within reach of every component below, and starts and stops it with the page. */
import { createContext, type ReactNode, useEffect } from "react";
import type { ChatClient } from "../client";

export const SocketContext = createContext<ChatClient | null>(null);

export function SocketProvider({ client, children }: { client: ChatClient; children: ReactNode }) {
  useEffect(() => {
    void client.start();
    return () => client.stop();
  }, [client]);
  return <SocketContext value={client}>{children}</SocketContext>;
}
