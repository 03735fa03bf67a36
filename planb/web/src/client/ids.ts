/** UUIDv7: made while composing, and sorted as written. */

let lastTime = 0;
let counter = 0;

/** Works on pages that are not served securely too, where `crypto.randomUUID` is missing. */
export function uuid7(now: number): string {
  if (now > lastTime) {
    lastTime = now;
    counter = 0;
  } else {
    counter = (counter + 1) & 0xfff;
    // 4,096 ids in a millisecond, or a clock that went back: borrow from the future rather than break the order.
    if (counter === 0) lastTime += 1;
  }
  const bytes = crypto.getRandomValues(new Uint8Array(8));
  bytes[0] = ((bytes[0] ?? 0) & 0x3f) | 0x80;
  const time = lastTime.toString(16).padStart(12, "0");
  const tail = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  const middle = (0x7000 | counter).toString(16);
  return `${time.slice(0, 8)}-${time.slice(8)}-${middle}-${tail.slice(0, 4)}-${tail.slice(4)}`;
}
