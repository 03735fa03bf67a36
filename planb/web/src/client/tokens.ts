/** The access token: in memory only, renewed by the refresh cookie, one renewal at a time across all tabs. */

import type { Timers } from "./clock";
import { ChatRequestError } from "./errors";
import { call, type HttpOptions } from "./http";
import type { TabLink } from "./tabs";
import type { TokenAnswer } from "./wire";

/** A token is renewed this long before it ends, so that a request under way does not meet its end. */
const MARGIN = 20_000;

interface Held {
  session: string;
  access: string;
  /** Milliseconds of this machine's clock. */
  expiresAt: number;
}

export class Tokens {
  private held: Held | null = null;
  private renewing: Promise<string> | null = null;
  /** Grows when a session begins or ends here, so that a renewal of the former one is not kept. */
  private generation = 0;

  constructor(
    private readonly http: HttpOptions,
    private readonly timers: Timers,
    private readonly tabs: TabLink,
    private readonly onExpired: () => void,
  ) {}

  /** A usable access token; `renew` asks for another one than that held. Rejects with `unauthenticated` if the session is over. */
  access(renew: boolean): Promise<string> {
    if (!renew && this.held && this.fresh(this.held)) return Promise.resolve(this.held.access);
    this.renewing ??= this.renew(this.held?.access ?? null).finally(() => {
      this.renewing = null;
    });
    return this.renewing;
  }

  /** Keeps what a sign-in or a renewal answered. `date`: the server's clock then, in ms. */
  keep(answer: TokenAnswer, date: number | null): void {
    const now = this.timers.now();
    // By the server's own clock, where it told it: this machine's may be wrong by hours.
    const lifetime = Date.parse(answer.expires_at) - (date ?? now);
    this.generation += 1;
    this.held = {
      session: answer.session,
      access: answer.access,
      expiresAt: now + Math.max(lifetime, MARGIN + 5_000),
    };
  }

  /** Another tab has renewed. A token of another session is someone else's, or of a sign-in not heard of yet. */
  adopt(token: Held): void {
    if (this.held?.session === token.session && token.expiresAt > this.held.expiresAt) this.held = token;
  }

  forget(): void {
    this.generation += 1;
    this.held = null;
  }

  private fresh(held: Held): boolean {
    return held.expiresAt - MARGIN > this.timers.now();
  }

  private renew(refused: string | null): Promise<string> {
    const { generation } = this;
    return this.tabs.exclusively("refresh", async () => {
      // While this tab waited for its turn another one may have renewed, and told its token.
      if (this.held && this.held.access !== refused && this.fresh(this.held)) return this.held.access;
      try {
        const answer = await call(this.http, { method: "POST", path: "auth/token/refresh", body: {} });
        const data = answer.data as TokenAnswer;
        if (generation !== this.generation) return this.held?.access ?? data.access;
        this.keep(data, answer.date);
        if (this.held) this.tabs.post({ kind: "token", ...this.held });
        return data.access;
      } catch (error) {
        throw this.judge(error, generation);
      }
    });
  }

  /** Whatever the door answers with 401 or 403 here means one thing: this session does not go on. */
  private judge(error: unknown, generation: number): unknown {
    if (!(error instanceof ChatRequestError) || error.data.retry) return error;
    const over = new ChatRequestError({ ...error.data, code: "unauthenticated", retry: false });
    if (generation === this.generation) {
      this.held = null;
      this.onExpired();
    }
    return over;
  }
}
