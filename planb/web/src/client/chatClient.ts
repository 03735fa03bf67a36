/** Puts the parts together, and is the only place that knows all of them. */

import { Activity } from "./activity";
import { systemTimers } from "./clock";
import { deviceId } from "./device";
import { isSeq } from "./frames";
import { Heads } from "./heads";
import { History } from "./history";
import type { Host } from "./host";
import { authorizedHttp } from "./http";
import { uuid7 } from "./ids";
import { Inbox } from "./inbox";
import { ConversationList } from "./list";
import { Marks } from "./marks";
import { OutboxSender } from "./outboxSender";
import { createIndexedDbStorage } from "./outboxStore";
import { ReceiptKeeper } from "./receiptKeeper";
import { Replica } from "./replica";
import { Session } from "./session";
import { browserSocket, ChatSocket } from "./socket";
import { createChatStore, emptyCaches } from "./store";
import { browserTabs, type TabMessage } from "./tabs";
import { Tokens } from "./tokens";
import type { ChatClient, ChatClientOptions, NewConversation } from "./types";
import { browserPage, watchPage } from "./wakes";
import type { ChangesBody, ConversationView, Ready, ServerEvent, User } from "./wire";

/** What many clients would fetch at the same time is spread over this. */
const BEHIND_SPREAD = 2_000;

