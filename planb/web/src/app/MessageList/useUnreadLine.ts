import { useCallback, useState } from "react";
import type { Mine } from "../../client";

interface UnreadLine {
  /** The line stands before the first message of others after this `seq`; null: no line. */
  after: number | null;
  count: number;
  clear: () => void;
}

const NONE = { after: null, count: 0 };

/** Fixed when the conversation is opened, and again when somebody comes back to it: reading does not move it. */
export function useUnreadLine(mine: Mine, attention: boolean): UnreadLine {
  const [line, setLine] = useState(() => markOf(mine));
  const [looked, setLooked] = useState(attention);
  if (attention !== looked) {
    setLooked(attention);
    if (attention && mine.unread > 0) setLine(markOf(mine));
  }
  const clear = useCallback(() => setLine(NONE), []);
  return { ...line, clear };
}

function markOf(mine: Mine): { after: number | null; count: number } {
  return mine.unread > 0 ? { after: mine.read_seq, count: mine.unread } : NONE;
}
