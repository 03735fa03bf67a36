import { Plural, useLingui } from "@lingui/react/macro";
import { badgeText } from "../ConversationList/ConversationRow";
import { Icon } from "../ui/Icon/Icon";
import styles from "./MessageList.module.css";

interface JumpButtonProps {
  shown: boolean;
  /** Unread messages further down. */
  count: number;
  onJump: () => void;
}

export function JumpButton({ shown, count, onJump }: JumpButtonProps) {
  const { t } = useLingui();
  if (!shown) return null;
  return (
    <button type="button" className={styles.jump} onClick={onJump} title={t`To the newest message`}>
      <Icon name="down" />
      <span className="visually-hidden">{t`To the newest message`}</span>
      {count > 0 && (
        <span className={styles.count}>
          <span aria-hidden="true">{badgeText(count)}</span>
          <span className="visually-hidden">
            <Plural value={count} one="# unread message" other="# unread messages" />
          </span>
        </span>
      )}
    </button>
  );
}
