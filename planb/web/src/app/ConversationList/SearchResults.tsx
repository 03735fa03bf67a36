import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useMemo, useState } from "react";
import { type ChatErrorData, errorData, type User } from "../../client";
import { useChat, useSocket } from "../../react/useSocket";
import { usePeopleSearch } from "../NewConversation/usePeopleSearch";
import { conversationPath, navigate } from "../place/router";
import { Avatar } from "../ui/Avatar/Avatar";
import { errorText } from "../words/errors";
import { conversationTitle } from "../words/names";
import { matches } from "../words/search";
import styles from "./ConversationList.module.css";
import { ConversationRow } from "./ConversationRow";

interface SearchResultsProps {
  query: string;
  open: string | null;
  onDone: () => void;
}

/** Loaded conversations that fit, then people that one could write to. */
export function SearchResults({ query, open, onDone }: SearchResultsProps) {
  const { i18n } = useLingui();
  const client = useSocket();
  const found = useFoundConversations(query);
  const { people, busy } = usePeopleSearch(query);
  const [error, setError] = useState<ChatErrorData | null>(null);
  // biome-ignore lint/correctness/useExhaustiveDependencies: what went wrong belongs to the search before.
  useEffect(() => setError(null), [query]);

  async function writeTo(user: User) {
    try {
      const id = await client.createConversation({ kind: "direct", users: [user.id] });
      onDone();
      navigate(conversationPath(id));
    } catch (thrown) {
      setError(errorData(thrown));
    }
  }

  return (
    <>
      {error !== null && (
        <p className={styles.error} role="alert">
          {errorText(error, i18n)}
        </p>
      )}
      {found.length > 0 && (
        <section aria-labelledby="found-conversations">
          <h2 id="found-conversations" className={styles.heading}>
            <Trans>Conversations</Trans>
          </h2>
          <ul>
            {found.map((id) => (
              <ConversationRow key={id} id={id} current={id === open} reachable />
            ))}
          </ul>
        </section>
      )}
      {people.length > 0 && (
        <section aria-labelledby="found-people">
          <h2 id="found-people" className={styles.heading}>
            <Trans>People</Trans>
          </h2>
          <ul>
            {people.map((user) => (
              <li key={user.id}>
                <button
                  type="button"
                  className={styles.person}
                  data-row={user.id}
                  onClick={() => void writeTo(user)}
                >
                  <Avatar id={user.id} name={user.display_name} size={40} />
                  <span>{user.display_name}</span>
                </button>
              </li>
            ))}
          </ul>
        </section>
      )}
      <p className={styles.none} role="status">
        {found.length + people.length === 0 && !busy && <Trans>Nothing found for “{query}”.</Trans>}
      </p>
    </>
  );
}

function useFoundConversations(query: string): string[] {
  const { t } = useLingui();
  const order = useChat((state) => state.order);
  const conversations = useChat((state) => state.conversations);
  const users = useChat((state) => state.users);
  const me = useChat((state) => state.auth.me?.id ?? null);
  const unknown = t`Someone`;
  return useMemo(
    () =>
      order.filter((id) => {
        const conversation = conversations[id]?.conversation;
        if (conversation === undefined) return false;
        const title = conversationTitle(conversation, users, me, unknown);
        return matches(query, `${title} ${conversation.subject?.title ?? ""}`);
      }),
    [order, conversations, users, me, query, unknown],
  );
}
