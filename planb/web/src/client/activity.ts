/** What passes by itself: who types, who is there, which conversation is on screen. Dies with the socket, and is told anew. */

import { Alarm } from "./clock";
import { isFields } from "./frames";
import type { Host } from "./host";
import { myId } from "./host";
import type { ReceiptKeeper } from "./receiptKeeper";
import type { TypingMark } from "./types";
import type { Presence, ServerEvent, TypingKind } from "./wire";

const WATCH_WAIT = 100;
const WATCH_MOST = 200;
/** A page that is hidden for this long belongs to someone who is away. */
const AWAY_AFTER = 60_000;

interface Writing {
  conversation: string;
  resend: Alarm;
  lapse: Alarm;
}

export class Activity {
  private writing: Writing | null = null;
  private watched: string[] = [];
  private away = false;
  private readonly watchAlarm: Alarm;
  private readonly awayAlarm: Alarm;
  private readonly typingAlarm: Alarm;

  constructor(
    private readonly host: Host,
    private readonly receipts: ReceiptKeeper,
  ) {
    this.watchAlarm = new Alarm(host.timers, () => this.tellWatched());
    this.awayAlarm = new Alarm(host.timers, () => this.tellState(true));
    this.typingAlarm = new Alarm(host.timers, () => this.expireTyping());
  }

  /** True if it was such an event. */
  event(event: ServerEvent): boolean {
    const { type, conversation, user } = event;
    if (type === "typing") {
      if (conversation !== undefined && typeof user === "string") {
        const seconds = event.active === true && typeof event.expires_in === "number" ? event.expires_in : 0;
        this.mark(conversation, user, typeof event.kind === "string" ? event.kind : "text", seconds);
      }
      return true;
    }
    if (type !== "presence") return false;
    if (typeof user === "string" && typeof event.state === "string") {
      const last_seen = typeof event.last_seen === "string" ? event.last_seen : null;
      this.take({ [user]: { state: event.state, last_seen } });
    }
    return true;
  }

  setTyping(conversation: string, active: boolean): void {
    if (!active) {
      if (this.writing?.conversation === conversation) this.stopTyping(true);
      return;
    }
    if (this.writing?.conversation !== conversation) {
      this.stopTyping(true);
      const { timers } = this.host;
      const resend = new Alarm(timers, () => this.tellTyping());
      const lapse = new Alarm(timers, () => this.stopTyping(true));
      this.writing = { conversation, resend, lapse };
      this.tellTyping();
    }
    // Twice the pace of resending: a person who thinks for that long does not type.
    this.writing?.lapse.rearm(this.host.store.getState().timing.typing_resend * 2000);
  }

  /** Sending says it: the receivers' marks end with the message. */
  sent(conversation: string): void {
    if (this.writing?.conversation === conversation) this.stopTyping(false);
  }

  watchPresence(users: string[]): void {
    const wanted = [...new Set(users)].slice(0, WATCH_MOST).sort();
    if (wanted.join() === this.watched.join()) return;
    this.watched = wanted;
    this.watchAlarm.arm(WATCH_WAIT);
  }

  watchConversation(conversation: string | null): void {
    if (!this.host.socket.connected) return;
    this.host.socket
      .request("watch_conversation", { conversation })
      .then(({ typing, presence, receipts }) => {
        if (conversation === null || this.host.store.getState().open !== conversation) return;
        for (const { user, kind, expires_in } of typing ?? [])
          this.mark(conversation, user, kind, expires_in);
        if (presence) this.take(presence);
        const held = conversation in this.host.store.getState().conversations;
        if (isFields(receipts) && held) this.receipts.replace(conversation, receipts);
      })
      // Not allowed, or no answer: the next connection asks again, and REST says why nothing shows.
      .catch(() => undefined);
  }

  /** The page is looked at, or not. */
  setVisible(visible: boolean): void {
    if (!visible) {
      this.awayAlarm.arm(AWAY_AFTER);
      return;
    }
    this.awayAlarm.cancel();
    if (this.away) this.tellState(false);
  }

