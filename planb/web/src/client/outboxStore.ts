/** Where the outbox survives a reload: IndexedDB in browsers, memory elsewhere. Knows nothing of sending. */

import { type DBSchema, type IDBPDatabase, openDB } from "idb";
import type { OutboxItem } from "./types";

/** `owner` is the user who wrote it: another person who signs in here never sends it. */
export interface StoredItem extends OutboxItem {
  owner: string;
}

export interface OutboxStorage {
  /** In the order written. */
  list(owner: string): Promise<StoredItem[]>;
  put(item: StoredItem): Promise<void>;
  /** Changes an item only if it is still there: an item that another tab removed must not come back. */
  update(item: StoredItem): Promise<boolean>;
  remove(clientId: string): Promise<void>;
  clear(owner: string): Promise<void>;
  close(): void;
}

interface Schema extends DBSchema {
  outbox: { key: string; value: StoredItem; indexes: { owner: string } };
}

function written(a: StoredItem, b: StoredItem): number {
  return a.createdAt - b.createdAt || (a.client_id < b.client_id ? -1 : 1);
}

export function createMemoryStorage(): OutboxStorage {
  const items = new Map<string, StoredItem>();
  return {
    list: async (owner) => [...items.values()].filter((item) => item.owner === owner).sort(written),
    put: async (item) => void items.set(item.client_id, item),
    update: async (item) => items.has(item.client_id) && items.set(item.client_id, item) === items,
    remove: async (clientId) => void items.delete(clientId),
    clear: async (owner) => {
      for (const item of items.values()) if (item.owner === owner) items.delete(item.client_id);
    },
    close: () => undefined,
  };
}

export function createIndexedDbStorage(name = "planb-outbox"): OutboxStorage {
  let opening: Promise<IDBPDatabase<Schema>> | null = null;
  let fallback: OutboxStorage | null = null;

  function open(): Promise<IDBPDatabase<Schema>> {
    opening ??= openDB<Schema>(name, 1, {
      upgrade(database) {
        database.createObjectStore("outbox", { keyPath: "client_id" }).createIndex("owner", "owner");
      },
      // A newer version in another tab must not wait for this one.
      blocking: () => void opening?.then((database) => database.close()),
      terminated: () => {
        opening = null;
      },
    });
    return opening;
  }

  /** Private windows of some browsers refuse IndexedDB: then the outbox lives as long as the page. */
  async function use<T>(
    durable: (database: IDBPDatabase<Schema>) => Promise<T>,
    memory: (storage: OutboxStorage) => Promise<T>,
  ): Promise<T> {
    if (!fallback) {
      try {
        return await durable(await open());
      } catch (error) {
        if (typeof indexedDB !== "undefined" && !refused(error)) throw error;
        fallback = createMemoryStorage();
      }
    }
    return memory(fallback);
  }

  return {
    list: (owner) =>
      use(
        async (database) => (await database.getAllFromIndex("outbox", "owner", owner)).sort(written),
        (memory) => memory.list(owner),
      ),
    put: (item) =>
      use(
        async (database) => void (await database.put("outbox", item)),
        (memory) => memory.put(item),
      ),
    update: (item) =>
      use(
        async (database) => {
          const change = database.transaction("outbox", "readwrite");
          const there = (await change.store.get(item.client_id)) !== undefined;
          if (there) await change.store.put(item);
          await change.done;
          return there;
        },
        (memory) => memory.update(item),
      ),
    remove: (clientId) =>
      use(
        (database) => database.delete("outbox", clientId),
        (memory) => memory.remove(clientId),
      ),
    clear: (owner) =>
      use(
        async (database) => {
          const change = database.transaction("outbox", "readwrite");
          for (const key of await change.store.index("owner").getAllKeys(owner))
            await change.store.delete(key);
          await change.done;
        },
        (memory) => memory.clear(owner),
      ),
    close() {
      void opening?.then((database) => database.close());
      opening = null;
    },
  };
}

function refused(error: unknown): boolean {
  return (
    error instanceof DOMException &&
    ["SecurityError", "InvalidStateError", "UnknownError"].includes(error.name)
  );
}
