/** A person's private sequence: conversations that came and went, one's own marks and settings. Dense, like any other. */

import { backoff } from "./backoff";
import { Alarm } from "./clock";
import { errorData } from "./errors";
import { isFields, isSeq } from "./frames";
import type { Host } from "./host";
import type { Replica } from "./replica";
import { HOLE_WAIT } from "./sync";
import type { Conversation, InboxBody, Mine, ServerEvent } from "./wire";

/** Which numbers are in: `own` is the end of the unbroken part. Pure. */
export interface InboxSeqs {
  own: number;
  beyond: ReadonlySet<number>;
}

export function takeNumber({ own, beyond }: InboxSeqs, seq: number): InboxSeqs {
  if (seq <= own) return { own, beyond };
  const seen = new Set(beyond).add(seq);
  let end = own;
  while (seen.delete(end + 1)) end += 1;
  return { own: end, beyond: seen };
}

export class Inbox {
  private seqs: InboxSeqs | null = null;
  private head = 0;
  private tries = 0;
  private fetching = false;
  private generation = 0;
  /** The number of the last private event applied to each conversation: an older one must not undo it. */
  private readonly applied = new Map<string, number>();
  private readonly alarm: Alarm;

  constructor(
    private readonly host: Host,
    private readonly replica: Replica,
    private readonly onRemoved: (conversation: string) => void,
  ) {
    this.alarm = new Alarm(host.timers, () => void this.fetch());
  }

  /** The head as the server tells it. False: it went back, so this is not the history known here. */
  heard(head: number): boolean {
    if (!this.seqs) {
      this.seqs = { own: head, beyond: new Set() };
      this.head = head;
      return true;
    }
    if (head < this.seqs.own) return false;
    this.head = Math.max(this.head, head);
    this.look();
    return true;
  }

  /** True if it was a private event. */
  event(event: ServerEvent): boolean {
    const { type, conversation: id, inbox_seq: seq } = event;
    if (!isSeq(seq) || id === undefined) return false;
    const stale = seq <= (this.applied.get(id) ?? 0);
    if (!stale) {
      this.applied.set(id, seq);
      this.replica.moments.noteTold(id);
      const now = this.replica.moments.asking();
      const mine = isFields(event.mine) ? (event.mine as unknown as Mine) : null;
      if (type === "conversation_removed") this.remove(id);
      else if (mine && isFields(event.state)) {
        this.replica.adopt({ conversation: event.state as Conversation, mine }, event.users, now);
      } else if (mine) this.replica.own(id, mine, now);
    }
    if (this.seqs) {
      this.seqs = takeNumber(this.seqs, seq);
      this.head = Math.max(this.head, seq);
      this.look();
    }
    return true;
  }

  /** Asks at once, whatever the numbers say. */
  check(): void {
    if (this.seqs) void this.fetch();
  }

  reset(): void {
    this.generation += 1;
    this.alarm.cancel();
    this.seqs = null;
    this.head = 0;
    this.tries = 0;
    this.fetching = false;
    this.applied.clear();
  }

  private look(): void {
    if (this.seqs && this.seqs.own < this.head && !this.fetching) this.alarm.arm(HOLE_WAIT);
  }

  private remove(id: string): void {
    this.replica.forget(id);
    this.onRemoved(id);
  }

  private async fetch(): Promise<void> {
    if (this.fetching || !this.seqs) return;
    const { generation } = this;
    this.fetching = true;
    this.tries += 1;
    try {
      for (let more = true; more; ) {
        const after: number = this.seqs.own;
        const asked = this.replica.moments.asking();
        const body: InboxBody = await this.host.http.get<InboxBody>("inbox", { after });
        if (generation !== this.generation) return;
        more = body.more && body.inbox_seq > after;
        this.take(body, asked);
      }
      this.tries = 0;
      this.fetching = false;
      this.look();
    } catch (error) {
      if (generation !== this.generation) return;
      this.fetching = false;
      this.alarm.arm(backoff(this.tries, this.host.random, errorData(error).retry_after ?? null));
    }
  }

  private take(body: InboxBody, asked: number): void {
    for (const view of body.changed) {
      const { id } = view.conversation;
      // What an event told meanwhile is newer than this answer.
      if ((this.applied.get(id) ?? 0) <= body.inbox_seq) this.replica.adopt(view, undefined, asked);
    }
    if (body.users) this.replica.names(body.users);
    for (const id of body.removed) {
      if ((this.applied.get(id) ?? 0) <= body.inbox_seq) this.remove(id);
    }
    const beyond = new Set([...(this.seqs?.beyond ?? [])].filter((seq) => seq > body.inbox_seq));
    this.seqs = { own: Math.max(this.seqs?.own ?? 0, body.inbox_seq), beyond };
    for (const seq of beyond) this.seqs = takeNumber(this.seqs, seq);
    this.head = Math.max(this.head, body.inbox_seq);
  }
}
