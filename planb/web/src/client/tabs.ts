/** The other tabs of the same browser: one leader by Web Locks, hints by BroadcastChannel. */

import type { Message } from "./wire";

export type TabMessage =
  /** The stored outbox changed: read it again. `sent` is what a message became. */
  | { kind: "outbox"; owner: string; sent?: { client_id: string; message: Message } }
  | { kind: "token"; session: string; access: string; expiresAt: number }
  | { kind: "signed_in"; user: string }
  | { kind: "signed_out" };

export interface TabLink {
  post(message: TabMessage): void;
  listen(heard: (message: TabMessage) => void): () => void;
  /** Runs `work` while holding the lock; waits for it as long as it takes. */
  exclusively<T>(name: string, work: () => Promise<T>): Promise<T>;
  /** Calls `lead` once this tab holds the lock, and keeps it until the returned function is called. */
  lead(name: string, lead: () => void): () => void;
}

/**
 * Without Web Locks (pages that are not served securely) every tab leads: a message may then be sent twice, with the
 * same `client_id`, and the server makes one of it.
 */
export function browserTabs(channelName = "planb"): TabLink {
  const locks = typeof navigator === "undefined" ? undefined : navigator.locks;
  const channel = typeof BroadcastChannel === "undefined" ? null : new BroadcastChannel(channelName);
  const heard = new Set<(message: TabMessage) => void>();
  if (channel) {
    channel.onmessage = (event: MessageEvent<TabMessage>) => {
      for (const listener of heard) listener(event.data);
    };
  }
  return {
    post: (message) => channel?.postMessage(message),
    listen(listener) {
      heard.add(listener);
      return () => heard.delete(listener);
    },
    exclusively: (name, work) =>
      (locks ? locks.request(`planb-${name}`, work) : work()) as ReturnType<typeof work>,
    lead(name, lead) {
      if (!locks) {
        lead();
        return () => undefined;
      }
      const given = new AbortController();
      let release: () => void = () => undefined;
      const held = new Promise<void>((resolve) => {
        release = resolve;
      });
      locks
        .request(`planb-${name}`, { signal: given.signal }, () => {
          lead();
          return held;
        })
        .catch(() => undefined);
      return () => {
        given.abort();
        release();
      };
    },
  };
}
