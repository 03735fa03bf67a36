/** The inbox's list, page by page, and its top again after an absence. */

import type { Host } from "./host";
import type { Replica } from "./replica";
import type { ConversationPage } from "./wire";

const PAGE = 30;

export class ConversationList {
  /** Undefined: nothing loaded yet; null: the last page was. */
  private cursor: string | null | undefined;
  private loading: Promise<void> | null = null;
  private refreshing: Promise<void> | null = null;
  private generation = 0;

  constructor(
    private readonly host: Host,
    private readonly replica: Replica,
  ) {}

  /** The next page; the state carries a failure, and the next call tries again. */
  load(): Promise<void> {
    if (this.cursor === null) return Promise.resolve();
    this.loading ??= this.loadNext().finally(() => {
      this.loading = null;
    });
    return this.loading;
  }

  /**
   * Walks from the top until a page brings nothing new. What moved while no events came stands there now, and would
   * not come with any later page.
   */
  refresh(): Promise<void> {
    if (this.cursor === undefined) return Promise.resolve();
    this.refreshing ??= this.walk().finally(() => {
      this.refreshing = null;
    });
    return this.refreshing;
  }

  reset(): void {
    this.generation += 1;
    this.cursor = undefined;
    this.loading = null;
    this.refreshing = null;
  }

  private async loadNext(): Promise<void> {
    const { generation } = this;
    this.host.store.setState({ listState: "loading" });
    try {
      const asked = this.replica.moments.asking();
      const page = await this.page(this.cursor ?? null);
      if (generation !== this.generation) return;
      this.take(page, asked);
      this.cursor = page.next;
      this.host.store.setState({ listState: page.next === null ? "done" : "idle" });
    } catch {
      if (generation === this.generation) this.host.store.setState({ listState: "error" });
    }
  }

  private async walk(): Promise<void> {
    const { generation } = this;
    let cursor: string | null = null;
    try {
      do {
        const asked = this.replica.moments.asking();
        const page: ConversationPage = await this.page(cursor);
        if (generation !== this.generation) return;
        const { conversations } = this.host.store.getState();
        const news = page.items.some(({ conversation: { id, seq } }) => seq > (conversations[id]?.seq ?? -1));
        this.take(page, asked);
        cursor = news ? page.next : null;
      } while (cursor !== null);
    } catch {
      // Heads tell at the next comparison that something is still missing.
    }
  }

  private page(cursor: string | null): Promise<ConversationPage> {
    const query = { folder: "inbox", limit: PAGE, ...(cursor ? { cursor } : {}) };
    return this.host.http.get<ConversationPage>("conversations", query);
  }

  private take(page: ConversationPage, asked: number): void {
    this.replica.names(page.users);
    for (const view of page.items) this.replica.adopt(view, undefined, asked, true);
  }
}
