import { useLingui } from "@lingui/react/macro";
import { useTyping } from "../../react/useTyping";
import { useUsers } from "../../react/useUsers";
import { typingText } from "../words/typing";
import styles from "./MessageList.module.css";

/** The last row of every thread: who is typing, or nothing but a little room above the composer. */
export function TypingBubble({ conversation, group }: { conversation: string; group: boolean }) {
  const { i18n } = useLingui();
  const typing = useTyping(conversation);
  const users = useUsers(typing);
  return (
    <div className={styles.end}>
      {typing.length > 0 && (
        <p className={styles.typing}>
          <span className={styles.dots} aria-hidden="true">
            <i />
            <i />
            <i />
          </span>
          <span className={group ? undefined : "visually-hidden"}>
            {typingText(typing, users, group, i18n)}
          </span>
        </p>
      )}
    </div>
  );
}
