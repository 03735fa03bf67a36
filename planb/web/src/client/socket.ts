/** Runs the connection's state machine on a real socket: frames, replies, pings. Knows nothing of conversations. */

import { Alarm, type Timers } from "./clock";
import { type ConnectionInput, type ConnectionState, initialConnection, stepConnection } from "./connection";
import { ChatRequestError, unknownOutcome } from "./errors";
import { readFrame, writeFrame } from "./frames";
import type { ChatErrorData, CommandName, Commands, Ready, ServerEvent } from "./wire";

/** The part of a browser's WebSocket that is used. */
export interface SocketLike {
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: ((event: { code: number; reason: string }) => void) | null;
  onerror: (() => void) | null;
  send(text: string): void;
  close(code?: number): void;
}
export type SocketFactory = (url: string, protocol: string) => SocketLike;

export const PROTOCOL = "planb.v1";
/** From the first byte to `ready`; after that the attempt counts as failed. */
const CONNECT_TIMEOUT = 15_000;

export interface SocketOptions {
  url: string;
  factory: SocketFactory;
  timers: Timers;
  random: () => number;
  device: string;
  clientInfo: { name: string; version: string };
  /** Rejects with `unauthenticated` when the session is over, with anything else when it cannot tell now. */
  token(renew: boolean): Promise<string>;
  timing(): { ping: number; reply: number };
  onConnection(state: ConnectionState): void;
  onReady(ready: Ready): void;
  onEvent(event: ServerEvent): void;
  onPong(data: Commands["ping"]["data"]): void;
  onLost(): void;
  onExpired(): void;
}

interface Waiting {
  resolve(data: unknown): void;
  reject(error: ChatRequestError): void;
  cancel(): void;
}

export class ChatSocket {
  private machine: ConnectionState = initialConnection;
  private socket: SocketLike | null = null;
  private nextId = 1;
  private helloId = 0;
  private heardAt = 0;
  private readonly waiting = new Map<number, Waiting>();
  private readonly retryAlarm: Alarm;
  private readonly connectAlarm: Alarm;
  private readonly pingAlarm: Alarm;
  /** Grows with each attempt and each drop, so that what an older attempt still says is ignored. */
  private generation = 0;

  constructor(private readonly options: SocketOptions) {
    const { timers } = options;
    this.retryAlarm = new Alarm(timers, () => this.input({ type: "due" }));
    this.connectAlarm = new Alarm(timers, () => this.fail("timeout"));
    this.pingAlarm = new Alarm(timers, () => this.ping());
  }

  get connected(): boolean {
    return this.machine.state === "connected";
  }

  start(): void {
    this.input({ type: "start" });
  }

  stop(reason: string): void {
    this.input({ type: "stop", reason });
  }

  retry(): void {
    this.input({ type: "retry" });
  }

  /** Connects if it should be connected; if it seems to be, finds out whether the other side still answers. */
  wake(): void {
    if (this.connected) this.ping();
    else this.input({ type: "wake" });
  }

  request<Name extends CommandName>(
    name: Name,
    fields: Commands[Name]["fields"],
  ): Promise<Commands[Name]["data"]> {
    if (!this.connected) return Promise.reject(unknownOutcome("disconnected"));
    return this.ask(name, fields) as Promise<Commands[Name]["data"]>;
  }

  private ask(type: string, fields: object): Promise<unknown> {
    const id = this.nextId++;
    return new Promise((resolve, reject) => {
      const cancel = this.options.timers.after(this.options.timing().reply * 1000, () => {
        this.waiting.delete(id);
        reject(unknownOutcome("timeout"));
      });
      this.waiting.set(id, { resolve, reject, cancel });
      this.socket?.send(writeFrame(id, type, fields));
    });
  }

  private input(input: ConnectionInput): void {
    const { timers, random } = this.options;
    const before = this.machine;
    const { state, effects } = stepConnection(before, input, { now: timers.now(), random });
    this.machine = state;
    if (state.retryAt === null) this.retryAlarm.cancel();
    if (before.state === "connected" && state.state !== "connected") this.letGo();
    // The host hears of the new state before its consequences, so that what they trigger finds it in place.
    if (state !== before) this.options.onConnection(state);
    for (const effect of effects) {
      if (effect.type === "drop") this.drop();
      else if (effect.type === "wait") this.retryAlarm.rearm(effect.ms);
      else if (effect.type === "expired") this.options.onExpired();
      else void this.open(effect.renew);
    }
  }

