import type { ComponentProps } from "react";
import styles from "./Button.module.css";

interface ButtonProps extends ComponentProps<"button"> {
  look?: "primary" | "plain" | "quiet" | "danger";
}

export function Button({ look = "plain", type = "button", className, ...rest }: ButtonProps) {
  const names = [styles.button, className].filter(Boolean).join(" ");
  return <button {...rest} type={type} className={names} data-look={look} />;
}

/** A button that shows a picture only; `label` is its name for everyone else. */
export function IconButton({
  label,
  type = "button",
  className,
  ...rest
}: ComponentProps<"button"> & { label: string }) {
  const names = [styles.icon, className].filter(Boolean).join(" ");
  return <button {...rest} type={type} className={names} aria-label={label} title={label} />;
}
