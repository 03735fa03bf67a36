/** One's own marks on their way to the server: read and delivered, gathered, sent until answered, never back. */

import { backoff } from "./backoff";
import { Alarm } from "./clock";
import { errorData } from "./errors";
import { type Host, myId, serverStamp } from "./host";
import { readUpTo } from "./mine";
import type { Replica } from "./replica";
import { movedBadge } from "./store";
import type { Position } from "./wire";

const READ_WAIT = 200;
const DELIVERED_WAIT = 300;
const DELIVERED_MOST = 100;

export class Marks {
  private readonly read = new Map<string, number>();
  private readonly reading = new Set<string>();
  private readonly delivered = new Map<string, number>();
  /** What the server has been told: the same mark is told once. */
  private readonly told = new Map<string, number>();
  private tries = 0;
  private delivering = false;
  private readonly readAlarm: Alarm;
  private readonly deliveredAlarm: Alarm;

  constructor(
    private readonly host: Host,
    private readonly replica: Replica,
  ) {
    this.readAlarm = new Alarm(host.timers, () => this.flushRead());
    this.deliveredAlarm = new Alarm(host.timers, () => void this.flushDelivered());
  }

  /** Shown to the person: counts here at once, and goes to the server with the next flush. */
  markRead(id: string, seq: number): void {
    const state = this.host.store.getState();
    const entry = state.conversations[id];
    if (!entry || (seq <= entry.mine.read_seq && !entry.mine.marked_unread)) return;
    const window = state.windows[id];
    const complete = window !== undefined && !window.moreAfter && window.loading !== "initial";
    const mine = readUpTo(entry.mine, seq, myId(this.host), window?.messages ?? [], complete);
    this.host.store.setState({
      conversations: { ...state.conversations, [id]: { ...entry, mine } },
      badge: movedBadge(state.badge, entry.mine, mine, serverStamp(this.host)),
    });
    this.read.set(id, Math.max(seq, this.read.get(id) ?? 0));
    this.readAlarm.arm(READ_WAIT);
  }

  arrived(id: string, seq: number): void {
    if (seq <= Math.max(this.told.get(id) ?? 0, this.delivered.get(id) ?? 0)) return;
    this.delivered.set(id, seq);
    this.deliveredAlarm.arm(DELIVERED_WAIT);
  }

  /** While this device was away messages came: with the position it knows of them. */
  arrivedUpTo(id: string, position: Position): void {
    if (position.mine.unread > 0) this.arrived(id, position.seq);
  }

  /** Connected (again): what was never answered goes once more. */
  resume(): void {
    if (this.read.size > 0) this.readAlarm.arm(0);
    if (this.delivered.size > 0) this.deliveredAlarm.arm(0);
  }

  reset(): void {
    this.readAlarm.cancel();
    this.deliveredAlarm.cancel();
    this.read.clear();
    this.reading.clear();
    this.delivered.clear();
    this.told.clear();
    this.tries = 0;
    this.delivering = false;
  }

  private flushRead(): void {
    if (!this.host.socket.connected) return;
    for (const [conversation, seq] of this.read) {
      if (this.reading.has(conversation)) continue;
      this.reading.add(conversation);
      const asked = this.replica.moments.asking();
      this.host.socket
        .request("mark_read", { conversation, seq })
        .then(({ mine }) => {
          if (mine) this.replica.own(conversation, mine, asked);
          return false;
        })
        .catch((error: unknown) => {
          const { retry, retry_after } = errorData(error);
          if (retry) this.readAlarm.arm(backoff(++this.tries, this.host.random, retry_after ?? null));
          return retry;
        })
        .then((again) => {
          this.reading.delete(conversation);
          if (again) return;
          this.tries = 0;
          if (this.read.get(conversation) === seq) this.read.delete(conversation);
          else if (this.read.has(conversation)) this.readAlarm.arm(READ_WAIT);
        });
    }
  }

  private async flushDelivered(): Promise<void> {
    if (this.delivering || !this.host.socket.connected || this.delivered.size === 0) return;
    this.delivering = true;
    const batch = [...this.delivered].slice(0, DELIVERED_MOST);
    let wait = DELIVERED_WAIT;
    try {
      await this.host.socket.request("mark_delivered", { marks: Object.fromEntries(batch) });
      this.settle(batch);
    } catch (error) {
      const { retry, retry_after } = errorData(error);
      if (retry) wait = backoff(++this.tries, this.host.random, retry_after ?? null);
      else this.settle(batch);
    }
    this.delivering = false;
    if (this.delivered.size > 0) this.deliveredAlarm.arm(wait);
  }

  private settle(batch: [string, number][]): void {
    for (const [id, seq] of batch) {
      this.told.set(id, seq);
      if (this.delivered.get(id) === seq) this.delivered.delete(id);
    }
  }
}
