/** What this installation remembers in localStorage, where there is one: its own id, and a sign-out that is still owed. */

import { uuid7 } from "./ids";

const DEVICE = "planb-device";
const OWED = "planb-sign-out-owed";

export function deviceId(now: number): string {
  const kept = read(DEVICE);
  if (kept !== null && /^[0-9a-f-]{36}$/.test(kept)) return kept;
  const made = uuid7(now);
  write(DEVICE, made);
  return made;
}

/** Signed out without network: the cookie is still there, and must not resume a session at the next start. */
export function signOutOwed(): boolean {
  return read(OWED) !== null;
}

export function oweSignOut(owed: boolean): void {
  write(OWED, owed ? "1" : null);
}

function read(key: string): string | null {
  try {
    return globalThis.localStorage?.getItem(key) ?? null;
  } catch {
    return null;
  }
}

function write(key: string, value: string | null): void {
  try {
    if (value === null) globalThis.localStorage?.removeItem(key);
    else globalThis.localStorage?.setItem(key, value);
  } catch {
    // Storage may be refused: then this lasts as long as the page.
  }
}
