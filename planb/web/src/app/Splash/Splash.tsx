import { Trans } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { useSocket } from "../../react/useSocket";
import { Button } from "../ui/Button/Button";
import { Logo } from "../ui/Logo/Logo";
import styles from "./Splash.module.css";

const PATIENCE = 2_500;

/** While it is not known yet who is here. Says why only when it takes long. */
export function Splash() {
  const client = useSocket();
  const [late, setLate] = useState(false);

  useEffect(() => {
    const handle = setTimeout(() => setLate(true), PATIENCE);
    return () => clearTimeout(handle);
  }, []);

  return (
    <main className={styles.splash}>
      <Logo large />
      <div className={styles.words} role="status">
        {late && (
          <>
            <p>
              <Trans>The server cannot be reached right now. We keep trying.</Trans>
            </p>
            <Button onClick={() => client.retryNow()}>
              <Trans>Try again now</Trans>
            </Button>
          </>
        )}
      </div>
    </main>
  );
}
