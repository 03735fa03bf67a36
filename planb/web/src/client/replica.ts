/**
 * Keeps the held conversations in step: feeds events and changes bodies to the pure sequence (`sync.ts`), merges what it
 * releases into the store, and fetches what is missing.
 */

import { backoff } from "./backoff";
import { Alarm } from "./clock";
import { type Content, mergeContent, mergeOwn, mergeView, released, withoutConversation } from "./content";
import { ChatRequestError } from "./errors";
import { type Host, myId, serverStamp } from "./host";
import { Moments } from "./moments";
import { freshSync, HOLE_WAIT, type SyncInput, type SyncState, stepSync } from "./sync";
import type { ChatState } from "./types";
import type { ChangesBody, ConversationView, Message, Mine, ServerEvent, User } from "./wire";

export interface ReplicaNews {
  /** Own messages came back: their outbox items are answered. */
  onEchoed(clientIds: string[]): void;
  /** Messages of others arrived; `seq` is the newest one's. */
  onArrived(conversation: string, seq: number): void;
  /** Something about counts or membership is not certain any more: compare heads soon. */
  onDoubt(): void;
  /** The participants are others than those whose receipts are held. */
  onMembersChanged(conversation: string): void;
  /** The server gave up telling changes: the window is gone and wants its newest page. */
  onReset(conversation: string): void;
}

interface Follower {
  sync: SyncState<ServerEvent>;
  alarm: Alarm;
  /** Fetches in a row that brought nothing nearer. */
  fruitless: number;
}

export class Replica {
  private readonly followers = new Map<string, Follower>();
  private readonly loading = new Map<string, Promise<void>>();
  /** Heads heard of conversations that are not held (yet). */
  private readonly heads = new Map<string, number>();
  /** Conversations that were heard of and could not be fetched. */
  private readonly wanted = new Set<string>();
  readonly moments = new Moments();
  private generation = 0;

  constructor(
    private readonly host: Host,
    private readonly news: ReplicaNews,
  ) {}

  /** Any event with a conversation and a `seq`, known or from the future. */
  event(event: ServerEvent, id: string, seq: number): void {
    if (this.held(id)) this.step(id, { type: "event", seq, event });
    else this.want(id, seq);
  }

  changes(body: ChangesBody): void {
    if (this.held(body.conversation)) this.step(body.conversation, { type: "changes", body });
    else this.want(body.conversation, body.seq);
  }

  /** A head was told; `delay` spreads what many clients would fetch at the same time. */
  head(id: string, seq: number, delay = HOLE_WAIT): void {
    if (this.held(id)) this.step(id, { type: "head", seq }, delay);
    else this.want(id, seq);
  }

  /** True if a conversation that is not held should be: its head has moved, or fetching it has failed. */
  noteHead(id: string, seq: number): boolean {
    const before = this.heads.get(id);
    this.note(id, seq);
    return this.wanted.has(id) || (before !== undefined && before < seq);
  }

  /** Catches up many at once: `heads` by conversation; those not behind cost nothing. */
  async catchUp(heads: ReadonlyMap<string, number>): Promise<void> {
    const behind: string[] = [];
    for (const [id, seq] of heads) {
      const follower = this.follower(id);
      if (!follower || follower.sync.phase === "fetching") continue;
      this.step(id, { type: "head", seq, claimed: true });
      if (follower.sync.own < follower.sync.head) behind.push(id);
    }
    for (let at = 0; at < behind.length; at += 50) await this.syncSome(behind.slice(at, at + 50));
  }

  /** A page was older than what is in step: what changed since must be merged into it. */
  repair(id: string, after: number): void {
    const follower = this.follower(id);
    if (follower && after < follower.sync.own) void this.mend(id, after);
  }

