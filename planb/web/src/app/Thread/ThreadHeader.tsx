import { Plural, Trans, useLingui } from "@lingui/react/macro";
import type { Ref } from "react";
import type { Conversation } from "../../client";
import { useNow } from "../../react/useNow";
import { usePresence } from "../../react/usePresence";
import { useTyping } from "../../react/useTyping";
import { useMe, useUsers } from "../../react/useUsers";
import { knownPresence } from "../ConversationList/ConversationRow";
import { goBack } from "../place/router";
import { Avatar } from "../ui/Avatar/Avatar";
import { IconButton } from "../ui/Button/Button";
import { Icon } from "../ui/Icon/Icon";
import { ago } from "../words/dates";
import { otherPerson } from "../words/names";
import { typingText } from "../words/typing";
import styles from "./Thread.module.css";

interface ThreadHeaderProps {
  conversation: Conversation;
  title: string;
  headingRef: Ref<HTMLHeadingElement>;
}

export function ThreadHeader({ conversation, title, headingRef }: ThreadHeaderProps) {
  const { t } = useLingui();
  const me = useMe();
  const other = otherPerson(conversation, me);
  const presence = usePresence(other === me ? null : other);
  return (
    <header className={styles.header}>
      <IconButton className={styles.backward} label={t`Back to the list`} onClick={goBack}>
        <Icon name="back" />
      </IconButton>
      <Avatar
        id={other ?? conversation.id}
        name={title}
        size={40}
        presence={knownPresence(presence?.state)}
        group={conversation.kind !== "direct"}
      />
      <div className={styles.who}>
        <h1 ref={headingRef} tabIndex={-1} translate="no">
          <bdi>{title}</bdi>
        </h1>
        <p>
          <Status conversation={conversation} other={other} />
        </p>
      </div>
    </header>
  );
}

function Status({ conversation, other }: { conversation: Conversation; other: string | null }) {
  const { i18n } = useLingui();
  const typing = useTyping(conversation.id);
  const users = useUsers(typing);
  const presence = usePresence(other);
  const now = useNow();
  if (typing.length > 0) {
    return <em>{typingText(typing, users, other === null, i18n)}</em>;
  }
  if (other === null) {
    return <Plural value={conversation.participant_count} one="# person" other="# people" />;
  }
  if (presence === undefined) return null;
  if (presence.state === "online") return <Trans>Online</Trans>;
  if (presence.state === "away") return <Trans>Away</Trans>;
  if (presence.last_seen === null) return <Trans>Offline</Trans>;
  const when = ago(new Date(presence.last_seen), new Date(now), i18n);
  return <Trans>Seen {when}</Trans>;
}

ThreadHeader.Skeleton = function HeaderSkeleton() {
  const { t } = useLingui();
  return (
    <header className={styles.header}>
      <IconButton className={styles.backward} label={t`Back to the list`} onClick={goBack}>
        <Icon name="back" />
      </IconButton>
      <i className={styles.ghost} />
      <span className={styles.ghostName} />
      <span className="visually-hidden">{t`Loading…`}</span>
    </header>
  );
};