export function createChatClient(options: ChatClientOptions = {}): ChatClient {
  const timers = options.timers ?? systemTimers;
  const random = options.random ?? Math.random;
  const tabs = options.tabs ?? browserTabs();
  const page = options.page === undefined ? browserPage() : options.page;
  const device = options.device ?? deviceId(timers.now());
  const store = createChatStore();
  const doors = {
    baseUrl: options.baseUrl ?? "/api/v1",
    fetch: options.fetch ?? globalThis.fetch.bind(globalThis),
    timers,
  };
  const tokens = new Tokens(doors, timers, tabs, () => session.expired());
  const http = authorizedHttp(doors, tokens);
  const socket = new ChatSocket({
    url: options.socketUrl ?? pageSocketUrl(),
    factory: options.socketFactory ?? browserSocket,
    timers,
    random,
    device,
    clientInfo: options.clientInfo ?? { name: "web", version: "1" },
    token: (renew) => tokens.access(renew),
    timing: () => store.getState().timing,
    onConnection: ({ state, reason, retryAt, attempt, everConnected }) =>
      store.setState({ connection: { state, reason, retryAt, attempt, everConnected } }),
    onReady: ready,
    onEvent: event,
    onPong: ({ now, inbox_seq }) => {
      keepTime(now);
      if (isSeq(inbox_seq) && !inbox.heard(inbox_seq)) heads.doubted();
    },
    onLost: () => {
      heads.pause();
      activity.lost();
    },
    onExpired: () => session.expired(),
  });
  const host: Host = { store, timers, random, http, socket };
  const receipts = new ReceiptKeeper(host);
  const replica = new Replica(host, {
    onEchoed: (clientIds) => outbox.echoed(clientIds),
    onArrived: (conversation, seq) => marks.arrived(conversation, seq),
    onDoubt: () => heads.doubted(),
    onMembersChanged: (conversation) => receipts.fetchSoon(conversation),
    onReset: (conversation) => void history.restart(conversation),
  });
  const marks = new Marks(host, replica);
  const inbox = new Inbox(host, replica, (conversation) => history.forget(conversation));
  const list = new ConversationList(host, replica);
  const history = new History(host, replica, receipts);
  const activity = new Activity(host, receipts);
  const storage = options.storage ?? createIndexedDbStorage();
  const outbox = new OutboxSender(host, storage, tabs, replica);
  const heads = new Heads(host, {
    replica,
    inbox,
    marks,
    receipts,
    onOtherHistory: startOver,
    refreshList: () => list.refresh(),
  });
  const session = new Session({
    store,
    timers,
    random,
    doors,
    http,
    tokens,
    tabs,
    device,
    async onIn() {
      // Stopped while it was finding out who is in.
      if (letGo.length === 0) return;
      await outbox.start();
      socket.start();
    },
    onExpired: () => socket.stop("signed_out"),
    async onOut() {
      socket.stop("signed_out");
      dropCopies();
      activity.reset();
      heads.reset();
      store.setState({ open: null });
      await outbox.clear();
    },
  });

  /** Everything that is a copy of the server's truth. The outbox is not. */
  function dropCopies(): void {
    for (const part of [replica, inbox, list, history, marks, receipts]) part.reset();
    store.setState(emptyCaches);
  }

  function startOver(): void {
    const { order, listState, open } = store.getState();
    dropCopies();
    activity.resume();
    if (order.length > 0 || listState !== "idle") void list.load();
    if (open !== null) void history.open(open);
  }

  function keepTime(now: string): void {
    const server = Date.parse(now);
    if (Number.isNaN(server)) return;
    const serverOffset = server - timers.now();
    // A drift below this shows nowhere, and each change of the state costs a look at it.
    if (Math.abs(serverOffset - store.getState().serverOffset) > 250) store.setState({ serverOffset });
  }

  function ready(message: Ready): void {
    const { auth, limits, timing } = store.getState();
    if (message.user.id !== auth.me?.id) {
      // Another tab has signed in as someone else, and the cookie is theirs now.
      tokens.forget();
      socket.stop("signed_out");
      void session.resume();
      return;
    }
    keepTime(message.now);
    store.setState({
      auth: { status: "in", me: message.user },
      limits: { ...limits, ...defined(message.limits) },
      timing: { ...timing, ...defined(message.timing) },
    });
    activity.resume();
    marks.resume();
    outbox.resume();
    history.resume();
    if (store.getState().listState === "error") void list.load();
    // What is not answered here is asked again at the next comparison.
    heads.ready(message).catch(() => heads.doubted());
  }

  function event(message: ServerEvent): void {
    if (inbox.event(message) || receipts.event(message) || activity.event(message)) return;
    const { type, conversation, seq } = message;
    if (type === "user_updated") {
      const { user } = message;
      if (typeof user === "object" && user !== null && "id" in user) replica.names([user as User]);
    } else if (conversation !== undefined && seq !== undefined) {
      if (type === "changes") replica.changes(message as unknown as ChangesBody);
      else if (type === "behind") replica.head(conversation, seq, random() * BEHIND_SPREAD);
      else replica.event(message, conversation, seq);
    }
  }

  let lastWake = Number.NEGATIVE_INFINITY;
  function wake(): void {
    session.wake();
    // Focus and visibility come in pairs.
    if (timers.now() - lastWake < 1_000) return;
    lastWake = timers.now();
    socket.wake();
    void heads.compare();
  }

  function heard(message: TabMessage): void {
    session.heard(message);
    outbox.heard(message);
  }

  let letGo: (() => void)[] = [];
  function attach(): void {
    if (letGo.length > 0) return;
    letGo.push(tabs.listen(heard));
    if (page) letGo.push(watchPage(page, wake, (visible) => activity.setVisible(visible)));
  }

  function signIn(path: "auth/token" | "auth/register", fields: object): Promise<void> {
    attach();
    return session.signIn(path, fields);
  }

  /** A conversation asked for again after a lost answer is asked for by the same id. */
  const asked = new Map<string, { client_id: string; message: string }>();

  return {
    store,
    async start() {
      attach();
      await session.resume();
    },
    stop() {
      for (const release of letGo) release();
      letGo = [];
      session.pause();
      socket.stop("stopped");
      outbox.stop();
      for (const part of [replica, inbox, list, history, marks, receipts, activity, heads]) part.reset();
      storage.close();
    },
    signIn: (credentials) => signIn("auth/token", credentials),
    signUp: (credentials) => signIn("auth/register", credentials),
    signOut: () => session.signOut(),
    retryNow() {
      session.wake();
      socket.retry();
    },
    loadConversations: () => list.load(),
    async openConversation(id) {
      if (store.getState().open !== id) {
        store.setState({ open: id });
        activity.watchConversation(id);
      }
      if (id !== null) await history.open(id);
    },
    loadOlder: (id) => history.older(id),
    loadNewer: (id) => history.newer(id),
    loadAround: (id, seq) => history.around(id, seq),
    loadNewest: (id) => history.newest(id),
    send(id, draft) {
      activity.sent(id);
      return outbox.add(id, draft);
    },
    retrySend: (clientId) => outbox.retry(clientId),
    discardSend: (clientId) => outbox.discard(clientId),
    markRead: (id, seq) => marks.markRead(id, seq),
    setTyping: (id, active) => activity.setTyping(id, active),
    watchPresence: (userIds) => activity.watchPresence(userIds),
    async createConversation(input: NewConversation) {
      const key = JSON.stringify(input);
      const ids = asked.get(key) ?? { client_id: uuid7(timers.now()), message: uuid7(timers.now()) };
      asked.set(key, ids);
      const message = input.message ? { message: { ...input.message, client_id: ids.message } } : {};
      const body = { ...input, ...message, client_id: ids.client_id };
      const asking = replica.moments.asking();
      const view = await http.post<ConversationView & { users?: User[] }>("conversations", body);
      asked.delete(key);
      replica.adopt(view, view.users, asking);
      return view.conversation.id;
    },
    async searchUsers(text) {
      const { users } = await http.get<{ users: User[] }>("users", { search: text });
      replica.names(users);
      return users;
    },
  };
}

function pageSocketUrl(): string {
  if (typeof location === "undefined") return "ws://localhost/ws/v1";
  return `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/ws/v1`;
}

function defined<T extends object>(values: T | undefined): { [Key in keyof T]-?: NonNullable<T[Key]> } {
  const entries = Object.entries(values ?? {}).filter(([, value]) => typeof value === "number");
  return Object.fromEntries(entries) as { [Key in keyof T]-?: NonNullable<T[Key]> };
}
