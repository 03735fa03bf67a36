import { Trans, useLingui } from "@lingui/react/macro";
import { type Ref, useImperativeHandle, useMemo } from "react";
import { Virtualizer } from "virtua";
import type { ConversationEntry, MessageWindow } from "../../client";
import { useAttention } from "../../react/useAttention";
import { useMessages } from "../../react/useMessages";
import { useChat, useSocket } from "../../react/useSocket";
import { useMe } from "../../react/useUsers";
import { Button } from "../ui/Button/Button";
import { buildRows } from "../words/rows";
import { JumpButton } from "./JumpButton";
import styles from "./MessageList.module.css";
import { MessageRow } from "./MessageRow";
import { ThreadSkeleton } from "./ThreadSkeleton";
import { TypingBubble } from "./TypingBubble";
import { useMarkRead } from "./useMarkRead";
import { useScrollPlace } from "./useScrollPlace";
import { useUnreadLine } from "./useUnreadLine";

export interface MessageListHandle {
  /** To the end, as after sending: loads it where another stretch is on screen. */
  toNewest: () => void;
}

interface MessageListProps {
  id: string;
  entry: ConversationEntry;
  ref: Ref<MessageListHandle>;
}

/** The messages of one conversation; only those near the screen are elements of the page. */
export function MessageList({ id, entry, ref }: MessageListProps) {
  const { t } = useLingui();
  const client = useSocket();
  const me = useMe();
  const { window, outbox } = useMessages(id);
  const clockOffset = useChat((state) => state.serverOffset);
  const attention = useAttention();
  const { mine } = entry;
  const group = entry.conversation.kind !== "direct";
  const line = useUnreadLine(mine, attention);
  const rows = useMemo(() => {
    const messages = window?.messages ?? [];
    // What is unsent belongs after the newest message, which is not here.
    const waiting = isAway(window) ? [] : outbox;
    return buildRows({ messages, outbox: waiting, me, group, unreadAfter: line.after, clockOffset });
  }, [window, outbox, me, group, line.after, clockOffset]);
  const place = useScrollPlace({ id, window, rows, readSeq: mine.unread > 0 ? mine.read_seq : null });
  useMarkRead({ id, mine, window, seen: attention && place.placed && place.atEnd });

  function toNewest() {
    if (window?.moreAfter) void client.loadNewest(id);
    place.stick();
  }

  useImperativeHandle(ref, () => ({
    toNewest() {
      line.clear();
      toNewest();
    },
  }));

  const loaded = window !== undefined && window.loading !== "initial";
  return (
    <div className={styles.frame}>
      <section
        ref={place.scroller}
        className={styles.scroller}
        data-placed={place.placed}
        role="log"
        aria-live="off"
        aria-label={t`Messages`}
        aria-busy={!loaded}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: a region that scrolls must be reachable by keyboard.
        tabIndex={0}
      >
        <div className={styles.spacer} />
        <Virtualizer
          ref={place.handle}
          data={[...rows, null]}
          shift={place.shift}
          bufferSize={400}
          onScroll={place.onScroll}
          onResize={place.onResize}
        >
          {(row) =>
            row === null ? (
              <TypingBubble key="end" conversation={id} group={group} />
            ) : (
              <MessageRow key={row.key} row={row} me={me} mine={mine} line={line.count} />
            )
          }
        </Virtualizer>
      </section>
      {!place.placed && !loaded && <ThreadSkeleton />}
      {loaded && rows.length === 0 && window.error === null && (
        <p className={styles.empty}>
          <Trans>No message yet. Say hello!</Trans>
        </p>
      )}
      {window !== undefined && <TopNote window={window} onRetry={place.retry} />}
      <JumpButton
        shown={loaded && place.placed && rows.length > 0 && (!place.atEnd || isAway(window))}
        count={mine.unread}
        onJump={toNewest}
      />
    </div>
  );
}

/** Whether another stretch than the newest is here. Where nothing could be loaded yet, there is no stretch. */
function isAway(window: MessageWindow | undefined): boolean {
  return window?.moreAfter === true && window.messages.length > 0;
}

/** Floats over the messages, so that its coming and going moves nothing. */
function TopNote({ window, onRetry }: { window: MessageWindow; onRetry: () => void }) {
  if (window.error !== null) {
    return (
      <div className={styles.note} role="alert">
        <Trans>Messages could not be loaded.</Trans>
        <Button look="quiet" onClick={onRetry}>
          <Trans>Try again</Trans>
        </Button>
      </div>
    );
  }
  if (window.loading !== "older") return null;
  return (
    <div className={styles.note} role="status">
      <Trans>Loading older messages…</Trans>
    </div>
  );
}
