import { Trans } from "@lingui/react/macro";
import { Component, type ReactNode } from "react";
import styles from "../Splash/Splash.module.css";
import { Button } from "../ui/Button/Button";
import { Logo } from "../ui/Logo/Logo";

/** Instead of an empty page when a screen fails. What was written is in the outbox and the drafts, and survives. */
export class Crash extends Component<{ children: ReactNode }, { failed: boolean }> {
  override state = { failed: false };

  static getDerivedStateFromError() {
    return { failed: true };
  }

  override render() {
    if (!this.state.failed) return this.props.children;
    return (
      <main className={styles.splash}>
        <Logo large />
        <div className={styles.words} role="alert">
          <p>
            <Trans>Something went wrong on this page. What you wrote is kept.</Trans>
          </p>
          <Button look="primary" onClick={() => window.location.reload()}>
            <Trans>Load again</Trans>
          </Button>
        </div>
      </main>
    );
  }
}
