/** Failures as data: everything that can go wrong on the way to the server ends as one `ChatErrorData`. */

import type { ChatErrorData } from "./wire";

export class ChatRequestError extends Error {
  constructor(readonly data: ChatErrorData) {
    super(`${data.code}: ${data.message}`);
    this.name = "ChatRequestError";
  }

  get code(): string {
    return this.data.code;
  }
}

/** No answer came: the request may or may not have been carried out. Never from a server. */
export function unknownOutcome(code: "network" | "timeout" | "disconnected"): ChatRequestError {
  return new ChatRequestError({ code, message: "No answer from the server.", retry: true });
}

export function isUnknownOutcome(error: ChatErrorData): boolean {
  return error.code === "network" || error.code === "timeout" || error.code === "disconnected";
}

/** Any thrown value as data; what nobody foresaw is `internal`. */
export function errorData(error: unknown): ChatErrorData {
  if (error instanceof ChatRequestError) return error.data;
  return { code: "internal", message: String(error), retry: true };
}

/** Reads a wire error defensively: an unknown shape becomes `fallback`. */
export function readErrorData(value: unknown, fallback: ChatErrorData): ChatErrorData {
  if (typeof value !== "object" || value === null) return fallback;
  const { code, message, retry, retry_after, fields, until } = value as Record<string, unknown>;
  if (typeof code !== "string") return fallback;
  const data: ChatErrorData = {
    code,
    message: typeof message === "string" ? message : code,
    retry: typeof retry === "boolean" ? retry : fallback.retry,
  };
  if (typeof retry_after === "number" && retry_after >= 0) data.retry_after = retry_after;
  if (typeof fields === "object" && fields !== null) data.fields = fields as Record<string, string>;
  if (typeof until === "string") data.until = until;
  return data;
}
