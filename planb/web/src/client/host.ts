/** What every part of the client works with: the store, the two doors, time and chance. */

import type { StoreApi } from "zustand/vanilla";
import type { Timers } from "./clock";
import type { Http } from "./http";
import type { ChatState } from "./types";
import type { CommandName, Commands } from "./wire";

export interface Host {
  readonly store: StoreApi<ChatState>;
  readonly timers: Timers;
  readonly random: () => number;
  readonly http: Http;
  readonly socket: {
    readonly connected: boolean;
    request<Name extends CommandName>(
      name: Name,
      fields: Commands[Name]["fields"],
    ): Promise<Commands[Name]["data"]>;
  };
}

/** The server's time as a wire stamp. */
export function serverStamp(host: Host): string {
  return new Date(host.timers.now() + host.store.getState().serverOffset).toISOString();
}

export function myId(host: Host): string {
  return host.store.getState().auth.me?.id ?? "";
}
