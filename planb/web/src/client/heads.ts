/** Compares what is held with where the server stands: at each connection, at focus, at `online`, every minute, on doubt. */

import { Alarm } from "./clock";
import type { Host } from "./host";
import type { Inbox } from "./inbox";
import type { Marks } from "./marks";
import type { ReceiptKeeper } from "./receiptKeeper";
import type { Replica } from "./replica";
import type { PositionsData, Ready } from "./wire";

const EVERY = 60_000;
const DOUBT_WAIT = 1_000;
/** 200 positions a page: nobody holds more than that many conversations. */
const MOST_PAGES = 20;

export interface HeadsParts {
  replica: Replica;
  inbox: Inbox;
  marks: Marks;
  receipts: ReceiptKeeper;
  /** The server's history is another one: drop every copy of it and load anew. */
  onOtherHistory(): void;
  /** Conversations moved that the list does not hold, or the list may have been read before events came. */
  refreshList(): Promise<void>;
}

export class Heads {
  private epoch: string | null = null;
  private comparing = false;
  private again = false;
  private readonly minute: Alarm;
  private readonly doubt: Alarm;

  constructor(
    private readonly host: Host,
    private readonly parts: HeadsParts,
  ) {
    this.minute = new Alarm(host.timers, () => void this.compare());
    this.doubt = new Alarm(host.timers, () => void this.compare());
  }

  /** `ready` brings the first page. */
  async ready(ready: Ready): Promise<void> {
    this.minute.rearm(EVERY);
    const { epoch, inbox_seq, badge, positions, next_positions: next } = ready;
    await this.take({ epoch, inbox_seq, badge, positions, next }, true, this.parts.replica.moments.asking());
  }

  /** Soon, because something is not certain. */
  doubted(): void {
    this.doubt.arm(DOUBT_WAIT);
  }

  async compare(): Promise<void> {
    if (!this.host.socket.connected) return;
    if (this.comparing) {
      this.again = true;
      return;
    }
    this.doubt.cancel();
    this.minute.rearm(EVERY);
    this.comparing = true;
    try {
      const asked = this.parts.replica.moments.asking();
      await this.take(await this.host.socket.request("positions", {}), false, asked);
    } catch {
      // Unanswered: the next connection, or the next minute, compares again.
    } finally {
      this.comparing = false;
      if (this.again) {
        this.again = false;
        this.doubted();
      }
    }
  }

  /** The socket is gone: nothing to ask; what `ready` will say covers it. */
  pause(): void {
    this.minute.cancel();
    this.doubt.cancel();
  }

  reset(): void {
    this.pause();
    this.epoch = null;
  }

  private async take(first: PositionsData, connected: boolean, asked: number): Promise<void> {
    const { replica, inbox, receipts, marks } = this.parts;
    if ((this.epoch !== null && this.epoch !== first.epoch) || !inbox.heard(first.inbox_seq)) {
      this.parts.onOtherHistory();
      inbox.heard(first.inbox_seq);
    }
    this.epoch = first.epoch;
    const heads = new Map<string, number>();
    let moved = connected;
    let page = first;
    for (let pages = 1; ; pages += 1) {
      for (const [id, position] of Object.entries(page.positions)) {
        if (id in this.host.store.getState().conversations) heads.set(id, position.seq);
        else moved = replica.noteHead(id, position.seq) || moved;
        replica.own(id, position.mine, asked);
        receipts.compare(id, position.marks);
        marks.arrivedUpTo(id, position);
      }
      if (!page.next || pages === MOST_PAGES) break;
      page = await this.host.socket.request("positions", { cursor: page.next });
    }
    this.host.store.setState({ badge: first.badge });
    // The list first: for what has no window a list item is all that is needed.
    if (moved) await this.parts.refreshList();
    await replica.catchUp(heads);
  }
}
