/** Whether every word of a query begins some word of a text; case and accents do not count. Pure. */
export function matches(query: string, text: string): boolean {
  const words = fold(text).split(/[^\p{L}\p{N}]+/u);
  return fold(query)
    .split(/\s+/u)
    .every((wanted) => words.some((word) => word.startsWith(wanted)));
}

function fold(text: string): string {
  return text.normalize("NFD").replace(/\p{M}/gu, "").toLowerCase();
}
