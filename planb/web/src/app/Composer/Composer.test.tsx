import { cleanup, fireEvent, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { createRef } from "react";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { fakeClient, show } from "../fakeClient";
import { Composer } from "./Composer";
import { forgetDrafts, readDraft } from "./drafts";

let client = fakeClient();
const onSent = vi.fn();

beforeEach(() => {
  client = fakeClient();
  onSent.mockClear();
});
afterEach(() => {
  cleanup();
  forgetDrafts();
});

function compose(id = "c1") {
  const shown = show(
    client,
    <Composer key={id} id={id} title="Koffi" onSent={onSent} fieldRef={createRef()} />,
  );
  return {
    ...shown,
    field: screen.getByRole("textbox", { name: "Message to Koffi" }) as HTMLTextAreaElement,
  };
}

test("Enter sends and empties the field, Shift+Enter breaks the line", async () => {
  const { field } = compose();
  await userEvent.type(field, "one{Shift>}{Enter}{/Shift}two{Enter}");
  expect(client.send).toHaveBeenCalledExactlyOnceWith("c1", { text: "one\ntwo" });
  expect(field.value).toBe("");
  expect(onSent).toHaveBeenCalledOnce();
});

test("Enter that ends a word of an input method sends nothing", async () => {
  const { field } = compose();
  await userEvent.type(field, "にほん");
  fireEvent.keyDown(field, { key: "Enter", isComposing: true });
  fireEvent.keyDown(field, { key: "Enter", keyCode: 229 });
  expect(client.send).not.toHaveBeenCalled();
  expect(field.value).toBe("にほん");
});

test.each(["", "   ", "\n\n"])("nothing but white space is not sent: %j", async (text) => {
  const { field } = compose();
  fireEvent.change(field, { target: { value: text } });
  await userEvent.type(field, "{Enter}");
  expect(client.send).not.toHaveBeenCalled();
  expect(screen.getByRole("button", { name: "Send" })).toHaveProperty("disabled", true);
});

test("a text over the limit stays, and the counter tells by how much", async () => {
  const { field } = compose();
  fireEvent.change(field, { target: { value: "👍".repeat(40) } });
  expect(screen.getByRole("status").textContent).toContain("0");
  fireEvent.change(field, { target: { value: "👍".repeat(43) } });
  await userEvent.type(field, "{Enter}");
  expect(client.send).not.toHaveBeenCalled();
  expect(screen.getByRole("status").textContent).toContain("+3");
});

test("a draft waits for its own conversation, and is gone once sent", async () => {
  const first = compose("c1");
  await userEvent.type(first.field, "half a thou");
  first.unmount();
  const other = compose("c2");
  expect(other.field.value).toBe("");
  other.unmount();
  const again = compose("c1");
  expect(again.field.value).toBe("half a thou");
  await userEvent.type(again.field, "ght{Enter}");
  again.unmount();
  expect(client.send).toHaveBeenCalledExactlyOnceWith("c1", { text: "half a thought" });
  expect(readDraft("awa", "c1")).toBe("");
  expect(localStorage.length).toBe(0);
});

test("typing is told while there is text, and taken back when it is sent, deleted or left", async () => {
  const { field, unmount } = compose();
  await userEvent.type(field, "a");
  expect(client.setTyping).toHaveBeenLastCalledWith("c1", true);
  await userEvent.type(field, "{Backspace}");
  expect(client.setTyping).toHaveBeenLastCalledWith("c1", false);
  await userEvent.type(field, "b{Enter}");
  expect(client.setTyping).toHaveBeenLastCalledWith("c1", false);
  await userEvent.type(field, "c");
  unmount();
  expect(client.setTyping).toHaveBeenLastCalledWith("c1", false);
});
