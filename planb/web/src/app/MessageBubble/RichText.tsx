import { Fragment, memo } from "react";
import { findLinks } from "../words/links";

/** A person's text as text: only links become elements, nothing is ever read as HTML. */
export const RichText = memo(function RichText({ text }: { text: string }) {
  return findLinks(text).map((segment, index) =>
    segment.kind === "text" ? (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text keep their order.
      <Fragment key={index}>{segment.text}</Fragment>
    ) : (
      // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text keep their order.
      <a key={index} href={segment.href} target="_blank" rel="noopener noreferrer nofollow ugc">
        {segment.text}
      </a>
    ),
  );
});
