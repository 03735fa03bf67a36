import { beforeEach, expect, test, vi } from "vitest";
import { conversationPath, goBack, navigate, parsePath } from "./router";

const ID = "0190a6b8-9bd7-7533-93b9-4959cd44d4eb";

beforeEach(() => {
  window.history.replaceState(null, "", "/");
});

test("reads the conversation from the address, and nothing else", () => {
  expect(parsePath(conversationPath(ID))).toBe(ID);
  for (const path of ["/", "/c/", "/c/../admin", `/c/${ID}/x`, `/d/${ID}`, "/c/<script>"]) {
    expect(parsePath(path), path).toBeNull();
  }
});

test("Back is the browser's own where one came from the list", () => {
  const back = vi.spyOn(window.history, "back").mockImplementation(() => undefined);
  navigate(conversationPath(ID));
  goBack();
  expect(back).toHaveBeenCalledOnce();
  back.mockRestore();
});

test("Back leads to the list also for who came by a link, and leaves no step behind", () => {
  window.history.replaceState(null, "", conversationPath(ID));
  const steps = window.history.length;
  goBack();
  expect(window.location.pathname).toBe("/");
  expect(window.history.length).toBe(steps);
});

test("going where one is adds no step", () => {
  navigate(conversationPath(ID));
  const steps = window.history.length;
  navigate(conversationPath(ID));
  expect(window.history.length).toBe(steps);
});
