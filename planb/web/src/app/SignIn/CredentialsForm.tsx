import { Trans, useLingui } from "@lingui/react/macro";
import { type FormEvent, useEffect, useRef, useState } from "react";
import { type ChatErrorData, errorData } from "../../client";
import { useSocket } from "../../react/useSocket";
import { Button } from "../ui/Button/Button";
import { Field } from "../ui/Field/Field";
import { errorText } from "../words/errors";
import styles from "./SignIn.module.css";

interface CredentialsFormProps {
  joining: boolean;
  /** Where a session ended by itself, the form goes on with it. */
  submitLabel?: string;
}

/** User name and password, with what went wrong told beside the field that it is about. */
export function CredentialsForm({ joining, submitLabel }: CredentialsFormProps) {
  const { t, i18n } = useLingui();
  const client = useSocket();
  const form = useRef<HTMLFormElement>(null);
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<ChatErrorData | null>(null);

  useEffect(() => form.current?.querySelector("input")?.focus(), []);

  async function submit(event: FormEvent) {
    event.preventDefault();
    if (form.current === null || busy) return;
    const data = new FormData(form.current);
    const read = (name: string) => String(data.get(name) ?? "");
    const credentials = { username: read("username").trim(), password: read("password") };
    setBusy(true);
    setError(null);
    try {
      if (joining) await client.signUp({ ...credentials, display_name: read("display_name").trim() });
      else await client.signIn(credentials);
    } catch (thrown) {
      const data = errorData(thrown);
      setError(data);
      setBusy(false);
      const wrong = Object.keys(data.fields ?? {})[0] ?? "password";
      const field = form.current.elements.namedItem(wrong);
      if (field instanceof HTMLInputElement) field.focus();
    }
  }

  const fields = { ...error?.fields };
  // The one refusal that has a field and words of our own: the server's are in its language.
  if (joining && error?.code === "conflict") fields.username = t`This user name is taken.`;
  // Said beside its field, it need not be said again below.
  const told = fields.username ?? fields.password ?? fields.display_name;
  return (
    <form ref={form} className={styles.form} onSubmit={submit}>
      {joining && (
        <Field
          label={t`Your name, as others see it`}
          name="display_name"
          autoComplete="name"
          maxLength={80}
          required
          error={fields.display_name}
        />
      )}
      <Field
        label={t`User name`}
        name="username"
        autoComplete="username"
        autoCapitalize="none"
        spellCheck={false}
        maxLength={150}
        required
        error={fields.username}
      />
      <Field
        label={t`Password`}
        name="password"
        type="password"
        autoComplete={joining ? "new-password" : "current-password"}
        minLength={joining ? 8 : undefined}
        maxLength={256}
        required
        error={fields.password}
        hint={joining ? t`At least 8 characters.` : undefined}
      />
      <p className={styles.error} role="alert">
        {error !== null && told === undefined && refusal(error)}
      </p>
      <Button look="primary" type="submit" disabled={busy} aria-busy={busy}>
        {submitLabel ?? (joining ? <Trans>Create the account</Trans> : <Trans>Sign in</Trans>)}
      </Button>
    </form>
  );

  function refusal(data: ChatErrorData): string {
    if (!joining && data.code === "unauthenticated") return t`The user name or the password is wrong.`;
    if (joining && data.code === "forbidden") return t`New accounts cannot be made here.`;
    return errorText(data, i18n);
  }
}