  /**
   * Takes a view; a new entry starts there. What events said since `asked` about one's own side, or that the conversation
   * is gone, is newer. `counted`: the badge has it already.
   */
  adopt(view: ConversationView, users: readonly User[] | undefined, asked: number, counted = false): void {
    const { conversation } = view;
    const { id, seq } = conversation;
    if (this.moments.goneSince(id, asked)) return;
    const state = this.host.store.getState();
    const entry = state.conversations[id];
    if (entry && !state.windows[id] && seq > entry.seq) {
      // Without a window the view is all that is held, and so it is all the changes up to its seq.
      this.step(id, {
        type: "changes",
        body: { conversation: id, after: entry.seq, seq, state: conversation },
      });
    }
    const held = this.held(id)?.mine;
    const mine = held && this.moments.toldSince(id, asked) ? held : view.mine;
    this.merge((current) => {
      const { patch, doubtful } = mergeView(current, { conversation, mine }, serverStamp(this.host));
      if (doubtful) this.news.onDoubt();
      return patch;
    });
    if (users?.length) this.names(users);
    // New here, and perhaps new since the server counted what is unread; or event and answer count differently.
    if ((!entry && !counted && mine.unread > 0) || mine.unread !== view.mine.unread) this.news.onDoubt();
    const head = Math.max(seq, this.heads.get(id) ?? 0);
    this.heads.delete(id);
    this.wanted.delete(id);
    this.step(id, { type: "head", seq: head });
    const last = conversation.last_message;
    if (last && mine.unread > 0 && last.sender !== myId(this.host)) this.news.onArrived(id, last.seq);
  }

  /** What `mine` says, from an answer that was asked for then, or from an event. */
  own(id: string, mine: Mine, asked: number): void {
    if (this.moments.toldSince(id, asked)) return;
    this.merge((current) => {
      const { patch, doubtful } = mergeOwn(current, id, mine, serverStamp(this.host));
      if (doubtful) this.news.onDoubt();
      return patch;
    });
  }

  /** A message from a reply: merged like any other form of it, but no reply moves the sequence. */
  message(message: Message): void {
    const id = message.conversation;
    const seq = this.held(id)?.seq ?? 0;
    this.content(id, { messages: [message], state: null }, seq);
  }

  names(users: readonly User[]): void {
    this.content("", { messages: [], state: null, users }, 0);
  }

  /** Fetches a conversation that is not held. Rejects with what the server answered. */
  load(id: string): Promise<void> {
    const under = this.loading.get(id);
    if (under) return under;
    const { generation } = this;
    const asked = this.moments.asking();
    const work = this.host.http
      .get<ConversationView & { users?: User[] }>(`conversations/${id}`)
      .then((view) => {
        if (generation === this.generation) this.adopt(view, view.users, asked);
      })
      .finally(() => {
        if (this.loading.get(id) === work) this.loading.delete(id);
      });
    this.loading.set(id, work);
    return work;
  }

  forget(id: string): void {
    this.moments.noteGone(id);
    this.loading.delete(id);
    this.followers.get(id)?.alarm.cancel();
    this.followers.delete(id);
    this.heads.delete(id);
    this.merge((current) => withoutConversation(current, id, serverStamp(this.host)));
  }

  /** Lets go of everything; answers under way are ignored. */
  reset(): void {
    this.generation += 1;
    for (const follower of this.followers.values()) follower.alarm.cancel();
    this.followers.clear();
    this.loading.clear();
    this.heads.clear();
    this.wanted.clear();
    this.moments.reset();
  }

  /** Events come to members only, so whatever they speak of is to be held. */
  private want(id: string, seq: number): void {
    this.note(id, seq);
    this.load(id).catch(() => {
      this.wanted.add(id);
      this.news.onDoubt();
    });
  }

  private note(id: string, seq: number): void {
    this.heads.set(id, Math.max(seq, this.heads.get(id) ?? 0));
  }

  private held(id: string): ChatState["conversations"][string] | undefined {
    return this.host.store.getState().conversations[id];
  }

  private follower(id: string): Follower | undefined {
    const entry = this.held(id);
    if (!entry) return undefined;
    let follower = this.followers.get(id);
    if (!follower) {
      const alarm = new Alarm(this.host.timers, () => this.step(id, { type: "waited" }));
      follower = { sync: freshSync(entry.seq), alarm, fruitless: 0 };
      this.followers.set(id, follower);
    }
    return follower;
  }

