/** A small cast on a fake server: awa and koffi talk, yao is a stranger. Browsers, tabs and clients are made as needed. */

import { createChatClient } from "../chatClient";
import { createMemoryStorage } from "../outboxStore";
import type { TabLink, TabMessage } from "../tabs";
import type { ChatClient, ChatClientOptions, ChatState } from "../types";
import { type Browser, FakeServer } from "./fakeServer";
import { ManualClock } from "./manualClock";

/** The tabs of one browser. A lock goes to the next tab when its holder lets go. */
export class FakeTabs {
  private readonly listeners = new Set<{ tab: object; heard: (message: TabMessage) => void }>();
  private readonly queues = new Map<string, (() => void)[]>();

  tab(): TabLink {
    const tab = {};
    return {
      post: (message) => {
        const copy = structuredClone(message);
        for (const other of this.listeners) if (other.tab !== tab) queueMicrotask(() => other.heard(copy));
      },
      listen: (heard) => {
        const listener = { tab, heard };
        this.listeners.add(listener);
        return () => this.listeners.delete(listener);
      },
      exclusively: async (name, work) => {
        let release: () => void = () => undefined;
        await new Promise<void>((resolve) => {
          release = this.wait(name, resolve);
        });
        try {
          return await work();
        } finally {
          release();
        }
      },
      lead: (name, lead) => this.wait(name, lead),
    };
  }

  private wait(name: string, granted: () => void): () => void {
    const queue = this.queues.get(name) ?? [];
    this.queues.set(name, queue);
    queue.push(granted);
    if (queue.length === 1) queueMicrotask(granted);
    return () => {
      const place = queue.indexOf(granted);
      if (place === -1) return;
      queue.splice(place, 1);
      const next = queue[0];
      if (place === 0 && next) queueMicrotask(next);
    };
  }
}

export class World {
  readonly clock = new ManualClock();
  readonly server = new FakeServer(this.clock);
  /** Draws in a row; the middle of every range once they are used up. */
  draws: number[] = [];

  constructor() {
    for (const name of ["awa", "koffi", "fatou", "yao"]) this.server.rooms.user(name);
  }

  /** A client that nobody has started. */
  client(browser: Browser, options: ChatClientOptions = {}): ChatClient {
    return createChatClient({
      baseUrl: "http://planb.test/api/v1",
      socketUrl: "ws://planb.test/ws/v1",
      socketFactory: this.server.connect,
      fetch: this.server.fetchFor(browser),
      storage: createMemoryStorage(),
      random: () => this.draws.shift() ?? 0.5,
      timers: this.clock,
      tabs: new FakeTabs().tab(),
      device: "00000000-0000-7000-8000-000000000000",
      page: null,
      ...options,
    });
  }

  /** A person with an open, loaded client. */
  async arrive(user: string, options: ChatClientOptions = {}): Promise<ChatClient> {
    const client = this.client(this.server.signedIn(user), options);
    await client.start();
    await client.loadConversations();
    await this.clock.advance(0);
    return client;
  }
}

export function shown(client: ChatClient, conversation: string): string[] {
  return (client.store.getState().windows[conversation]?.messages ?? []).map((message) => message.text);
}

export function stateOf(client: ChatClient): ChatState {
  return client.store.getState();
}
