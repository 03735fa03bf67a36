import { Trans, useLingui } from "@lingui/react/macro";
import { useState } from "react";
import { Preferences } from "../AccountMenu/Preferences";
import { Button } from "../ui/Button/Button";
import { Logo } from "../ui/Logo/Logo";
import { CredentialsForm } from "./CredentialsForm";
import styles from "./SignIn.module.css";

/** The first page: sign in, or make an account. */
export function SignIn() {
  const { t } = useLingui();
  const [joining, setJoining] = useState(false);
  return (
    <main className={styles.page}>
      <div className={styles.card}>
        <header>
          <Logo large />
          <h1>{joining ? t`Create your account` : t`Good to see you again`}</h1>
          <p>
            <Trans>Talk about what you buy, sell and share.</Trans>
          </p>
        </header>
        <CredentialsForm key={String(joining)} joining={joining} />
        <p className={styles.other}>
          {joining ? <Trans>You have an account?</Trans> : <Trans>New here?</Trans>}
          <Button look="quiet" onClick={() => setJoining(!joining)}>
            {joining ? <Trans>Sign in instead</Trans> : <Trans>Create an account</Trans>}
          </Button>
        </p>
      </div>
      <footer className={styles.footer}>
        <Preferences />
      </footer>
    </main>
  );
}
