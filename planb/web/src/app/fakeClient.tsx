/** For tests of screens: a client whose state is set by hand and whose methods only record that they were called. */
import { I18nProvider } from "@lingui/react";
import { render } from "@testing-library/react";
import type { ReactElement } from "react";
import { vi } from "vitest";
import { createStore } from "zustand/vanilla";
import type { ChatClient, ChatState } from "../client";
import { SocketContext } from "../react/SocketProvider";
import { aUser, i18n } from "./words/stories";

const awa = aUser("awa", "Awa Koné");

const START: ChatState = {
  auth: { status: "in", me: awa },
  connection: { state: "connected", reason: null, retryAt: null, attempt: 0, everConnected: true },
  users: { awa, koffi: aUser("koffi", "Koffi Ouattara") },
  presence: {},
  conversations: {},
  order: [],
  listState: "done",
  windows: {},
  referenced: {},
  outbox: {},
  receipts: {},
  open: null,
  badge: { conversations: 0, messages: 0 },
  limits: { text: 40, frame: 65_536, title: 120 },
  timing: { ping: 30, reply: 10, typing_resend: 3, typing_expire: 6 },
  serverOffset: 0,
};

export function fakeClient(state: Partial<ChatState> = {}) {
  return {
    store: createStore<ChatState>(() => ({ ...START, ...state })),
    start: vi.fn(async () => undefined),
    signIn: vi.fn(async (_credentials: { username: string; password: string }) => undefined),
    signUp: vi.fn(async () => undefined),
    signOut: vi.fn(async () => undefined),
    stop: vi.fn(),
    retryNow: vi.fn(),
    loadConversations: vi.fn(async () => undefined),
    openConversation: vi.fn(async () => undefined),
    loadOlder: vi.fn(async () => undefined),
    loadNewer: vi.fn(async () => undefined),
    loadAround: vi.fn(async () => undefined),
    loadNewest: vi.fn(async () => undefined),
    send: vi.fn(() => "k1"),
    retrySend: vi.fn(),
    discardSend: vi.fn(async () => undefined),
    markRead: vi.fn(),
    setTyping: vi.fn(),
    watchPresence: vi.fn(),
    createConversation: vi.fn(async () => "c1"),
    searchUsers: vi.fn(async () => []),
  } satisfies ChatClient;
}

export function show(client: ChatClient, what: ReactElement) {
  const around = (inner: ReactElement) => (
    <I18nProvider i18n={i18n}>
      <SocketContext value={client}>{inner}</SocketContext>
    </I18nProvider>
  );
  const shown = render(around(what));
  return { ...shown, again: (next: ReactElement) => shown.rerender(around(next)) };
}
