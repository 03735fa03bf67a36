import { renderHook } from "@testing-library/react";
import type { ReactNode } from "react";
import { expect, test } from "vitest";
import type { MessageWindow } from "../../client";
import { SocketContext } from "../../react/SocketProvider";
import { fakeClient } from "../fakeClient";
import { aMessage, aMine } from "../words/stories";
import { useMarkRead } from "./useMarkRead";
import { useUnreadLine } from "./useUnreadLine";

const newest: MessageWindow = {
  messages: [aMessage({ seq: 7 }), aMessage({ seq: 9 })],
  moreBefore: true,
  moreAfter: false,
  loading: "none",
  error: null,
};
const unread = aMine({ read_seq: 7, unread: 1 });

function reading(input: Partial<Parameters<typeof useMarkRead>[0]>) {
  const client = fakeClient();
  const wrapper = ({ children }: { children: ReactNode }) => (
    <SocketContext value={client}>{children}</SocketContext>
  );
  const first = { id: "c1", mine: unread, window: newest, seen: true, ...input };
  return { client, ...renderHook((props) => useMarkRead(props), { wrapper, initialProps: first }) };
}

test("marks the newest message as read once somebody sees it", () => {
  const { client, rerender } = reading({ seen: false });
  expect(client.markRead).not.toHaveBeenCalled();
  rerender({ id: "c1", mine: unread, window: newest, seen: true });
  expect(client.markRead).toHaveBeenCalledExactlyOnceWith("c1", 9);
});

test("marks nothing while newer messages are not on screen, nor what is read already", () => {
  expect(reading({ window: { ...newest, moreAfter: true } }).client.markRead).not.toHaveBeenCalled();
  expect(reading({ window: undefined }).client.markRead).not.toHaveBeenCalled();
  expect(reading({ mine: aMine({ read_seq: 9 }) }).client.markRead).not.toHaveBeenCalled();
});

test("the unread line stays where it was while one reads", () => {
  const { result, rerender } = renderHook(({ mine, attention }) => useUnreadLine(mine, attention), {
    initialProps: { mine: unread, attention: true },
  });
  rerender({ mine: aMine({ read_seq: 9 }), attention: true });
  expect(result.current).toMatchObject({ after: 7, count: 1 });
});

test("who comes back finds the line before what arrived meanwhile", () => {
  const { result, rerender } = renderHook(({ mine, attention }) => useUnreadLine(mine, attention), {
    initialProps: { mine: aMine({ read_seq: 9 }), attention: true },
  });
  expect(result.current.after).toBeNull();
  rerender({ mine: aMine({ read_seq: 9 }), attention: false });
  rerender({ mine: aMine({ read_seq: 9, unread: 3 }), attention: false });
  expect(result.current.after).toBeNull();
  rerender({ mine: aMine({ read_seq: 9, unread: 3 }), attention: true });
  expect(result.current).toMatchObject({ after: 9, count: 3 });
});
