/** Where the thread stands: opens at the first unread message or the end, stays at the end only for who is there. */
import { type RefObject, useCallback, useEffect, useLayoutEffect, useRef, useState } from "react";
import type { VirtualizerHandle } from "virtua";
import type { Message, MessageWindow } from "../../client";
import { useSocket } from "../../react/useSocket";
import type { Row } from "../words/rows";

/** Pixels from the end that still count as "at the end". */
const NEAR_END = 48;
/** Pixels from either edge at which the next page is asked for. */
const AHEAD = 900;
/** Space above the unread line, so that one sees where one had stopped. */
const CONTEXT = 72;

interface ScrollPlaceInput {
  id: string;
  window: MessageWindow | undefined;
  rows: Row[];
  /** One's own mark if something is unread, else null. */
  readSeq: number | null;
}

interface ScrollPlace {
  scroller: RefObject<HTMLElement | null>;
  handle: RefObject<VirtualizerHandle | null>;
  /** False until the first messages stand where they should; before that they are not shown. */
  placed: boolean;
  atEnd: boolean;
  /** For virtua: in this very render, messages were put before the first. */
  shift: boolean;
  onScroll: () => void;
  onResize: () => void;
  stick: () => void;
  retry: () => void;
}

export function useScrollPlace({ id, window, rows, readSeq }: ScrollPlaceInput): ScrollPlace {
  const client = useSocket();
  const scroller = useRef<HTMLElement>(null);
  const handle = useRef<VirtualizerHandle>(null);
  const sticking = useRef(true);
  const lastTop = useRef(0);
  const [placed, setPlaced] = useState(false);
  const [atEnd, setAtEnd] = useState(false);
  const shift = useShift(window?.messages);
  const ready = useOpeningWindow(id, window, readSeq);
  const count = rows.length;

  const loadMore = useCallback(() => {
    const box = scroller.current;
    if (box === null || window === undefined || window.loading !== "none" || window.error !== null) return;
    const below = box.scrollHeight - box.scrollTop - box.clientHeight;
    if (window.moreBefore && box.scrollTop < AHEAD) void client.loadOlder(id);
    else if (window.moreAfter && below < AHEAD) void client.loadNewer(id);
  }, [client, id, window]);

  const look = useCallback(() => {
    const box = scroller.current;
    if (box === null) return;
    const below = box.scrollHeight - box.scrollTop - box.clientHeight;
    // Rows that grow while they are measured must not count as somebody scrolling away: only upward is.
    if (below < NEAR_END) sticking.current = true;
    else if (box.scrollTop < lastTop.current - 1) sticking.current = false;
    lastTop.current = box.scrollTop;
    setAtEnd(sticking.current);
  }, []);

  const follow = useCallback(() => {
    if (sticking.current) handle.current?.scrollToIndex(count, { align: "end" });
  }, [count]);

  useLayoutEffect(() => {
    if (placed || !ready || count === 0) return;
    const unread = rows.findIndex((row) => row.kind === "unread");
    sticking.current = unread < 0;
    if (unread >= 0) handle.current?.scrollToIndex(unread, { align: "start", offset: -CONTEXT });
    else handle.current?.scrollToIndex(count, { align: "end" });
    setAtEnd(sticking.current);
    setPlaced(true);
    // Where everything fits, no scrolling happens that could tell so.
    const frame = requestAnimationFrame(look);
    return () => cancelAnimationFrame(frame);
  }, [placed, ready, rows, count, look]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: whatever changes in the rows, who is at the end stays there.
  useLayoutEffect(() => {
    if (placed) follow();
  }, [placed, rows, follow]);

  // The composer grows, the keyboard comes up: virtua tells of its rows only.
  useEffect(() => {
    const box = scroller.current;
    if (box === null || !placed) return;
    const observer = new ResizeObserver(follow);
    observer.observe(box);
    return () => observer.disconnect();
  }, [placed, follow]);

  useEffect(() => {
    if (placed) loadMore();
  }, [placed, loadMore]);

  const onScroll = useCallback(() => {
    if (!placed) return;
    look();
    loadMore();
  }, [placed, look, loadMore]);

  const onResize = useCallback(() => {
    if (!placed) return;
    follow();
    look();
  }, [placed, follow, look]);

  const stick = useCallback(() => {
    sticking.current = true;
    handle.current?.scrollToIndex(count, { align: "end" });
    setAtEnd(true);
  }, [count]);

  const retry = useCallback(() => {
    if (window === undefined || window.messages.length === 0) void client.loadNewest(id);
    else if (window.moreAfter && !window.moreBefore) void client.loadNewer(id);
    else void client.loadOlder(id);
  }, [client, id, window]);

  return { scroller, handle, placed, atEnd, shift, onScroll, onResize, stick, retry };
}

/** True in the one render in which older messages stand before the one that was first. */
function useShift(messages: readonly Message[] | undefined): boolean {
  const before = useRef<string | undefined>(undefined);
  const first = messages?.[0]?.id;
  const was = before.current;
  const shift = was !== undefined && first !== was && messages?.some(({ id }) => id === was) === true;
  useLayoutEffect(() => {
    before.current = first;
  }, [first]);
  return shift;
}

/** Asks, once, for the stretch to open with, where the one at hand is another. True when it is there. */
function useOpeningWindow(id: string, window: MessageWindow | undefined, readSeq: number | null): boolean {
  const client = useSocket();
  const asked = useRef(false);
  const first = window?.messages[0];
  const loaded = window !== undefined && window.loading !== "initial";
  const tooNew = readSeq !== null && first !== undefined && window?.moreBefore && first.seq > readSeq;
  const tooOld = readSeq === null && window?.moreAfter === true;
  const wanted = loaded && window.error === null && !asked.current && (tooNew || tooOld);
  useEffect(() => {
    if (!wanted || asked.current) return;
    asked.current = true;
    if (readSeq === null) void client.loadNewest(id);
    else void client.loadAround(id, readSeq);
  }, [client, id, wanted, readSeq]);
  return loaded && !wanted;
}
