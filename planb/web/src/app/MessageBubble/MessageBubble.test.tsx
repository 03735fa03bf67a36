import { cleanup, screen } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import { fakeClient, show } from "../fakeClient";
import { clockTime } from "../words/dates";
import { aMessage } from "../words/stories";
import { MessageBubble } from "./MessageBubble";

// Each drawing of a bubble writes its time once.
vi.mock("../words/dates", async (original) => {
  const real = await original<typeof import("../words/dates")>();
  return { ...real, clockTime: vi.fn(real.clockTime) };
});

afterEach(cleanup);

const told = { own: false, first: true, last: true, named: false, tick: null } as const;

test("what people write stays text", () => {
  const text = '<img src=x onerror="alert(1)"> <b>bold</b> &amp;';
  show(fakeClient(), <MessageBubble {...told} message={aMessage({ text })} />);
  expect(screen.getByText(text)).toBeTruthy();
  expect(document.querySelector("img, b")).toBeNull();
});

test("links open elsewhere and tell nothing of where they come from", () => {
  show(fakeClient(), <MessageBubble {...told} message={aMessage({ text: "see https://a.example/x" })} />);
  const link = screen.getByRole("link");
  expect(link.getAttribute("href")).toBe("https://a.example/x");
  expect(link.getAttribute("rel")).toContain("noopener noreferrer");
});

test.each(["deleted_at", "hidden_at"] as const)(
  "a message with %s keeps its place and loses its words",
  (mark) => {
    const message = aMessage({ text: "secret", reply_to: "m0", [mark]: "2026-11-22T11:00:00.000Z" });
    show(fakeClient(), <MessageBubble {...told} message={message} />);
    expect(screen.getByRole("article").textContent).not.toContain("secret");
    expect(screen.getByRole("article").textContent).toMatch(/Message (deleted|hidden)/);
  },
);

test("a bubble is not drawn again for the sake of its neighbours", () => {
  const one = aMessage({ seq: 1 });
  const thread = (count: number) => (
    <>
      <MessageBubble {...told} message={one} />
      {count > 1 && <MessageBubble {...told} message={aMessage({ seq: 2 })} />}
    </>
  );
  const { again } = show(fakeClient(), thread(1));
  vi.mocked(clockTime).mockClear();
  again(thread(2));
  expect(clockTime).toHaveBeenCalledOnce();
});
