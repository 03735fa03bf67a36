import { Trans, useLingui } from "@lingui/react/macro";
import type { ConversationEntry, User } from "../../client";
import { useChat } from "../../react/useSocket";
import { useTyping } from "../../react/useTyping";
import { useDraft } from "../Composer/drafts";
import { Ticks } from "../ui/Ticks/Ticks";
import { previewText } from "../words/preview";
import { messageTick, outboxTick } from "../words/ticks";
import { typingText } from "../words/typing";
import styles from "./ConversationRow.module.css";

interface RowPreviewProps {
  id: string;
  entry: ConversationEntry;
  users: Record<string, User>;
  me: string | null;
}

/** The line below the name, by what matters most: somebody types, a draft, something unsent, the last message. */
export function RowPreview({ id, entry, users, me }: RowPreviewProps) {
  const { i18n } = useLingui();
  const { conversation, mine } = entry;
  const group = conversation.kind !== "direct";
  const typing = useTyping(id);
  const draft = useDraft(id);
  const open = useChat((state) => state.open === id);
  const pending = useChat((state) => state.outbox[id]?.at(-1));
  const failed = useChat((state) => state.outbox[id]?.some((item) => item.state === "failed") ?? false);

  if (typing.length > 0) {
    return <em className={styles.preview}>{typingText(typing, users, group, i18n)}</em>;
  }
  if (failed) {
    return (
      <span className={styles.preview}>
        <Ticks tick="failed" />{" "}
        <strong className={styles.bad}>
          <Trans>Not sent</Trans>
        </strong>
      </span>
    );
  }
  if (pending !== undefined) {
    const text = pending.text.slice(0, 200);
    return (
      <span className={styles.preview}>
        <Ticks tick={outboxTick(pending)} /> <Trans>You: {text}</Trans>
      </span>
    );
  }
  // Of the open conversation, the draft is in sight already.
  if (draft !== "" && !open) {
    return (
      <span className={styles.preview}>
        <em>
          <Trans>Draft:</Trans>
        </em>{" "}
        {draft.slice(0, 200)}
      </span>
    );
  }
  const message = conversation.last_message;
  if (message === null) {
    return (
      <span className={styles.preview}>
        <Trans>No message yet</Trans>
      </span>
    );
  }
  const tick = message.kind === "system" ? null : messageTick(message, me, mine);
  return (
    <span className={styles.preview} data-gone={message.deleted_at !== null || message.hidden_at !== null}>
      {tick !== null && <Ticks tick={tick} />} {previewText(message, { me, users, group, i18n })}
    </span>
  );
}
