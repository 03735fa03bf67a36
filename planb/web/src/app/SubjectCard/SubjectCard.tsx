import { Trans } from "@lingui/react/macro";
import type { Subject } from "../../client";
import { Icon } from "../ui/Icon/Icon";
import { safeHref } from "../words/links";
import styles from "./SubjectCard.module.css";

/** What people write about stays in sight: the listing, as the deployment's resolver described it. */
export function SubjectCard({ subject }: { subject: Subject }) {
  const url = subject.url === null ? null : safeHref(subject.url, window.location.origin);
  return (
    <aside className={styles.card}>
      {subject.image === null ? (
        <span className={styles.picture}>
          <Icon name="tag" />
        </span>
      ) : (
        <img className={styles.picture} src={subject.image} alt="" width={40} height={40} />
      )}
      <b>{subject.title}</b>
      {url !== null && (
        <a href={url} target="_blank" rel="noopener noreferrer">
          <Trans>See the listing</Trans>
        </a>
      )}
    </aside>
  );
}
