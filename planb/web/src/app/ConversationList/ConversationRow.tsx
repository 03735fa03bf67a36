import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { type MouseEvent, memo } from "react";
import { useConversation } from "../../react/useConversation";
import { useToday } from "../../react/useNow";
import { usePresence } from "../../react/usePresence";
import { useChat } from "../../react/useSocket";
import { useMe, useUsers } from "../../react/useUsers";
import { conversationPath, navigate } from "../place/router";
import { Avatar } from "../ui/Avatar/Avatar";
import { fullTime, rowTime } from "../words/dates";
import { conversationTitle, otherPerson, peopleNamed } from "../words/names";
import styles from "./ConversationRow.module.css";
import { RowPreview } from "./RowPreview";

interface ConversationRowProps {
  id: string;
  current: boolean;
  /** Whether the Tab key stops here. */
  reachable: boolean;
}

/** One conversation of the list. It renders again only when something of this conversation changes. */
export const ConversationRow = memo(function ConversationRow({
  id,
  current,
  reachable,
}: ConversationRowProps) {
  const { t, i18n } = useLingui();
  const entry = useConversation(id);
  const me = useMe();
  const today = useToday();
  const users = useUsers(entry === undefined ? [] : peopleNamed(entry.conversation));
  const other = entry === undefined ? null : otherPerson(entry.conversation, me);
  const presence = usePresence(other === me ? null : other)?.state;
  const waiting = useChat((state) => state.outbox[id]?.at(-1)?.createdAt);
  if (entry === undefined) return null;

  const { conversation, mine } = entry;
  const name = conversationTitle(conversation, users, me, t`Someone`);
  const at = new Date(waiting ?? conversation.last_message?.created_at ?? conversation.created_at);
  const unread = mine.unread > 0 || mine.marked_unread;

  function go(event: MouseEvent) {
    if (event.metaKey || event.ctrlKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    navigate(conversationPath(id));
  }

  return (
    <li className={styles.item}>
      <a
        href={conversationPath(id)}
        className={styles.row}
        data-row={id}
        data-unread={unread}
        aria-current={current ? "page" : undefined}
        tabIndex={reachable ? 0 : -1}
        onClick={go}
      >
        <Avatar
          id={other ?? id}
          name={name}
          presence={knownPresence(presence)}
          group={conversation.kind !== "direct"}
        />
        <span className={styles.line}>
          <span className={styles.name} translate="no">
            <bdi>{name}</bdi>
            {presence === "online" && (
              <span className="visually-hidden">
                {" "}
                <Trans>(online)</Trans>
              </span>
            )}
          </span>
          <time className={styles.time} dateTime={at.toISOString()} title={fullTime(at, i18n)}>
            {rowTime(at, new Date(today), i18n)}
          </time>
        </span>
        {conversation.subject !== null && (
          <span className={styles.subject}>{conversation.subject.title}</span>
        )}
        <span className={styles.line}>
          <RowPreview id={id} entry={entry} users={users} me={me} />
          {unread && (
            <span className={styles.badge} data-empty={mine.unread === 0}>
              <span aria-hidden="true">{mine.unread === 0 ? "" : badgeText(mine.unread)}</span>
              <span className="visually-hidden">
                <Plural value={mine.unread} one="# unread message" other="# unread messages" />
              </span>
            </span>
          )}
        </span>
      </a>
    </li>
  );
});

/** The server counts to 100. */
export function badgeText(unread: number): string {
  return unread > 99 ? "99+" : String(unread);
}

export function knownPresence(state: string | undefined): "online" | "away" | "offline" | undefined {
  return state === "online" || state === "away" || state === "offline" ? state : undefined;
}
