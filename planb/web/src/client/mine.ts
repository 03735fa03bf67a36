/** What of a conversation is one's own: how marks and the unread count move. Pure. */

import type { Message, Mine } from "./wire";

export const UNREAD_LIMIT = 100;

/** Does it count as unread for `me`: a live message of someone else. What the system says has no sender. */
function counts(message: Message, me: string): boolean {
  return message.sender !== null && message.sender !== me && !message.deleted_at && !message.hidden_at;
}

export interface Counted {
  mine: Mine;
  /** The count may be off: what a changed message was before is not known here. Positions tell. */
  doubtful: boolean;
}

/**
 * Counts messages that arrived up to the change `seq`. `held` gives the form known before, if any.
 * `as_of` says which changes the count knows already, so that nothing is counted twice.
 */
export function countArrivals(
  mine: Mine,
  messages: readonly Message[],
  seq: number,
  me: string,
  held: (id: string) => Message | undefined,
): Counted {
  let { unread } = mine;
  let doubtful = false;
  for (const message of messages) {
    if (message.changed_seq <= mine.as_of || message.seq <= mine.read_seq) continue;
    const now = counts(message, me) ? 1 : 0;
    if (message.seq > mine.as_of) {
      unread += now;
      continue;
    }
    const before = held(message.id);
    if (before) unread += now - (counts(before, me) ? 1 : 0);
    else if (message.sender !== me && now === 0) doubtful = true;
    // Counting stops at the limit, so that nothing is known about how many lie beyond it.
    if (now === 0 && mine.unread >= UNREAD_LIMIT) doubtful = true;
  }
  const as_of = Math.max(mine.as_of, seq);
  if (unread === mine.unread && as_of === mine.as_of) return { mine, doubtful };
  return { mine: { ...mine, unread: Math.min(Math.max(unread, 0), UNREAD_LIMIT), as_of }, doubtful };
}

/**
 * Takes what the server says, unless what is here is further: marks only grow, and a mark that was set here may not
 * have reached the server yet. `since` are the messages known to be born after `incoming.as_of`.
 */
export function mergeMine(
  held: Mine | undefined,
  incoming: Mine,
  me: string,
  messages: readonly Message[],
): Counted {
  if (!held) return { mine: incoming, doubtful: false };
  if (incoming.read_seq < held.read_seq) {
    const { read_seq, unread, as_of } = held;
    return { mine: { ...incoming, read_seq, unread, as_of }, doubtful: false };
  }
  if (incoming.as_of >= held.as_of) return { mine: incoming, doubtful: false };
  const since = messages.filter((message) => message.seq > incoming.as_of);
  const { mine } = countArrivals(incoming, since, held.as_of, me, () => undefined);
  const covered = (messages[0]?.seq ?? Number.POSITIVE_INFINITY) <= incoming.as_of + 1;
  return { mine, doubtful: !covered };
}

/**
 * The reader has seen everything up to `seq`. `messages` is the stretch held; where it does not reach the newest
 * message (`complete` is false) the count stays until the server's answer.
 */
export function readUpTo(
  mine: Mine,
  seq: number,
  me: string,
  messages: readonly Message[],
  complete: boolean,
): Mine {
  if (seq <= mine.read_seq && !mine.marked_unread) return mine;
  const after = messages.filter((message) => message.seq > seq && counts(message, me)).length;
  const unread = complete ? Math.min(after, mine.unread) : mine.unread;
  return { ...mine, read_seq: Math.max(seq, mine.read_seq), unread, marked_unread: false };
}