  private async open(renew: boolean): Promise<void> {
    this.drop();
    const generation = this.generation;
    this.connectAlarm.rearm(CONNECT_TIMEOUT);
    let token: string;
    try {
      token = await this.options.token(renew);
    } catch (error) {
      if (generation !== this.generation) return;
      this.connectAlarm.cancel();
      const data = error instanceof ChatRequestError ? error.data : null;
      this.input({
        type: "no_token",
        final: data?.code === "unauthenticated",
        retryAfter: data?.retry_after ?? null,
      });
      return;
    }
    if (generation !== this.generation) return;
    let socket: SocketLike;
    try {
      socket = this.options.factory(this.options.url, PROTOCOL);
    } catch {
      this.fail("network");
      return;
    }
    this.socket = socket;
    socket.onopen = () => {
      if (this.socket !== socket) return;
      this.helloId = this.nextId++;
      const { device, clientInfo } = this.options;
      socket.send(writeFrame(this.helloId, "hello", { token, device, client: clientInfo }));
    };
    socket.onmessage = (event) => {
      if (this.socket === socket) this.receive(event.data);
    };
    socket.onclose = (event) => {
      if (this.socket !== socket) return;
      this.drop();
      this.input({ type: "closed", code: event.code });
    };
  }

  private receive(text: unknown): void {
    this.heardAt = this.options.timers.now();
    const frame = readFrame(text);
    if (!frame) return;
    if (frame.kind === "ready") {
      if (this.machine.state !== "connecting") return;
      this.connectAlarm.cancel();
      this.pingAlarm.rearm(this.pingEvery());
      this.input({ type: "ready" });
      this.options.onReady(frame.ready);
    } else if (frame.kind === "reply") {
      if (frame.id === this.helloId && !frame.ok) this.refused(frame.error);
      const waiting = this.waiting.get(frame.id);
      if (!waiting) return;
      this.waiting.delete(frame.id);
      waiting.cancel();
      if (frame.ok) waiting.resolve(frame.data);
      else waiting.reject(new ChatRequestError(frame.error));
    } else if (this.connected) {
      this.handle(frame.event);
    }
  }

  private handle(event: ServerEvent): void {
    if (event.type === "closing") {
      const after = event.retry_after;
      this.input({ type: "closing", retryAfter: typeof after === "number" ? after : null });
    } else if (event.type === "token_expiring") {
      this.options
        .token(true)
        .then((token) => this.request("refresh", { token }))
        // Where this fails the server closes with 4501, and the next attempt starts with a new token.
        .catch(() => undefined);
    } else {
      this.options.onEvent(event);
    }
  }

  /** A refused hello, where the close does not follow at once. */
  private refused(error: ChatErrorData): void {
    const codes: Record<string, number> = { unauthenticated: 4401, token_expired: 4501, suspended: 4403 };
    if (error.retry_after !== undefined) this.input({ type: "closing", retryAfter: error.retry_after });
    this.drop();
    this.input({ type: "closed", code: codes[error.code] ?? 0, reason: error.code });
  }

  private pingEvery(): number {
    return Math.max(1, this.options.timing().ping) * 1000;
  }

  private ping(): void {
    const asked = this.options.timers.now();
    const { generation } = this;
    this.pingAlarm.rearm(this.pingEvery());
    this.request("ping", {}).then(
      (data) => this.options.onPong(data),
      (error: unknown) => {
        const silent = error instanceof ChatRequestError && error.code === "timeout" && this.heardAt <= asked;
        if (silent && generation === this.generation) this.fail("timeout");
      },
    );
  }

  /** The other side does not answer: the socket's own close could take minutes, so it is not waited for. */
  private fail(reason: string): void {
    this.drop();
    this.input({ type: "closed", code: 0, reason });
  }

  private drop(): void {
    this.generation += 1;
    this.connectAlarm.cancel();
    this.pingAlarm.cancel();
    const { socket } = this;
    this.socket = null;
    if (!socket) return;
    socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
    try {
      socket.close(1000);
    } catch {
      // A socket that is already closed, or never opened, may refuse; it is let go either way.
    }
  }

  /** What was asked and not answered is unknown from here on. */
  private letGo(): void {
    const unanswered = [...this.waiting.values()];
    this.waiting.clear();
    for (const waiting of unanswered) {
      waiting.cancel();
      waiting.reject(unknownOutcome("disconnected"));
    }
    this.options.onLost();
  }
}

export const browserSocket: SocketFactory = (url, protocol) => {
  const socket = new WebSocket(url, protocol);
  return socket as unknown as SocketLike;
};
