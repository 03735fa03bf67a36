import { Trans, useLingui } from "@lingui/react/macro";
import { memo } from "react";
import type { Message, User } from "../../client";
import { useChat } from "../../react/useSocket";
import { Ticks } from "../ui/Ticks/Ticks";
import { clockTime, fullTime } from "../words/dates";
import { avatarColour } from "../words/names";
import { messageText } from "../words/preview";
import type { Tick } from "../words/ticks";
import styles from "./MessageBubble.module.css";
import { RichText } from "./RichText";

interface MessageBubbleProps {
  message: Message;
  own: boolean;
  first: boolean;
  last: boolean;
  /** Whether the sender's name stands above. */
  named: boolean;
  tick: Tick | null;
}

/** One message. All its props keep their identity while nothing about it changes, so others' news cost it nothing. */
export const MessageBubble = memo(function MessageBubble(props: MessageBubbleProps) {
  const { message, own, first, last, named, tick } = props;
  const { t, i18n } = useLingui();
  const sender = useChat((state) => (message.sender === null ? undefined : state.users[message.sender]));
  const at = new Date(message.created_at);
  const gone = message.deleted_at !== null || message.hidden_at !== null;
  const name = own ? t`You` : senderName(sender, message.sender, t`Deleted account`, t`Someone`);
  return (
    <article className={styles.line} data-own={own} data-first={first} data-last={last}>
      <div className={styles.bubble} data-gone={gone}>
        <Sender name={name} id={message.sender} shown={named} />
        {message.reply_to !== null && !gone && (
          <Quote id={message.reply_to} conversation={message.conversation} />
        )}
        <span className={styles.text} dir="auto">
          {gone ? messageText(message, i18n) : <RichText text={message.text} />}
        </span>
        <span className={styles.meta}>
          {message.edited_at !== null && !gone && (
            <span>
              <Trans>edited</Trans>
            </span>
          )}
          <time dateTime={message.created_at} title={fullTime(at, i18n)}>
            {clockTime(at, i18n)}
          </time>
          {tick !== null && <Ticks tick={tick} />}
        </span>
      </div>
    </article>
  );
});

/** In a group above the bubble and in the sender's colour; else for screen readers only. */
function Sender({ name, id, shown }: { name: string; id: string | null; shown: boolean }) {
  if (!shown) return <span className="visually-hidden">{name}: </span>;
  return (
    <b className={styles.sender} translate="no">
      <i style={{ backgroundColor: avatarColour(id ?? "") }} />
      <bdi>{name}</bdi>
      <span className="visually-hidden">: </span>
    </b>
  );
}

function Quote({ id, conversation }: { id: string; conversation: string }) {
  const { t, i18n } = useLingui();
  const quoted = useChat(
    (state) =>
      state.referenced[id] ?? state.windows[conversation]?.messages.find((message) => message.id === id),
  );
  const sender = useChat((state) => (quoted?.sender == null ? undefined : state.users[quoted.sender]));
  const own = useChat((state) => quoted?.sender != null && quoted.sender === state.auth.me?.id);
  if (quoted === undefined) return null;
  return (
    <blockquote className={styles.quote}>
      <b>{own ? t`You` : senderName(sender, quoted.sender, t`Deleted account`, t`Someone`)}</b>
      <span>{messageText(quoted, i18n)}</span>
    </blockquote>
  );
}

function senderName(user: User | undefined, id: string | null, gone: string, unknown: string): string {
  if (id === null || user?.deleted) return gone;
  return user?.display_name ?? unknown;
}
