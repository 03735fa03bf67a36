import { useLingui } from "@lingui/react/macro";
import { useEffect, useRef, useState } from "react";
import { useChat, useSocket } from "../../react/useSocket";
import { messageText } from "../words/preview";

/** Reads out what others write into the open conversation, once, as it arrives. Older pages that load stay silent. */
export function Announcer({ open }: { open: string | null }) {
  const { t, i18n } = useLingui();
  const { store } = useSocket();
  const newest = useChat((state) => (open === null ? undefined : state.windows[open]?.messages.at(-1)));
  const heard = useRef<{ open: string | null; seq: number }>({ open: null, seq: 0 });
  const [words, setWords] = useState("");

  useEffect(() => {
    if (newest === undefined) return;
    const before = heard.current;
    heard.current = { open, seq: newest.seq };
    if (before.open !== open || newest.seq <= before.seq) return;
    const { users, auth } = store.getState();
    if (newest.sender === auth.me?.id) return;
    const name = newest.sender === null ? "" : (users[newest.sender]?.display_name ?? "");
    const text = messageText(newest, i18n);
    setWords(name === "" ? text : t`${name} writes: ${text}`);
  }, [newest, open, store, i18n, t]);

  return (
    <div className="visually-hidden" aria-live="polite">
      {words}
    </div>
  );
}
