import { act, cleanup, screen } from "@testing-library/react";
import { Profiler } from "react";
import { afterEach, expect, test } from "vitest";
import type { ConversationEntry } from "../../client";
import { forgetDrafts, keepDraft } from "../Composer/drafts";
import { fakeClient, show } from "../fakeClient";
import { aConversation, aMessage, aMine, anOutboxItem } from "../words/stories";
import { ConversationRow } from "./ConversationRow";

afterEach(() => {
  cleanup();
  forgetDrafts();
});

function entry(id: string, told: Partial<ConversationEntry> = {}): ConversationEntry {
  const last_message = aMessage({ conversation: id, text: `Last of ${id}` });
  return { conversation: aConversation({ id, last_message }), mine: aMine(), typing: {}, seq: 1, ...told };
}

const row = (id: string) => <ConversationRow id={id} current={false} reachable />;

test("news of one conversation draw its row again and no other", () => {
  const drawn: string[] = [];
  const client = fakeClient({ conversations: { c1: entry("c1"), c2: entry("c2"), c3: entry("c3") } });
  show(
    client,
    <ul>
      {["c1", "c2", "c3"].map((id) => (
        <Profiler key={id} id={id} onRender={(name) => drawn.push(name)}>
          {row(id)}
        </Profiler>
      ))}
    </ul>,
  );
  drawn.length = 0;
  act(() => {
    const { conversations } = client.store.getState();
    const news = entry("c2", { mine: aMine({ unread: 1 }) });
    client.store.setState({ conversations: { ...conversations, c2: news }, order: ["c2", "c1", "c3"] });
  });
  expect(drawn).toEqual(["c2"]);
  expect(screen.getByText("1 unread message")).toBeTruthy();
});

test("the line below the name tells what matters most", () => {
  const client = fakeClient({ conversations: { c1: entry("c1") } });
  show(client, <ul>{row("c1")}</ul>);
  const line = () => screen.getByRole("link").textContent;
  expect(line()).toContain("Last of c1");

  act(() => keepDraft("awa", "c1", "Half a thou"));
  expect(line()).toContain("Draft: Half a thou");

  act(() => client.store.setState({ outbox: { c1: [anOutboxItem({ text: "On my way" })] } }));
  expect(line()).toContain("You: On my way");

  act(() => client.store.setState({ outbox: { c1: [anOutboxItem({ state: "failed" })] } }));
  expect(line()).toContain("Not sent");

  const typing = { koffi: { kind: "text", expiresAt: Date.now() + 6_000 } };
  act(() => client.store.setState({ conversations: { c1: entry("c1", { typing }) } }));
  expect(line()).toContain("typing…");
});

test("a draft of somebody else on the same machine is not shown", () => {
  keepDraft("yao", "c1", "secret");
  show(fakeClient({ conversations: { c1: entry("c1") } }), <ul>{row("c1")}</ul>);
  expect(screen.getByRole("link").textContent).not.toContain("secret");
});
