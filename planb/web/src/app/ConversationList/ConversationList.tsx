import { Trans, useLingui } from "@lingui/react/macro";
import { type KeyboardEvent, type RefObject, useDeferredValue, useEffect, useRef, useState } from "react";
import { useConversations } from "../../react/useConversations";
import { AccountMenu } from "../AccountMenu/AccountMenu";
import { SEARCH_ID } from "../Messenger/useShortcuts";
import { Button, IconButton } from "../ui/Button/Button";
import { Icon } from "../ui/Icon/Icon";
import { Logo } from "../ui/Logo/Logo";
import styles from "./ConversationList.module.css";
import { ConversationRow } from "./ConversationRow";
import { RowSkeletons } from "./RowSkeletons";
import { SearchResults } from "./SearchResults";
import { useMoreInSight } from "./useMoreInSight";

interface ConversationListProps {
  open: string | null;
  onNew: () => void;
}

export function ConversationList({ open, onNew }: ConversationListProps) {
  const { t } = useLingui();
  const { order, listState, loadMore } = useConversations();
  const [query, setQuery] = useState("");
  const searched = useDeferredValue(query.trim());
  const list = useRef<HTMLDivElement>(null);
  // The page has one first heading: the open conversation's, or this one.
  const Heading = open === null ? "h1" : "h2";

  useEffect(() => {
    if (listState === "idle" && order.length === 0) loadMore();
  }, [listState, order.length, loadMore]);
  useFocusOnReturn(open, list);

  function onKey(event: KeyboardEvent<HTMLElement>) {
    if (event.key === "Escape" && query !== "") {
      event.preventDefault();
      setQuery("");
    } else if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const rows = [...(list.current?.querySelectorAll<HTMLElement>("a[data-row], button[data-row]") ?? [])];
      const at = rows.indexOf(document.activeElement as HTMLElement);
      const next = event.key === "ArrowDown" ? at + 1 : at - 1;
      event.preventDefault();
      if (next < 0) document.getElementById(SEARCH_ID)?.focus();
      else rows[Math.min(next, rows.length - 1)]?.focus();
    }
  }

  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: only moves the focus between the links inside.
    <div className={styles.column} onKeyDown={onKey}>
      <header className={styles.top}>
        <Logo />
        <Heading className="visually-hidden">{t`Conversations`}</Heading>
        <span className={styles.space} />
        <IconButton label={t`New conversation`} onClick={onNew}>
          <Icon name="plus" />
        </IconButton>
        <AccountMenu />
      </header>
      <search className={styles.search}>
        <Icon name="search" size={17} />
        <input
          id={SEARCH_ID}
          type="search"
          value={query}
          onChange={(event) => setQuery(event.target.value)}
          placeholder={t`Search a person, a listing…`}
          aria-label={t`Search conversations and people`}
          autoComplete="off"
          enterKeyHint="search"
        />
      </search>
      <div className={styles.rows} ref={list}>
        {searched !== "" ? (
          <SearchResults query={searched} open={open} onDone={() => setQuery("")} />
        ) : (
          <>
            <ul>
              {order.map((id, index) => (
                <ConversationRow key={id} id={id} current={id === open} reachable={isReachable(id, index)} />
              ))}
            </ul>
            <ListEnd count={order.length} state={listState} loadMore={loadMore} onNew={onNew} />
          </>
        )}
      </div>
    </div>
  );

  /** One row takes the Tab key, the arrows reach the others. */
  function isReachable(id: string, index: number): boolean {
    return open !== null && order.includes(open) ? id === open : index === 0;
  }
}

interface ListEndProps {
  count: number;
  state: "idle" | "loading" | "done" | "error";
  loadMore: () => void;
  onNew: () => void;
}

/** What stands below the last row: what is still to come, nothing at all, or what went wrong. */
function ListEnd({ count, state, loadMore, onNew }: ListEndProps) {
  const sentinel = useMoreInSight(state === "idle" && count > 0, loadMore);
  if (state === "error") {
    return (
      <div className={styles.note} role="alert">
        <p>
          <Trans>The conversations could not be loaded.</Trans>
        </p>
        <Button onClick={loadMore}>
          <Trans>Try again</Trans>
        </Button>
      </div>
    );
  }
  if (state === "done" && count === 0) {
    return (
      <div className={styles.note}>
        <Icon name="chats" size={40} />
        <p>
          <Trans>No conversation yet. Write to somebody!</Trans>
        </p>
        <Button look="primary" onClick={onNew}>
          <Trans>New conversation</Trans>
        </Button>
      </div>
    );
  }
  if (state === "done") return null;
  return (
    <div ref={sentinel} aria-busy="true">
      <RowSkeletons count={count === 0 ? 8 : 2} />
    </div>
  );
}

/** On a phone the list was hidden; coming back, the focus stands on the conversation that one comes from. */
function useFocusOnReturn(open: string | null, list: RefObject<HTMLDivElement | null>) {
  const before = useRef(open);
  useEffect(() => {
    const left = before.current;
    before.current = open;
    if (open !== null || left === null) return;
    list.current?.querySelector<HTMLElement>(`[data-row="${CSS.escape(left)}"]`)?.focus();
  }, [open, list]);
}