  private step(id: string, input: SyncInput<ServerEvent>, delay = HOLE_WAIT): void {
    const follower = this.follower(id);
    if (!follower) return;
    const { state, apply, effects } = stepSync(follower.sync, input);
    if (state.own > follower.sync.own) follower.fruitless = 0;
    follower.sync = state;
    for (const item of apply) {
      const { content, seq } = released(id, item);
      this.content(id, content, seq);
    }
    for (const effect of effects) {
      if (effect === "fetch") {
        follower.fruitless += 1;
        void this.fetch(id, state.own);
      } else if (effect === "reload") this.news.onReset(id);
      else follower.alarm.arm(follower.fruitless > 0 ? backoff(follower.fruitless, this.host.random) : delay);
    }
  }

  private content(id: string, content: Content, seq: number): void {
    const before = this.host.store.getState();
    const me = myId(this.host);
    const { patch, echoed, doubtful } = mergeContent(before, id, content, seq, serverStamp(this.host));
    this.merge(() => patch);
    if (echoed.length > 0) this.news.onEchoed(echoed);
    if (doubtful) this.news.onDoubt();
    const arrived = content.messages.filter(({ sender }) => sender !== me).map((message) => message.seq);
    const newest = Math.max(0, ...arrived);
    if (newest > 0) this.news.onArrived(id, newest);
    const receipts = before.receipts[id];
    if (content.state && receipts) {
      const { participants, participant_count } = content.state;
      const known = participants.every(({ user }) => user in receipts);
      if (!known || participant_count !== Object.keys(receipts).length) this.news.onMembersChanged(id);
    }
  }

  private merge(change: (state: ChatState) => Partial<ChatState>): void {
    const patch = change(this.host.store.getState());
    if (Object.keys(patch).length > 0) this.host.store.setState(patch);
  }

  private async fetch(id: string, from: number): Promise<void> {
    const { generation } = this;
    let after = from;
    try {
      for (;;) {
        const body = await this.host.http.get<ChangesBody>(`conversations/${id}/changes`, { after });
        if (generation !== this.generation) return;
        this.step(id, { type: "changes", body });
        if (!body.more || body.reset || body.seq <= after) return;
        after = body.seq;
      }
    } catch (error) {
      if (generation === this.generation) this.failed(id, error);
    }
  }

  /** Asks until the answer comes: what a window lacks below what is in step, no head will ever tell. */
  private async mend(id: string, from: number): Promise<void> {
    const { generation } = this;
    let after = from;
    let tries = 0;
    for (;;) {
      try {
        const body = await this.host.http.get<ChangesBody>(`conversations/${id}/changes`, { after });
        if (generation !== this.generation) return;
        this.step(id, { type: "changes", body });
        if (!body.more || body.reset || body.seq <= after) return;
        after = body.seq;
        tries = 0;
      } catch (error) {
        if (generation !== this.generation || !this.held(id)) return;
        const data = error instanceof ChatRequestError ? error.data : null;
        if (data && !data.retry) return this.news.onDoubt();
        tries += 1;
        const wait = backoff(tries, this.host.random, data?.retry_after ?? null);
        await new Promise<void>((resolve) => new Alarm(this.host.timers, resolve).arm(wait));
        if (generation !== this.generation) return;
      }
    }
  }

  private async syncSome(ids: string[]): Promise<void> {
    const { generation } = this;
    const cursors = Object.fromEntries(ids.map((id) => [id, this.follower(id)?.sync.own ?? 0]));
    try {
      const { changes } = await this.host.http.post<{ changes: ChangesBody[] }>("sync", { cursors });
      if (generation !== this.generation) return;
      const answered = new Set(changes.map((body) => body.conversation));
      for (const body of changes) {
        this.step(body.conversation, { type: "changes", body });
        if (body.more && !body.reset) void this.fetch(body.conversation, body.seq);
      }
      for (const id of ids) if (!answered.has(id)) this.failed(id, null);
    } catch (error) {
      if (generation === this.generation) for (const id of ids) this.failed(id, error);
    }
  }

  /** What is gone for good is told by the inbox alone: here it is only a reason to ask it. */
  private failed(id: string, error: unknown): void {
    const follower = this.follower(id);
    if (!follower) return;
    this.step(id, { type: "gave_up" });
    follower.fruitless += 1;
    const data = error instanceof ChatRequestError ? error.data : null;
    if (data && !data.retry) this.news.onDoubt();
    follower.alarm.arm(backoff(follower.fruitless, this.host.random, data?.retry_after ?? null));
  }
}
