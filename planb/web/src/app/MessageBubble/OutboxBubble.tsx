import { Trans, useLingui } from "@lingui/react/macro";
import { memo } from "react";
import type { OutboxItem } from "../../client";
import { useSocket } from "../../react/useSocket";
import { Button } from "../ui/Button/Button";
import { Ticks } from "../ui/Ticks/Ticks";
import { clockTime } from "../words/dates";
import { errorText } from "../words/errors";
import { outboxTick } from "../words/ticks";
import styles from "./MessageBubble.module.css";
import { RichText } from "./RichText";

interface OutboxBubbleProps {
  item: OutboxItem;
  first: boolean;
  last: boolean;
}

/** A message on its way. Where it cannot go, why, and what can be done about it. */
export const OutboxBubble = memo(function OutboxBubble({ item, first, last }: OutboxBubbleProps) {
  const { t, i18n } = useLingui();
  const client = useSocket();
  const failed = item.state === "failed";
  return (
    <article className={styles.line} data-own="true" data-first={first} data-last={last}>
      <div className={styles.bubble} data-state={item.state}>
        <span className="visually-hidden">{t`You`}: </span>
        <span className={styles.text} dir="auto">
          <RichText text={item.text} />
        </span>
        <span className={styles.meta}>
          <time dateTime={new Date(item.createdAt).toISOString()}>
            {clockTime(new Date(item.createdAt), i18n)}
          </time>
          <Ticks tick={outboxTick(item)} />
        </span>
      </div>
      {item.state === "held" && (
        <p className={styles.note}>
          <Trans>A moderator looks at it before it is delivered.</Trans>
        </p>
      )}
      {failed && (
        <div className={styles.failure} role="alert">
          <p>
            <Trans>Not sent.</Trans> {item.error !== null && errorText(item.error, i18n)}
          </p>
          <Button look="quiet" onClick={() => client.retrySend(item.client_id)}>
            <Trans>Retry</Trans>
          </Button>
          <Button look="danger" onClick={() => void client.discardSend(item.client_id)}>
            <Trans>Discard</Trans>
          </Button>
        </div>
      )}
    </article>
  );
});
