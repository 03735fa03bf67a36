/** Time that moves only when a test says so. */

import type { Timers } from "../clock";

/** Lets everything that waits on promises alone go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 60; turn += 1) await Promise.resolve();
}

export class ManualClock implements Timers {
  private time = Date.parse("2026-11-22T10:00:00.000Z");
  private readonly planned = new Map<number, { at: number; run: () => void }>();
  private next = 0;

  now(): number {
    return this.time;
  }

  after(ms: number, run: () => void): () => void {
    const key = this.next++;
    this.planned.set(key, { at: this.time + Math.max(0, ms), run });
    return () => this.planned.delete(key);
  }

  async advance(ms: number): Promise<void> {
    const end = this.time + ms;
    await settle();
    for (;;) {
      const due = [...this.planned].sort(([a, x], [b, y]) => x.at - y.at || a - b)[0];
      if (!due || due[1].at > end) break;
      this.planned.delete(due[0]);
      this.time = Math.max(this.time, due[1].at);
      due[1].run();
      await settle();
    }
    this.time = end;
  }
}
