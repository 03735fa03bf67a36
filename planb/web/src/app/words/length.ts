/** The length that the server counts: code points, after NFC and with one character per line break. Pure. */
export function textLength(text: string): number {
  let length = 0;
  for (const _ of text.normalize("NFC").replace(/\r\n?/g, "\n")) length += 1;
  return length;
}
