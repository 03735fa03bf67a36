import { Trans, useLingui } from "@lingui/react/macro";
import { useSocket } from "../../react/useSocket";
import { CredentialsForm } from "../SignIn/CredentialsForm";
import { Button } from "../ui/Button/Button";
import { Dialog } from "../ui/Dialog/Dialog";

/** The session ended by itself. What was written stays, and leaves once its author has signed in again. */
export function ExpiredDialog() {
  const { t } = useLingui();
  const client = useSocket();
  return (
    <Dialog title={t`Your session has ended`}>
      <p>
        <Trans>Sign in again to go on. Nothing that you wrote is lost.</Trans>
      </p>
      <CredentialsForm joining={false} />
      <Button look="quiet" onClick={() => void client.signOut()}>
        <Trans>Sign out and drop unsent messages</Trans>
      </Button>
    </Dialog>
  );
}