  resume(): void {
    const { open } = this.host.store.getState();
    if (open !== null) this.watchConversation(open);
    if (this.watched.length > 0) this.tellWatched();
    if (this.away) this.tellState(true);
    if (this.writing) this.tellTyping();
  }

  lost(): void {
    this.typingAlarm.cancel();
    this.host.store.setState((state) => ({
      presence: {},
      conversations: Object.values(state.conversations).some(({ typing }) => Object.keys(typing).length > 0)
        ? Object.fromEntries(
            Object.entries(state.conversations).map(([id, entry]) => [id, { ...entry, typing: {} }]),
          )
        : state.conversations,
    }));
  }

  reset(): void {
    this.writing?.resend.cancel();
    this.writing?.lapse.cancel();
    this.writing = null;
    this.watched = [];
    this.away = false;
    for (const alarm of [this.watchAlarm, this.awayAlarm, this.typingAlarm]) alarm.cancel();
  }

  private tellTyping(): void {
    if (!this.writing) return;
    this.request("typing", { conversation: this.writing.conversation, active: true, kind: "text" });
    this.writing.resend.rearm(this.host.store.getState().timing.typing_resend * 1000);
  }

  private stopTyping(tell: boolean): void {
    const { writing } = this;
    if (!writing) return;
    this.writing = null;
    writing.resend.cancel();
    writing.lapse.cancel();
    if (tell) this.request("typing", { conversation: writing.conversation, active: false, kind: "text" });
  }

  private request(name: "typing", fields: { conversation: string; active: boolean; kind: "text" }): void {
    if (this.host.socket.connected) this.host.socket.request(name, fields).catch(() => undefined);
  }

  private tellState(away: boolean): void {
    this.away = away;
    const state = away ? "away" : "active";
    if (this.host.socket.connected)
      this.host.socket.request("set_presence", { state }).catch(() => undefined);
  }

  private tellWatched(): void {
    if (!this.host.socket.connected) return;
    const users = this.watched;
    this.host.socket
      .request("watch_presence", { users })
      .then(({ presence }) => {
        if (users === this.watched && presence) this.take(presence);
      })
      .catch(() => undefined);
  }

  private take(presence: Record<string, Presence>): void {
    this.host.store.setState((state) => ({ presence: { ...state.presence, ...presence } }));
  }

  private mark(conversation: string, user: string, kind: TypingKind, seconds: number): void {
    const { conversations } = this.host.store.getState();
    const entry = conversations[conversation];
    if (!entry || user === myId(this.host)) return;
    const { [user]: before, ...others } = entry.typing;
    if (!before && seconds <= 0) return;
    const expiresAt = this.host.timers.now() + seconds * 1000;
    const typing: Record<string, TypingMark> =
      seconds > 0 ? { ...others, [user]: { kind, expiresAt } } : others;
    this.host.store.setState({ conversations: { ...conversations, [conversation]: { ...entry, typing } } });
    this.planExpiry();
  }

  private expireTyping(): void {
    const now = this.host.timers.now();
    const { conversations } = this.host.store.getState();
    let left = conversations;
    for (const [id, entry] of Object.entries(conversations)) {
      const marks = Object.entries(entry.typing);
      const valid = marks.filter(([, mark]) => mark.expiresAt > now);
      if (valid.length < marks.length)
        left = { ...left, [id]: { ...entry, typing: Object.fromEntries(valid) } };
    }
    if (left !== conversations) this.host.store.setState({ conversations: left });
    this.planExpiry();
  }

  private planExpiry(): void {
    const entries = Object.values(this.host.store.getState().conversations);
    const ends = entries.flatMap(({ typing }) => Object.values(typing).map((mark) => mark.expiresAt));
    if (ends.length > 0) this.typingAlarm.rearm(Math.max(0, Math.min(...ends) - this.host.timers.now()));
  }
}
