import { cleanup, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, expect, test } from "vitest";
import { type ChatErrorData, ChatRequestError } from "../../client";
import { fakeClient, show } from "../fakeClient";
import { CredentialsForm } from "./CredentialsForm";

afterEach(cleanup);

async function refused(error: Omit<ChatErrorData, "message" | "retry">) {
  const client = fakeClient();
  const data = { message: "for developers", retry: false, ...error };
  client.signIn.mockRejectedValue(new ChatRequestError(data));
  show(client, <CredentialsForm joining={false} />);
  await userEvent.type(screen.getByLabelText("User name"), " awa ");
  await userEvent.type(screen.getByLabelText("Password"), " p w {Enter}");
  return client;
}

test("passes on what was typed: the name without spaces around it, the password untouched", async () => {
  const client = await refused({ code: "unauthenticated" });
  expect(client.signIn).toHaveBeenCalledExactlyOnceWith({ username: "awa", password: " p w " });
});

test.each([
  [{ code: "unauthenticated" }, "The user name or the password is wrong."],
  [{ code: "rate_limited", retry_after: 30 }, "30 seconds"],
  [{ code: "network" }, "cannot be reached"],
  [{ code: "something_new" }, "That did not work."],
])("explains %o in words of its own", async (error, words) => {
  await refused(error);
  const alert = await screen.findByText(new RegExp(words));
  expect(alert.textContent).not.toContain("for developers");
});

test("puts what is wrong with a field beside it, moves there, and lets one try again", async () => {
  await refused({ code: "bad_request", fields: { username: "Too short." } });
  const field = screen.getByLabelText("User name");
  expect(field.getAttribute("aria-invalid")).toBe("true");
  expect(document.getElementById(field.getAttribute("aria-describedby") ?? "")?.textContent).toBe(
    "Too short.",
  );
  expect(document.activeElement).toBe(field);
  expect(screen.getByRole("button", { name: "Sign in" })).toHaveProperty("disabled", false);
});

test("says in its own words that a name is taken, beside the name", async () => {
  const client = fakeClient();
  const data = { code: "conflict", message: "for developers", retry: false, fields: { username: "Taken." } };
  client.signUp.mockRejectedValue(new ChatRequestError(data));
  show(client, <CredentialsForm joining />);
  await userEvent.type(screen.getByLabelText("Your name, as others see it"), "Awa");
  await userEvent.type(screen.getByLabelText("User name"), "awa");
  await userEvent.type(screen.getByLabelText("Password"), "a long phrase{Enter}");
  const told = await screen.findByText("This user name is taken.");
  expect(screen.getByLabelText("User name").getAttribute("aria-describedby")).toBe(told.id);
});
