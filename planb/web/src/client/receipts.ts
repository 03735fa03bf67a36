/** Read and delivered marks of others: they only grow. Pure. */

import type { Conversation, Mine, Receipt, Receipts } from "./wire";

/** The same map is returned if nothing grew. Read implies delivered. */
export function growReceipts(held: Receipts, incoming: Readonly<Record<string, Partial<Receipt>>>): Receipts {
  let result = held;
  for (const [user, { read_seq = 0, delivered_seq = 0 }] of Object.entries(incoming)) {
    const before = held[user] ?? { read_seq: 0, delivered_seq: 0 };
    const read = Math.max(before.read_seq, read_seq);
    const delivered = Math.max(before.delivered_seq, delivered_seq, read);
    if (read === before.read_seq && delivered === before.delivered_seq && held[user]) continue;
    if (result === held) result = { ...held };
    result[user] = { read_seq: read, delivered_seq: delivered };
  }
  return result;
}

export function sumOfMarks(receipts: Receipts): number {
  let sum = 0;
  for (const { read_seq, delivered_seq } of Object.values(receipts)) sum += read_seq + delivered_seq;
  return sum;
}

/** What every other participant has read and had delivered; null where that cannot be known from `receipts`. */
export function othersMarks(conversation: Conversation, me: string, receipts: Receipts): Receipt | null {
  if (conversation.participant_count > conversation.participants.length) return null;
  const others = conversation.participants.filter(({ user }) => user !== me);
  if (others.length === 0) return null;
  const marks: Receipt = { read_seq: Number.MAX_SAFE_INTEGER, delivered_seq: Number.MAX_SAFE_INTEGER };
  for (const { user } of others) {
    const receipt = receipts[user];
    if (!receipt) return null;
    marks.read_seq = Math.min(marks.read_seq, receipt.read_seq);
    marks.delivered_seq = Math.min(marks.delivered_seq, receipt.delivered_seq);
  }
  return marks;
}

export function withOthersMarks(mine: Mine, marks: Receipt | null): Mine {
  if (!marks) return mine;
  const { read_seq: others_read_seq, delivered_seq: others_delivered_seq } = marks;
  if (mine.others_read_seq === others_read_seq && mine.others_delivered_seq === others_delivered_seq)
    return mine;
  return { ...mine, others_read_seq, others_delivered_seq };
}
