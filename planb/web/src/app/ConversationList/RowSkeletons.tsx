import { useLingui } from "@lingui/react/macro";
import styles from "./ConversationRow.module.css";

export function RowSkeletons({ count }: { count: number }) {
  const { t } = useLingui();
  return (
    <>
      <span className="visually-hidden">{t`Loading…`}</span>
      {Array.from({ length: count }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: all alike and never reordered.
        <div key={index} className={styles.skeleton} aria-hidden="true">
          <i />
          <b />
          <span />
        </div>
      ))}
    </>
  );
}
