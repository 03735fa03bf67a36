/** Who is signed in: resuming, signing in and out, and what the other tabs do. Owns `auth`, knows nothing of messages. */

import type { StoreApi } from "zustand/vanilla";
import { backoff } from "./backoff";
import { Alarm, type Timers } from "./clock";
import { oweSignOut, signOutOwed } from "./device";
import { errorData } from "./errors";
import { call, type Http, type HttpOptions } from "./http";
import type { TabLink, TabMessage } from "./tabs";
import type { Tokens } from "./tokens";
import type { AuthState, ChatState } from "./types";
import type { TokenAnswer, User } from "./wire";

export interface SessionOptions {
  store: StoreApi<ChatState>;
  timers: Timers;
  random: () => number;
  doors: HttpOptions;
  http: Http;
  tokens: Tokens;
  tabs: TabLink;
  device: string;
  /** Somebody is in; `same`: the person whose views and outbox are still here. */
  onIn(same: boolean): Promise<void>;
  /** The session ended by itself: keep everything, send nothing. */
  onExpired(): void;
  /** Signed out: nothing of this person stays. */
  onOut(): Promise<void>;
}

export class Session {
  private tries = 0;
  private attempt: Promise<void> | null = null;
  private readonly alarm: Alarm;

  constructor(private readonly options: SessionOptions) {
    this.alarm = new Alarm(options.timers, () => void this.resume());
  }

  /** Goes on with the session that the cookie holds. Without network it stays `unknown` and tries again by itself. */
  resume(): Promise<void> {
    this.attempt ??= this.tryResume().finally(() => {
      this.attempt = null;
    });
    return this.attempt;
  }

  /** The network may be back. */
  wake(): void {
    if (!this.alarm.armed) return;
    this.alarm.cancel();
    void this.resume();
  }

  pause(): void {
    this.alarm.cancel();
  }

  async signIn(path: "auth/token" | "auth/register", fields: object): Promise<void> {
    const { doors, tokens, tabs, device } = this.options;
    const body = { ...fields, delivery: "cookie", device };
    const answer = await call(doors, { method: "POST", path, body });
    oweSignOut(false);
    tokens.keep(answer.data as TokenAnswer, answer.date);
    const me = await this.enter();
    tabs.post({ kind: "signed_in", user: me.id });
  }

  async signOut(): Promise<void> {
    const { tabs, tokens } = this.options;
    const access = await tokens.access(false).catch(() => undefined);
    oweSignOut(true);
    await this.leave();
    tabs.post({ kind: "signed_out" });
    await this.revoke(access);
  }

  heard(message: TabMessage): void {
    const { status, me } = this.auth;
    if (message.kind === "token" && status === "in") {
      const { session, access, expiresAt } = message;
      this.options.tokens.adopt({ session, access, expiresAt });
    } else if (message.kind === "signed_out" && status !== "out") {
      void this.leave();
    } else if (message.kind === "signed_in" && !(status === "in" && me?.id === message.user)) {
      this.options.tokens.forget();
      void this.resume();
    }
  }

  /** The refresh token is refused: the session is over. */
  expired(): void {
    const { status, me } = this.auth;
    if (status === "in") {
      this.set({ status: "expired", me });
      this.options.onExpired();
    } else if (status === "unknown") this.set({ status: "out", me: null });
  }

  private get auth(): AuthState {
    return this.options.store.getState().auth;
  }

  private set(auth: AuthState): void {
    this.options.store.setState({ auth });
  }

  private async tryResume(): Promise<void> {
    this.alarm.cancel();
    if (signOutOwed()) {
      await this.revoke(undefined);
      this.set({ status: "out", me: null });
      return;
    }
    try {
      await this.enter();
      this.tries = 0;
    } catch (error) {
      const { code, retry_after } = errorData(error);
      if (code === "unauthenticated") return;
      this.tries += 1;
      this.alarm.arm(backoff(this.tries, this.options.random, retry_after ?? null));
    }
  }

  private async enter(): Promise<User> {
    const me = await this.options.http.get<User>("me");
    const before = this.auth.me;
    const same = before?.id === me.id;
    if (before && !same) await this.options.onOut();
    this.set({ status: "in", me });
    await this.options.onIn(same);
    return me;
  }

  private async leave(): Promise<void> {
    this.alarm.cancel();
    this.options.tokens.forget();
    this.set({ status: "out", me: null });
    await this.options.onOut();
  }

  /** The cookie goes with it. Unanswered, it is owed, and paid at the next start. */
  private async revoke(access: string | undefined): Promise<void> {
    try {
      await call(this.options.doors, { method: "POST", path: "auth/token/revoke", body: {} }, access);
      oweSignOut(false);
    } catch (error) {
      if (!errorData(error).retry) oweSignOut(false);
    }
  }
}
