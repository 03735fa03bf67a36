import { useLingui } from "@lingui/react/macro";
import { type ReactNode, useEffect, useId, useRef } from "react";
import { IconButton } from "../Button/Button";
import { Icon } from "../Icon/Icon";
import styles from "./Dialog.module.css";

interface DialogProps {
  title: string;
  children: ReactNode;
  /** Without it the dialog cannot be put away: Escape and the backdrop do nothing. */
  onClose?: () => void;
}

/** The browser's own modal dialog: it traps the focus and gives it back by itself. */
export function Dialog({ title, children, onClose }: DialogProps) {
  const { t } = useLingui();
  const ref = useRef<HTMLDialogElement>(null);
  const heading = useId();

  useEffect(() => {
    const dialog = ref.current;
    const before = document.activeElement;
    dialog?.showModal();
    // By itself it would focus the first button, which closes it.
    dialog?.querySelector("input")?.focus();
    return () => {
      dialog?.close();
      // React takes the element away together with the focus that `close` would give back.
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, []);

  return (
    // biome-ignore lint/a11y/useKeyWithClickEvents: the keyboard's way is Escape, which arrives as `cancel`.
    <dialog
      ref={ref}
      className={styles.dialog}
      aria-labelledby={heading}
      onCancel={(event) => {
        event.preventDefault();
        onClose?.();
      }}
      onClick={(event) => {
        if (event.target === ref.current) onClose?.();
      }}
    >
      <div className={styles.body}>
        <header className={styles.header}>
          <h2 id={heading}>{title}</h2>
          {onClose && (
            <IconButton label={t`Close`} onClick={onClose}>
              <Icon name="close" />
            </IconButton>
          )}
        </header>
        {children}
      </div>
    </dialog>
  );
}
