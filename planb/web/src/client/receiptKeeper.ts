/** Marks of others as they come in: events, what `watch_conversation` and REST bring, and when to read them again. */

import { Alarm } from "./clock";
import { isFields, isSeq } from "./frames";
import { type Host, myId } from "./host";
import { growReceipts, othersMarks, sumOfMarks, withOthersMarks } from "./receipts";
import type { Receipt, Receipts, ServerEvent } from "./wire";

const FETCH_WAIT = 500;

export class ReceiptKeeper {
  private readonly wanted = new Set<string>();
  private readonly alarm: Alarm;
  private generation = 0;

  constructor(private readonly host: Host) {
    this.alarm = new Alarm(host.timers, () => this.fetchWanted());
  }

  /** True if it was an event about marks. */
  event({ type, conversation: id, ...event }: ServerEvent): boolean {
    if (type !== "read" && type !== "delivered") return false;
    const { user } = event;
    const seq = type === "read" ? event.read_seq : event.delivered_seq;
    if (id !== undefined && typeof user === "string" && isSeq(seq)) {
      this.grow(id, user, type === "read" ? { read_seq: seq } : { delivered_seq: seq });
    }
    return true;
  }

  /** All receipts of a conversation, read at one moment. What is held and further stays, for members only. */
  replace(id: string, incoming: Receipts): void {
    const state = this.host.store.getState();
    const held = state.receipts[id] ?? {};
    const still = Object.fromEntries(Object.entries(held).filter(([user]) => user in incoming));
    this.write(id, growReceipts(incoming, still));
  }

  /** `marks` is the sum as the server has it. */
  compare(id: string, marks: number): void {
    const held = this.host.store.getState().receipts[id];
    if (held && sumOfMarks(held) !== marks) this.fetchSoon(id);
  }

  fetchSoon(id: string): void {
    this.wanted.add(id);
    this.alarm.arm(FETCH_WAIT);
  }

  reset(): void {
    this.generation += 1;
    this.wanted.clear();
    this.alarm.cancel();
  }

  private grow(id: string, user: string, mark: Partial<Receipt>): void {
    const state = this.host.store.getState();
    const entry = state.conversations[id];
    const held = state.receipts[id];
    if (held) this.write(id, growReceipts(held, { [user]: mark }));
    else if (entry && user !== myId(this.host)) {
      const direct = entry.conversation.kind === "direct";
      // In a group one person's mark says nothing about everybody's; only one's own last message shows ticks.
      if (!direct && entry.conversation.last_message?.sender === myId(this.host)) this.fetchSoon(id);
      if (!direct) return;
      const { others_read_seq: read_seq, others_delivered_seq: delivered_seq } = entry.mine;
      const grown = growReceipts({ [user]: { read_seq, delivered_seq } }, { [user]: mark })[user] ?? null;
      this.writeMine(id, grown);
    }
  }

  private write(id: string, receipts: Receipts): void {
    const state = this.host.store.getState();
    if (receipts !== state.receipts[id]) {
      this.host.store.setState({ receipts: { ...state.receipts, [id]: receipts } });
    }
    const entry = state.conversations[id];
    if (entry) this.writeMine(id, othersMarks(entry.conversation, myId(this.host), receipts));
  }

  private writeMine(id: string, marks: Receipt | null): void {
    const { conversations } = this.host.store.getState();
    const entry = conversations[id];
    if (!entry) return;
    const mine = withOthersMarks(entry.mine, marks);
    if (mine !== entry.mine) {
      this.host.store.setState({ conversations: { ...conversations, [id]: { ...entry, mine } } });
    }
  }

  private fetchWanted(): void {
    const ids = [...this.wanted];
    this.wanted.clear();
    for (const id of ids) void this.fetch(id);
  }

  private async fetch(id: string): Promise<void> {
    const { generation } = this;
    try {
      const body = await this.host.http.get<{ receipts?: unknown }>(`conversations/${id}/receipts`);
      const held = id in this.host.store.getState().conversations;
      // Big conversations answer with counts instead.
      if (generation === this.generation && held && isFields(body.receipts)) {
        this.replace(id, body.receipts as Receipts);
      }
    } catch {
      // Ticks may lag: the next comparison of marks asks again.
    }
  }
}
