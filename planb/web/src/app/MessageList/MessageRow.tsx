import { useLingui } from "@lingui/react";
import { Plural, Trans } from "@lingui/react/macro";
import type { Message, Mine } from "../../client";
import { useToday } from "../../react/useNow";
import { useUsers } from "../../react/useUsers";
import { MessageBubble } from "../MessageBubble/MessageBubble";
import { OutboxBubble } from "../MessageBubble/OutboxBubble";
import { dayLabel } from "../words/dates";
import { dataPeople } from "../words/names";
import { systemText } from "../words/preview";
import type { Row } from "../words/rows";
import { messageTick } from "../words/ticks";
import styles from "./MessageList.module.css";

/** The server counts no further. */
const COUNTED = 100;

interface MessageRowProps {
  row: Row;
  me: string | null;
  mine: Mine;
  /** How many messages the unread line announces. */
  line: number;
}

/** Chooses what a row looks like; the bubbles below are memoised, so that this may run often. */
export function MessageRow({ row, me, mine, line }: MessageRowProps) {
  switch (row.kind) {
    case "day":
      return <DayPill at={row.at} />;
    case "unread":
      return (
        <div className={styles.unread}>
          <span>
            {line < COUNTED ? (
              <Plural value={line} one="# new message" other="# new messages" />
            ) : (
              <Trans>New messages</Trans>
            )}
          </span>
        </div>
      );
    case "system":
      return <SystemLine message={row.message} me={me} />;
    case "outbox":
      return <OutboxBubble item={row.item} first={row.first} last={row.last} />;
    case "message":
      return (
        <MessageBubble
          message={row.message}
          own={row.message.sender !== null && row.message.sender === me}
          first={row.first}
          last={row.last}
          named={row.named}
          tick={messageTick(row.message, me, mine)}
        />
      );
  }
}

function DayPill({ at }: { at: string }) {
  const { i18n } = useLingui();
  const today = useToday();
  return (
    <div className={styles.day}>
      <h2>
        <time dateTime={at.slice(0, 10)}>{dayLabel(new Date(at), new Date(today), i18n)}</time>
      </h2>
    </div>
  );
}

function SystemLine({ message, me }: { message: Message; me: string | null }) {
  const { i18n } = useLingui();
  const users = useUsers(dataPeople(message));
  return <p className={styles.system}>{systemText(message, { me, users, group: true, i18n })}</p>;
}
