/** What was begun and not sent, by person and conversation; kept on this device through a reload. */
import { create } from "zustand";
import { useMe } from "../../react/useUsers";

const PREFIX = "planb.draft.";

interface Drafts {
  byKey: Record<string, string>;
}

const store = create<Drafts>(() => ({ byKey: readAll() }));

export function useDraft(conversation: string): string {
  const key = draftKey(useMe(), conversation);
  return store((state) => state.byKey[key] ?? "");
}

export function readDraft(me: string | null, conversation: string): string {
  return store.getState().byKey[draftKey(me, conversation)] ?? "";
}

export function keepDraft(me: string | null, conversation: string, text: string): void {
  const key = draftKey(me, conversation);
  const kept = text.trim() === "" ? "" : text;
  if ((store.getState().byKey[key] ?? "") === kept) return;
  store.setState(({ byKey }) => {
    const { [key]: _gone, ...rest } = byKey;
    return { byKey: kept === "" ? rest : { ...rest, [key]: kept } };
  });
  try {
    if (kept === "") localStorage.removeItem(PREFIX + key);
    else localStorage.setItem(PREFIX + key, kept);
  } catch {
    // A full or forbidden storage: the draft lives on in memory.
  }
}

/** For the moment somebody signs out: what they began must not lie about on a shared machine. */
export function forgetDrafts(): void {
  for (const key of Object.keys(store.getState().byKey)) {
    try {
      localStorage.removeItem(PREFIX + key);
    } catch {
      // Nothing was stored then.
    }
  }
  store.setState({ byKey: {} });
}

function draftKey(me: string | null, conversation: string): string {
  return `${me ?? ""}.${conversation}`;
}

function readAll(): Record<string, string> {
  const found: Record<string, string> = {};
  try {
    for (let index = 0; index < localStorage.length; index += 1) {
      const name = localStorage.key(index);
      if (name?.startsWith(PREFIX)) found[name.slice(PREFIX.length)] = localStorage.getItem(name) ?? "";
    }
  } catch {
    return {};
  }
  return found;
}
