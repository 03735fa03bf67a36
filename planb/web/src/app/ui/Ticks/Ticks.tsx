import { useLingui } from "@lingui/react/macro";
import type { Tick } from "../../words/ticks";
import { Icon } from "../Icon/Icon";
import styles from "./Ticks.module.css";

/** How far a message has got: drawn, and in words for those who do not see it. */
export function Ticks({ tick }: { tick: Tick }) {
  const { t } = useLingui();
  const words = {
    waiting: t`Waiting to be sent`,
    failed: t`Not sent`,
    sent: t`Sent`,
    delivered: t`Delivered`,
    read: t`Read`,
  }[tick];
  return (
    <span className={styles.ticks} data-tick={tick} title={words}>
      {tick === "waiting" && <Icon name="clock" size={13} />}
      {tick === "failed" && <Icon name="alert" size={13} />}
      {(tick === "sent" || tick === "delivered" || tick === "read") && (
        <svg viewBox="0 0 20 12" width="17" height="10" aria-hidden="true" focusable="false">
          <path d={tick === "sent" ? "M5 6.5l3.5 3.5L16 2" : "M1.5 6.5L5 10l7.5-8M9.5 9.5l.5.5L17.5 2"} />
        </svg>
      )}
      <span className="visually-hidden">{words}</span>
    </span>
  );
}
