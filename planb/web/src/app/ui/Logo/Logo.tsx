import styles from "./Logo.module.css";

export function Logo({ large = false }: { large?: boolean }) {
  return (
    <span className={styles.logo} data-large={large} translate="no">
      Plan<b>B</b>
    </span>
  );
}
