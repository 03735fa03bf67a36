import { Trans, useLingui } from "@lingui/react/macro";
import { useEffect, useState } from "react";
import { useChat, useSocket } from "../../react/useSocket";
import { Icon } from "../ui/Icon/Icon";
import styles from "./Banner.module.css";

/** Short gaps are not worth a word. */
const PATIENCE = 900;
const GOOD_NEWS = 2_400;

/** The state of the connection in words, with the promise that nothing written is lost. */
export function Banner() {
  const state = useChat((chat) => chat.connection.state);
  const reason = useChat((chat) => chat.connection.reason);
  const attempt = useChat((chat) => chat.connection.attempt);
  const retryAt = useChat((chat) => chat.connection.retryAt);
  const signedIn = useChat((chat) => chat.auth.status === "in");
  const down = signedIn && state !== "connected";
  const shown = useDelayed(down);
  const back = useGoodNews(shown && down);

  return (
    <div role="status" className={styles.place}>
      {shown && down && (
        <Down reason={reason} attempt={attempt} retryAt={retryAt} busy={state === "connecting"} />
      )}
      {back && (
        <p className={styles.back}>
          <Icon name="check" size={16} />
          <Trans>Connected again.</Trans>
        </p>
      )}
    </div>
  );
}

interface DownProps {
  reason: string | null;
  attempt: number;
  retryAt: number | null;
  busy: boolean;
}

function Down({ reason, attempt, retryAt, busy }: DownProps) {
  const { t } = useLingui();
  const client = useSocket();
  const words: Record<string, string> = {
    replaced: t`Plan B is open in too many places. This one has stopped.`,
    upgrade_required: t`This page is out of date. Please load it again.`,
    suspended: t`This account is suspended.`,
    bad_origin: t`The server does not take connections from this address.`,
  };
  const stopped = reason !== null ? words[reason] : undefined;
  return (
    <p className={styles.down}>
      {stopped ?? (
        <>
          <span>{attempt === 0 && busy ? t`Connecting…` : t`No connection.`}</span>{" "}
          {!busy && retryAt !== null && <Countdown until={retryAt} />}
          <span>{t`Your messages will leave by themselves.`}</span>
        </>
      )}{" "}
      {reason === "upgrade_required" ? (
        <button type="button" onClick={() => window.location.reload()}>
          <Trans>Load again</Trans>
        </button>
      ) : (
        <button type="button" onClick={() => client.retryNow()} disabled={busy}>
          {busy ? <Trans>Connecting…</Trans> : <Trans>Retry now</Trans>}
        </button>
      )}
    </p>
  );
}

/** Hidden from screen readers: a number that is read out every second is no help. */
function Countdown({ until }: { until: number }) {
  const [now, setNow] = useState(Date.now);
  useEffect(() => {
    const handle = setInterval(() => setNow(Date.now()), 250);
    return () => clearInterval(handle);
  }, []);
  const seconds = Math.max(0, Math.ceil((until - now) / 1000));
  return (
    <span aria-hidden="true" className={styles.countdown}>
      {seconds === 0 ? <Trans>Reconnecting…</Trans> : <Trans>Reconnecting in {seconds} s.</Trans>}{" "}
    </span>
  );
}

function useDelayed(wanted: boolean): boolean {
  const [shown, setShown] = useState(false);
  useEffect(() => {
    if (!wanted) return setShown(false);
    const handle = setTimeout(() => setShown(true), PATIENCE);
    return () => clearTimeout(handle);
  }, [wanted]);
  return shown;
}

function useGoodNews(down: boolean): boolean {
  const [wasDown, setWasDown] = useState(false);
  const [news, setNews] = useState(false);
  if (down && !wasDown) setWasDown(true);
  if (down && news) setNews(false);
  if (!down && wasDown) {
    setWasDown(false);
    setNews(true);
  }
  useEffect(() => {
    if (!news) return;
    const handle = setTimeout(() => setNews(false), GOOD_NEWS);
    return () => clearTimeout(handle);
  }, [news]);
  return news;
}
