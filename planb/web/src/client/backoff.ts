/** Full jitter: each delay is drawn anew from a range that doubles, so that many clients never come back together. */

export const LEAST_DELAY = 500;
export const GREATEST_DELAY = 20_000;

/** Milliseconds before try number `attempt` (1, 2, 3 …). `retryAfter`, in seconds, is what the server asked for at least. */
export function backoff(attempt: number, random: () => number, retryAfter?: number | null): number {
  const ceiling = Math.min(GREATEST_DELAY, LEAST_DELAY * 2 ** Math.min(Math.max(attempt, 1), 30));
  const drawn = LEAST_DELAY + random() * (ceiling - LEAST_DELAY);
  return Math.round(Math.max(drawn, (retryAfter ?? 0) * 1000));
}
