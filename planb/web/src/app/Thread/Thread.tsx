import { Trans, useLingui } from "@lingui/react/macro";
import { useCallback, useEffect, useRef } from "react";
import { useConversation } from "../../react/useConversation";
import { useMessages } from "../../react/useMessages";
import { useMe, useUsers } from "../../react/useUsers";
import { Composer } from "../Composer/Composer";
import closed from "../Composer/Composer.module.css";
import { MessageList, type MessageListHandle } from "../MessageList/MessageList";
import { goBack } from "../place/router";
import { SubjectCard } from "../SubjectCard/SubjectCard";
import { Button } from "../ui/Button/Button";
import { conversationTitle, peopleNamed } from "../words/names";
import styles from "./Thread.module.css";
import { ThreadHeader } from "./ThreadHeader";

/** One conversation, whole: whom with, about what, what was said, and the place to answer. */
export function Thread({ id }: { id: string }) {
  const { t } = useLingui();
  const entry = useConversation(id);
  const { window } = useMessages(id);
  const me = useMe();
  const users = useUsers(entry === undefined ? [] : peopleNamed(entry.conversation));
  const list = useRef<MessageListHandle>(null);
  const field = useRef<HTMLTextAreaElement>(null);
  const heading = useRef<HTMLHeadingElement>(null);
  const onSent = useCallback(() => list.current?.toNewest(), []);
  const here = entry !== undefined;

  useEffect(() => {
    if (!here) return;
    // On a touch screen the field would bring up the keyboard; the name is read out instead.
    const target = globalThis.matchMedia("(pointer: fine)").matches ? field.current : heading.current;
    target?.focus({ preventScroll: true });
  }, [here]);

  if (entry === undefined) {
    if (window?.error != null && window.loading === "none") return <Missing code={window.error.code} />;
    return (
      <section className={styles.thread} aria-busy="true">
        <ThreadHeader.Skeleton />
      </section>
    );
  }

  const { conversation, mine } = entry;
  const title = conversationTitle(conversation, users, me, t`Someone`);
  return (
    <section className={styles.thread} aria-label={t`Conversation with ${title}`}>
      <ThreadHeader conversation={conversation} title={title} headingRef={heading} />
      {conversation.subject !== null && <SubjectCard subject={conversation.subject} />}
      <MessageList ref={list} id={id} entry={entry} />
      {mine.can.includes("send") ? (
        <Composer id={id} title={title} onSent={onSent} fieldRef={field} />
      ) : (
        <p className={closed.closed}>
          {conversation.closed_at === null ? (
            <Trans>You cannot write here.</Trans>
          ) : (
            <Trans>This conversation is closed.</Trans>
          )}
        </p>
      )}
    </section>
  );
}

/** A conversation that is not there, or not for this person: the two look alike. */
function Missing({ code }: { code: string }) {
  return (
    <div className={styles.missing} role="alert">
      <p>
        {code === "not_found" ? (
          <Trans>This conversation does not exist, or it is not yours to read.</Trans>
        ) : (
          <Trans>The conversation could not be loaded. It comes as soon as the server answers.</Trans>
        )}
      </p>
      <Button onClick={goBack}>
        <Trans>To the list</Trans>
      </Button>
    </div>
  );
}
