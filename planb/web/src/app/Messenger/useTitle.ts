import { useLingui } from "@lingui/react/macro";
import { useEffect } from "react";
import { useChat } from "../../react/useSocket";
import { useUnread } from "../../react/useUnread";
import { conversationTitle } from "../words/names";

/** The window's title: how many conversations are unread, and whose is open: “(3) Koffi – Plan B”. */
export function useTitle(open: string | null): void {
  const { t } = useLingui();
  const unread = useUnread().conversations;
  const unknown = t`Someone`;
  const name = useChat((state) => {
    const entry = open === null ? undefined : state.conversations[open];
    if (entry === undefined) return "";
    return conversationTitle(entry.conversation, state.users, state.auth.me?.id ?? null, unknown);
  });
  useEffect(() => {
    const badge = unread > 0 ? `(${unread}) ` : "";
    document.title = `${badge}${name === "" ? "" : `${name} – `}Plan B`;
    return () => {
      document.title = "Plan B";
    };
  }, [unread, name]);
}
