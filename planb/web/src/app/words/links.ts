/** Finds the links in a text that people wrote. Only http, https and mailto ever become one. */

export type Segment = { kind: "text"; text: string } | { kind: "link"; text: string; href: string };

// Bidirectional controls end a link: with them an address could be shown backwards.
const CANDIDATE =
  /(?:https?:\/\/|www\.|mailto:)[^\s<>"'`\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+/giu;
const TRAILING = /[.,;:!?…»”’'"*_~]$/u;
const PAIRS: Record<string, string> = { ")": "(", "]": "[", "}": "{" };

export function findLinks(text: string): Segment[] {
  const segments: Segment[] = [];
  let end = 0;
  for (const match of text.matchAll(CANDIDATE)) {
    const start = match.index;
    const before = text[start - 1];
    // "foohttps://x" or "user@@x" is not a link that somebody meant.
    if (before !== undefined && /[\p{L}\p{N}@/]/u.test(before)) continue;
    const shown = trimEnd(match[0]);
    const href = toHref(shown);
    if (href === null) continue;
    if (start > end) segments.push({ kind: "text", text: text.slice(end, start) });
    segments.push({ kind: "link", text: shown, href });
    end = start + shown.length;
  }
  if (end < text.length) segments.push({ kind: "text", text: text.slice(end) });
  return segments;
}

/** The address if it is one that we open, else null. Relative ones are only for what the server says. */
export function safeHref(address: string, base?: string): string | null {
  try {
    const url = new URL(address, base);
    const web = url.protocol === "http:" || url.protocol === "https:";
    // A name before the host ("https://bank.example@evil.example") only ever serves to mislead.
    if (web) return url.username === "" && url.password === "" ? url.href : null;
    return url.protocol === "mailto:" && url.pathname.includes("@") ? url.href : null;
  } catch {
    return null;
  }
}

function toHref(shown: string): string | null {
  if (/^www\./i.test(shown)) return shown.includes(".", 4) ? safeHref(`https://${shown}`) : null;
  if (/^(?:https?:\/\/|mailto:)/i.test(shown)) return safeHref(shown);
  return safeHref(`mailto:${shown}`);
}

/** Without the sentence's punctuation, and without a bracket that was opened before the link. */
function trimEnd(candidate: string): string {
  // Counted once: a text of nothing but brackets must not cost its square.
  const excess = new Map(
    Object.entries(PAIRS).map(([closing, opening]) => [
      closing,
      count(candidate, closing) - count(candidate, opening),
    ]),
  );
  let end = candidate.length;
  while (end > 0) {
    const last = candidate.charAt(end - 1);
    const unbalanced = excess.get(last) ?? 0;
    if (unbalanced > 0) excess.set(last, unbalanced - 1);
    else if (!TRAILING.test(last)) break;
    end -= 1;
  }
  return candidate.slice(0, end);
}

function count(text: string, character: string): number {
  return text.split(character).length - 1;
}
