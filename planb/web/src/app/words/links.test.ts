import { expect, test } from "vitest";
import { findLinks, safeHref } from "./links";

const hrefs = (text: string) =>
  findLinks(text).flatMap((segment) => (segment.kind === "link" ? [segment.href] : []));
const shown = (text: string) =>
  findLinks(text)
    .map((segment) => segment.text)
    .join("");

test("finds web and mail addresses, written with and without their scheme", () => {
  expect(hrefs("voir https://exemple.ci/a?b=c#d et www.exemple.ci ou awa@exemple.ci")).toEqual([
    "https://exemple.ci/a?b=c#d",
    "https://www.exemple.ci/",
    "mailto:awa@exemple.ci",
  ]);
});

test("leaves the sentence's own punctuation out of the link", () => {
  expect(hrefs("(https://a.example/x), puis https://a.example/y.")).toEqual([
    "https://a.example/x",
    "https://a.example/y",
  ]);
  expect(hrefs("https://fr.wikipedia.org/wiki/Abidjan_(ville)")).toEqual([
    "https://fr.wikipedia.org/wiki/Abidjan_(ville)",
  ]);
});

test.each([
  "javascript:alert(1)",
  "JAVASCRIPT://%0aalert(1)",
  "data:text/html,<script>alert(1)</script>",
  "file:///etc/passwd",
  "https://",
  "http:///",
  "www.",
  "https://bank.example@evil.example/",
  "a@b",
  "12:30 et 10.5",
])("makes no link of %s", (text) => {
  expect(hrefs(text)).toEqual([]);
});

test("ends a link at controls that would show it backwards", () => {
  expect(hrefs("https://good.example/\u202egnp.exe")).toEqual(["https://good.example/"]);
});

test("loses no character of the text, whatever it holds", () => {
  const text = "a https://x.example/é?ü=1). <b>www.y.example</b> z@y.example…\n𝒜 https://x.example";
  expect(shown(text)).toBe(text);
});

test("keeps up with a text of 4,000 characters made to be slow", () => {
  for (const text of ["a.".repeat(2_000), "a@".repeat(2_000), `https://${")".repeat(3_990)}`]) {
    expect(shown(text)).toBe(text);
  }
});

test("takes relative addresses only from the server", () => {
  expect(safeHref("/listings/1")).toBeNull();
  expect(safeHref("/listings/1", "https://planb.example")).toBe("https://planb.example/listings/1");
  expect(safeHref("javascript:alert(1)", "https://planb.example")).toBeNull();
});
