import { useLingui } from "@lingui/react/macro";
import { type ComponentProps, useId, useState } from "react";
import { IconButton } from "../Button/Button";
import { Icon } from "../Icon/Icon";
import styles from "./Field.module.css";

interface FieldProps extends ComponentProps<"input"> {
  label: string;
  hint?: string | undefined;
  error?: string | undefined;
}

/** A labelled input; a password can be looked at. */
export function Field({ label, hint, error, type = "text", ...rest }: FieldProps) {
  const { t } = useLingui();
  const id = useId();
  const [shown, setShown] = useState(false);
  const password = type === "password";
  const note = error ?? hint;
  return (
    <div className={styles.field} data-bad={error !== undefined}>
      <label htmlFor={id}>{label}</label>
      <div className={styles.box}>
        <input
          {...rest}
          id={id}
          type={password && shown ? "text" : type}
          aria-invalid={error !== undefined}
          aria-describedby={note === undefined ? undefined : `${id}-note`}
        />
        {password && (
          <IconButton
            label={shown ? t`Hide the password` : t`Show the password`}
            aria-pressed={shown}
            onClick={() => setShown(!shown)}
          >
            <Icon name="eye" />
          </IconButton>
        )}
      </div>
      {note !== undefined && (
        <p id={`${id}-note`} className={styles.note}>
          {note}
        </p>
      )}
    </div>
  );
}
