/** How far one's own message has got. Pure. */
import type { Message, Mine, OutboxItem } from "../../client";

export type Tick = "waiting" | "failed" | "sent" | "delivered" | "read";

/** `null` for what others wrote: only one's own messages carry ticks. */
export function messageTick(
  message: Pick<Message, "seq" | "sender" | "deleted_at">,
  me: string | null,
  mine: Pick<Mine, "others_read_seq" | "others_delivered_seq">,
): Tick | null {
  if (message.sender === null || message.sender !== me || message.deleted_at !== null) return null;
  if (message.seq <= mine.others_read_seq) return "read";
  return message.seq <= mine.others_delivered_seq ? "delivered" : "sent";
}

export function outboxTick(item: Pick<OutboxItem, "state">): Tick {
  return item.state === "failed" ? "failed" : "waiting";
}
