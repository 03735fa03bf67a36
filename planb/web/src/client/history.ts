/** Windows on the past: the conversation on screen, its newest page, older and newer ones, the place of a search hit. */

import { errorData } from "./errors";
import type { Host } from "./host";
import type { ReceiptKeeper } from "./receiptKeeper";
import type { Replica } from "./replica";
import { without, withReferenced } from "./store";
import type { ChatState, MessageWindow } from "./types";
import { emptyWindow, joinPage, windowFromPage } from "./windows";
import type { MessagePage } from "./wire";

const PAGE = 50;
/** Windows kept in memory, the conversation on screen included. */
const WINDOWS = 20;

type Where = { before?: number; after?: number; around?: number };

export class History {
  /** Last opened last. */
  private opened: string[] = [];
  private generation = 0;
  /** The latest load of each window: an answer to an earlier one is ignored. */
  private readonly latest = new Map<string, symbol>();

  constructor(
    private readonly host: Host,
    private readonly replica: Replica,
    private readonly receipts: ReceiptKeeper,
  ) {}

  async open(id: string): Promise<void> {
    this.opened = [...this.opened.filter((other) => other !== id), id];
    this.evict();
    const window = this.window(id);
    if (!window || window.error || (window.messages.length === 0 && window.moreAfter)) await this.newest(id);
  }

  newest(id: string): Promise<void> {
    return this.fill(id, "initial", {});
  }

  around(id: string, seq: number): Promise<void> {
    return this.fill(id, "initial", { around: seq });
  }

  async older(id: string): Promise<void> {
    const window = this.window(id);
    const first = window?.messages[0];
    if (!window || !first || !window.moreBefore || window.loading !== "none") return;
    await this.fill(id, "older", { before: first.seq });
  }

  async newer(id: string): Promise<void> {
    const window = this.window(id);
    const last = window?.messages.at(-1);
    if (!window || !last || !window.moreAfter || window.loading !== "none") return;
    await this.fill(id, "newer", { after: last.seq });
  }

  /** Connected (again): what could not be loaded of the conversation on screen is asked for again. */
  resume(): void {
    const { open } = this.host.store.getState();
    const window = open === null ? undefined : this.window(open);
    if (open === null || !window?.error?.retry) return;
    // Further pages are asked for by where somebody scrolls; only the error stood in their way.
    if (window.messages.length > 0) this.write(open, { ...window, error: null });
    else void this.newest(open);
  }

  /** Drops the windows where the server could not tell what changed, and loads the newest page of the one on screen. */
  async restart(id: string): Promise<void> {
    const { windows, open } = this.host.store.getState();
    this.latest.delete(id);
    this.host.store.setState({ windows: without(windows, id) });
    await this.replica.load(id).catch(() => undefined);
    this.receipts.fetchSoon(id);
    if (open === id) await this.newest(id);
  }

  /** The conversation is gone: an answer under way must not bring back its window. */
  forget(id: string): void {
    this.latest.delete(id);
  }

  reset(): void {
    this.generation += 1;
    this.opened = [];
    this.latest.clear();
  }

  private window(id: string): MessageWindow | undefined {
    return this.host.store.getState().windows[id];
  }

  private write(id: string, window: MessageWindow): void {
    this.host.store.setState((state) => ({ windows: { ...state.windows, [id]: window } }));
  }

  private async fill(id: string, loading: "initial" | "older" | "newer", where: Where): Promise<void> {
    const { generation } = this;
    const turn = Symbol(loading);
    this.latest.set(id, turn);
    const current = () => generation === this.generation && this.latest.get(id) === turn;
    this.write(id, { ...(this.window(id) ?? emptyWindow), loading, error: null });
    try {
      // The entry first: it is what events are counted against.
      if (!(id in this.host.store.getState().conversations)) await this.replica.load(id);
      if (!current()) return;
      const path = `conversations/${id}/messages`;
      const page = await this.host.http.get<MessagePage>(path, { ...where, limit: PAGE });
      if (!current()) return;
      this.take(id, page, loading);
    } catch (error) {
      if (!current()) return;
      const window = this.window(id) ?? emptyWindow;
      this.write(id, { ...window, loading: "none", error: errorData(error) });
    }
  }

  private take(id: string, page: MessagePage, side: "initial" | "older" | "newer"): void {
    const held = this.window(id);
    const window = side === "initial" || !held ? windowFromPage(held, page) : joinPage(held, page, side);
    this.replica.names(page.users);
    this.host.store.setState((state: ChatState) => ({
      windows: { ...state.windows, [id]: window },
      referenced: withReferenced(state.referenced, page.referenced),
    }));
    // What changed between the page's reading and what is in step went past this window.
    this.replica.repair(id, page.seq);
    this.replica.head(id, page.seq);
  }

  private evict(): void {
    const { windows, open } = this.host.store.getState();
    const kept = new Set([...this.opened.slice(-WINDOWS), open]);
    const stale = Object.keys(windows).filter((id) => !kept.has(id));
    if (stale.length === 0) return;
    let left = windows;
    for (const id of stale) left = without(left, id);
    this.host.store.setState({ windows: left });
  }
}
