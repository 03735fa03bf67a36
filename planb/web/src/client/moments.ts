/**
 * Which of two tellings is newer, where neither carries a number: an answer is older than a private event that came after
 * the question. Pure.
 */

export class Moments {
  private now = 0;
  private readonly told = new Map<string, number>();
  private readonly gone = new Map<string, number>();

  /** The moment at which something is asked for, to be given with the answer. */
  asking(): number {
    return this.now;
  }

  /** A private event said something new about this conversation. */
  noteTold(id: string): void {
    this.now += 1;
    this.told.set(id, this.now);
  }

  noteGone(id: string): void {
    this.now += 1;
    this.gone.set(id, this.now);
  }

  toldSince(id: string, asked: number): boolean {
    return (this.told.get(id) ?? 0) > asked;
  }

  goneSince(id: string, asked: number): boolean {
    return (this.gone.get(id) ?? 0) > asked;
  }

  reset(): void {
    this.told.clear();
    this.gone.clear();
  }
}
