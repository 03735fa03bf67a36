import { Plural, Trans, useLingui } from "@lingui/react/macro";
import { useId, useRef, useState } from "react";
import { useChat, useSocket } from "../../react/useSocket";
import { Avatar } from "../ui/Avatar/Avatar";
import { Button } from "../ui/Button/Button";
import { Dialog } from "../ui/Dialog/Dialog";
import styles from "./AccountMenu.module.css";
import { Preferences } from "./Preferences";

/** Who I am, language, look, and the way out. */
export function AccountMenu() {
  const { t } = useLingui();
  const client = useSocket();
  const me = useChat((state) => state.auth.me);
  // What a moderator looks at has left.
  const unsent = useChat(
    ({ outbox }) =>
      Object.values(outbox)
        .flat()
        .filter((item) => item.state !== "held").length,
  );
  const [asking, setAsking] = useState(false);
  const [open, setOpen] = useState(false);
  const id = useId();
  const panel = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  if (me === null) return null;

  /** Below the button and inside the window; the popover lies in the top layer, where no parent places it. */
  function place() {
    const box = button.current?.getBoundingClientRect();
    if (box === undefined || panel.current === null) return;
    panel.current.style.top = `${box.bottom + 8}px`;
    panel.current.style.left = `${Math.max(8, Math.min(box.left - 8, window.innerWidth - 296))}px`;
  }

  function leave() {
    panel.current?.hidePopover();
    if (unsent > 0) setAsking(true);
    else void client.signOut();
  }

  return (
    <>
      <button
        ref={button}
        type="button"
        className={styles.button}
        popoverTarget={id}
        aria-haspopup="dialog"
        aria-expanded={open}
        title={t`Account and settings`}
      >
        <Avatar id={me.id} name={me.display_name} size={36} />
        <span className="visually-hidden">{t`Account and settings`}</span>
      </button>
      <div
        ref={panel}
        id={id}
        className={styles.panel}
        popover="auto"
        role="dialog"
        aria-label={t`Account and settings`}
        onBeforeToggle={place}
        onToggle={(event) => setOpen(event.newState === "open")}
      >
        <p className={styles.who}>
          <Avatar id={me.id} name={me.display_name} size={40} />
          <b>{me.display_name}</b>
        </p>
        <Preferences />
        <Button look="danger" className={styles.leave} onClick={leave}>
          <Trans>Sign out</Trans>
        </Button>
      </div>
      {asking && (
        <Dialog title={t`Sign out?`} onClose={() => setAsking(false)}>
          <p>
            <Plural
              value={unsent}
              one="# message has not left yet. It is lost if you sign out now."
              other="# messages have not left yet. They are lost if you sign out now."
            />
          </p>
          <div className={styles.actions}>
            <Button onClick={() => setAsking(false)}>
              <Trans>Stay</Trans>
            </Button>
            <Button look="danger" onClick={() => void client.signOut()}>
              <Trans>Sign out anyway</Trans>
            </Button>
          </div>
        </Dialog>
      )}
    </>
  );
}
