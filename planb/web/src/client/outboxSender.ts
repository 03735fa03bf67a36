/** Keeps the outbox in store, storage and other tabs alike, and sends it where this tab is the one that leads. */

import { errorData } from "./errors";
import { type Host, myId } from "./host";
import { uuid7 } from "./ids";
import { asStored, grouped, judge, nextToSend } from "./outbox";
import type { OutboxStorage, StoredItem } from "./outboxStore";
import type { Replica } from "./replica";
import { without } from "./store";
import type { TabLink, TabMessage } from "./tabs";
import type { Draft, OutboxItem } from "./types";
import type { Message } from "./wire";

/** One conversation's message under way; `cancel` ends its wait for the next try. */
interface Turn {
  clientId: string;
  cancel: (() => void) | null;
  asked: boolean;
}

export class OutboxSender {
  private owner = "";
  private leading = false;
  private release: (() => void) | null = null;
  /** Conversations with a message under way, or waiting for its next try. */
  private readonly busy = new Map<string, Turn>();
  private readonly tries = new Map<string, number>();
  /** Answered or discarded: a slower read of the storage must not bring them back. */
  private readonly gone = new Set<string>();
  /** Not stored yet: a read of the storage does not know them. */
  private readonly storing = new Set<string>();
  /** The storage refused them: they live in this page only. */
  private readonly pageOnly = new Set<string>();
  private lastCreated = 0;
  private generation = 0;

  constructor(
    private readonly host: Host,
    private readonly storage: OutboxStorage,
    private readonly tabs: TabLink,
    private readonly replica: Replica,
  ) {}

  /** Shows what is stored for this person, and leads as soon as no other tab does. */
  async start(): Promise<void> {
    const owner = myId(this.host);
    if (owner === this.owner) return this.flush();
    this.stop();
    this.owner = owner;
    this.release = this.tabs.lead(`outbox-${owner}`, () => {
      if (this.owner !== owner) return;
      this.leading = true;
      void this.reload().then(() => this.flush());
    });
    await this.reload();
  }

  stop(): void {
    this.generation += 1;
    this.release?.();
    this.release = null;
    this.leading = false;
    this.owner = "";
    for (const turn of this.busy.values()) turn.cancel?.();
    this.busy.clear();
    this.tries.clear();
    this.gone.clear();
    this.storing.clear();
    this.pageOnly.clear();
  }

  /** Ends this person's outbox here, in storage and in the other tabs. */
  async clear(): Promise<void> {
    const { owner } = this;
    this.stop();
    this.host.store.setState({ outbox: {} });
    if (owner) await this.storage.clear(owner);
  }

  add(conversation: string, draft: Draft): string {
    const now = this.host.timers.now();
    this.lastCreated = Math.max(now, this.lastCreated + 1);
    const item: OutboxItem = {
      client_id: uuid7(now),
      conversation,
      text: draft.text,
      reply_to: draft.reply_to ?? null,
      createdAt: this.lastCreated,
      state: "waiting",
      error: null,
    };
    const { outbox } = this.host.store.getState();
    this.host.store.setState({
      outbox: { ...outbox, [conversation]: [...(outbox[conversation] ?? []), item] },
    });
    void this.keep(item);
    return item.client_id;
  }

  retry(clientId: string): void {
    const item = this.find(clientId);
    if (!item || item.state === "sending") return;
    const again: OutboxItem = { ...item, state: "waiting", error: null };
    this.tries.delete(clientId);
    this.show(again);
    void this.store(again).then(() => this.told());
  }

  async discard(clientId: string): Promise<void> {
    this.hide(clientId);
    await this.storage.remove(clientId).catch(() => undefined);
    this.told();
  }

  /** Own messages came back by an event, a page or a fetch: committed, whatever became of the reply. */
  echoed(clientIds: readonly string[]): void {
    for (const clientId of clientIds) {
      this.gone.add(clientId);
      this.tries.delete(clientId);
      for (const [conversation, turn] of this.busy) {
        if (turn.clientId === clientId) this.end(conversation, turn);
      }
      void this.storage
        .remove(clientId)
        .catch(() => undefined)
        .then(() => this.told());
    }
  }

  heard(message: TabMessage): void {
    if (message.kind !== "outbox" || message.owner !== this.owner || this.owner === "") return;
    if (message.sent) {
      this.hide(message.sent.client_id);
      this.replica.message(message.sent.message);
    }
    void this.reload().then(() => this.flush());
  }

  /** Connected (again): what waits for its next try needs to wait no longer, unless the server has asked for it. */
  resume(): void {
    for (const [conversation, turn] of this.busy) {
      if (turn.cancel && !turn.asked) this.end(conversation, turn);
    }
    this.flush();
  }

  /** Sends what may go now. */
  flush(): void {
    if (!this.leading || !this.host.socket.connected) return;
    for (const [conversation, items] of Object.entries(this.host.store.getState().outbox)) {
      const item = this.busy.has(conversation) ? null : nextToSend(items);
      // Stored first: what is sent before it is kept could be lost by one crash and written twice by the person.
      if (item && !this.storing.has(item.client_id)) void this.send(item);
    }
  }

