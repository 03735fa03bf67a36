/** Time as the client sees it: injectable, so that tests move it by hand. */

export interface Timers {
  /** Milliseconds since 1970. */
  now(): number;
  /** Returns the cancel function. */
  after(ms: number, run: () => void): () => void;
}

export const systemTimers: Timers = {
  now: () => Date.now(),
  after(ms, run) {
    const handle = setTimeout(run, ms);
    return () => clearTimeout(handle);
  },
};

/** At most one pending run: the first `arm` decides when, later ones are covered by it. */
export class Alarm {
  private cancelPending: (() => void) | null = null;

  constructor(
    private readonly timers: Timers,
    private readonly run: () => void,
  ) {}

  get armed(): boolean {
    return this.cancelPending !== null;
  }

  arm(ms: number): void {
    this.cancelPending ??= this.timers.after(ms, () => {
      this.cancelPending = null;
      this.run();
    });
  }

  /** Forgets the pending run, if any, and plans a new one. */
  rearm(ms: number): void {
    this.cancel();
    this.arm(ms);
  }

  cancel(): void {
    this.cancelPending?.();
    this.cancelPending = null;
  }
}
