import { Trans, useLingui } from "@lingui/react/macro";
import { useCallback, useEffect, useState } from "react";
import { useSocket } from "../../react/useSocket";
import { Announcer } from "../Announcer/Announcer";
import { Banner } from "../Banner/Banner";
import { ConversationList } from "../ConversationList/ConversationList";
import { NewConversation } from "../NewConversation/NewConversation";
import { conversationPath, navigate, useRoute } from "../place/router";
import { Thread } from "../Thread/Thread";
import { Icon } from "../ui/Icon/Icon";
import styles from "./Messenger.module.css";
import { useScreenPresence } from "./useScreenPresence";
import { useShortcuts } from "./useShortcuts";
import { useTitle } from "./useTitle";

/** List and thread side by side; on a phone one of them at a time. */
export function Messenger() {
  const { t } = useLingui();
  const client = useSocket();
  const open = useRoute();
  const [composing, setComposing] = useState(false);
  useTitle(open);
  useScreenPresence(open);
  useShortcuts();

  useEffect(() => {
    void client.openConversation(open);
  }, [client, open]);

  const startNew = useCallback(() => setComposing(true), []);
  const closeNew = useCallback(() => setComposing(false), []);
  const goTo = useCallback((id: string) => {
    setComposing(false);
    navigate(conversationPath(id));
  }, []);

  return (
    <div className={styles.app} data-place={open === null ? "list" : "thread"}>
      <Banner />
      <nav className={styles.list} aria-label={t`Conversations`}>
        <ConversationList open={open} onNew={startNew} />
      </nav>
      <main className={styles.thread}>
        {open === null ? <NothingOpen /> : <Thread key={open} id={open} />}
      </main>
      {composing && <NewConversation onClose={closeNew} onCreated={goTo} />}
      <Announcer open={open} />
    </div>
  );
}

function NothingOpen() {
  return (
    <div className={styles.nothing}>
      <Icon name="chats" size={44} />
      <p>
        <Trans>Choose a conversation to read it here.</Trans>
      </p>
    </div>
  );
}