  private async send(item: OutboxItem): Promise<void> {
    const { generation } = this;
    const { conversation, client_id, text, reply_to } = item;
    const turn: Turn = { clientId: client_id, cancel: null, asked: false };
    this.busy.set(conversation, turn);
    this.show({ ...item, state: "sending" });
    try {
      const data = await this.host.socket.request("send_message", {
        conversation,
        client_id,
        text,
        ...(reply_to ? { reply_to } : {}),
      });
      if (generation !== this.generation) return;
      this.end(conversation, turn);
      this.tries.delete(client_id);
      if ("message" in data) await this.sent(client_id, data.message);
      else await this.aside({ ...item, state: "held", error: null });
    } catch (error) {
      if (generation === this.generation) await this.unsent(item, turn, error);
    }
    if (generation === this.generation) this.flush();
  }

  private async unsent(item: OutboxItem, turn: Turn, error: unknown): Promise<void> {
    const { conversation, client_id } = item;
    this.end(conversation, turn);
    if (this.gone.has(client_id)) return;
    const tries = (this.tries.get(client_id) ?? 0) + 1;
    this.tries.set(client_id, tries);
    const verdict = judge(errorData(error), tries, this.host.random);
    if (verdict.kind === "failed") {
      await this.aside({ ...item, state: "failed", error: verdict.error });
      return;
    }
    this.show({ ...item, state: "waiting" });
    if (verdict.kind === "stay") return;
    turn.asked = verdict.asked;
    turn.cancel = this.host.timers.after(verdict.ms, () => {
      this.end(conversation, turn);
      this.flush();
    });
    this.busy.set(conversation, turn);
  }

  /** A late answer must not end the turn of the message after it. */
  private end(conversation: string, turn: Turn): void {
    turn.cancel?.();
    if (this.busy.get(conversation) === turn) this.busy.delete(conversation);
  }

  private async sent(clientId: string, message: Message): Promise<void> {
    // The item goes and the message comes in one change of the state (an own message answers its item).
    this.replica.message(message);
    this.hide(clientId);
    await this.storage.remove(clientId).catch(() => undefined);
    this.tabs.post({ kind: "outbox", owner: this.owner, sent: { client_id: clientId, message } });
  }

  private async aside(item: OutboxItem): Promise<void> {
    this.show(item);
    await this.store(item);
    this.tabs.post({ kind: "outbox", owner: this.owner });
  }

  /** The storage may be slow or full; the message is sent all the same. */
  private async keep(item: OutboxItem): Promise<void> {
    const { owner } = this;
    this.storing.add(item.client_id);
    try {
      await this.storage.put({ ...item, owner });
    } catch {
      this.pageOnly.add(item.client_id);
    }
    this.storing.delete(item.client_id);
    if (this.gone.has(item.client_id)) await this.storage.remove(item.client_id).catch(() => undefined);
    this.told();
  }

  private async store(item: OutboxItem): Promise<void> {
    await this.storage.update({ ...asStored(item), owner: this.owner }).catch(() => false);
  }

  private told(): void {
    if (this.owner === "") return;
    this.tabs.post({ kind: "outbox", owner: this.owner });
    this.flush();
  }

  /** Takes the storage's word for everything but what this tab is just doing. */
  private async reload(): Promise<void> {
    const { generation, owner } = this;
    let stored: StoredItem[];
    try {
      stored = await this.storage.list(owner);
    } catch {
      return;
    }
    if (generation !== this.generation) return;
    const { outbox } = this.host.store.getState();
    const held = Object.values(outbox).flat();
    const known = new Set(stored.map((item) => item.client_id));
    const unstored = held.filter(
      ({ client_id: id }) => !known.has(id) && (this.storing.has(id) || this.pageOnly.has(id)),
    );
    const sending = new Set(held.filter((item) => item.state === "sending").map((item) => item.client_id));
    const items = [...stored, ...unstored]
      .filter((item) => !this.gone.has(item.client_id))
      .map(({ client_id, conversation, text, reply_to, createdAt, state, error }): OutboxItem => {
        const live = this.leading && sending.has(client_id);
        return { client_id, conversation, text, reply_to, createdAt, state: live ? "sending" : state, error };
      })
      .sort((a, b) => a.createdAt - b.createdAt || (a.client_id < b.client_id ? -1 : 1));
    this.host.store.setState({ outbox: grouped(items) });
  }

  private find(clientId: string): OutboxItem | undefined {
    return Object.values(this.host.store.getState().outbox)
      .flat()
      .find((item) => item.client_id === clientId);
  }

  private show(item: OutboxItem): void {
    const { outbox } = this.host.store.getState();
    const items = outbox[item.conversation];
    if (!items) return;
    const shown = items.map((other) => (other.client_id === item.client_id ? item : other));
    this.host.store.setState({ outbox: { ...outbox, [item.conversation]: shown } });
  }

  private hide(clientId: string): void {
    this.gone.add(clientId);
    const item = this.find(clientId);
    if (!item) return;
    const { outbox } = this.host.store.getState();
    const left = (outbox[item.conversation] ?? []).filter((other) => other.client_id !== clientId);
    this.host.store.setState({
      outbox: left.length > 0 ? { ...outbox, [item.conversation]: left } : without(outbox, item.conversation),
    });
  }
}
