/** The REST door: one request in, data or a `ChatRequestError` out. Renews the access token once where it had expired. */

import type { Timers } from "./clock";
import { ChatRequestError, readErrorData, unknownOutcome } from "./errors";
import type { ChatErrorData } from "./wire";

const TIMEOUT = 15_000;

export interface HttpOptions {
  baseUrl: string;
  fetch: typeof globalThis.fetch;
  timers: Timers;
}

export interface Call {
  method: "GET" | "POST" | "PATCH" | "DELETE";
  /** Below the base, without a leading slash. */
  path: string;
  query?: Record<string, string | number | undefined>;
  body?: object;
}

export interface Answer {
  status: number;
  data: unknown;
  /** The server's clock at the answer, in ms, where it told. */
  date: number | null;
}

/** Access to REST as one person. */
export interface Http {
  get<T>(path: string, query?: Call["query"]): Promise<T>;
  post<T>(path: string, body: object): Promise<T>;
}

/** One request without a session. `X-Requested-With` is what the server requires wherever the cookie counts. */
export async function call(
  options: HttpOptions,
  { method, path, query, body }: Call,
  access?: string,
): Promise<Answer> {
  const headers: Record<string, string> = { Accept: "application/json", "X-Requested-With": "planb" };
  if (body) headers["Content-Type"] = "application/json";
  if (access) headers.Authorization = `Bearer ${access}`;
  const given = new AbortController();
  let timedOut = false;
  const cancel = options.timers.after(TIMEOUT, () => {
    timedOut = true;
    given.abort();
  });
  try {
    const response = await options.fetch(address(options.baseUrl, path, query), {
      method,
      headers,
      body: body ? JSON.stringify(body) : null,
      credentials: "same-origin",
      cache: "no-store",
      signal: given.signal,
    });
    const text = await response.text();
    const date = Date.parse(response.headers.get("Date") ?? "");
    const data = parse(text);
    if (!response.ok) throw new ChatRequestError(failure(response, data));
    if (data === undefined) throw unknownOutcome("network");
    return { status: response.status, data, date: Number.isNaN(date) ? null : date };
  } catch (error) {
    if (error instanceof ChatRequestError) throw error;
    throw unknownOutcome(timedOut ? "timeout" : "network");
  } finally {
    cancel();
  }
}

function address(base: string, path: string, query: Call["query"]): string {
  const parameters = new URLSearchParams();
  for (const [name, value] of Object.entries(query ?? {})) {
    if (value !== undefined) parameters.set(name, String(value));
  }
  const tail = parameters.toString();
  return `${base}/${path}${tail ? `?${tail}` : ""}`;
}

/** Undefined: not JSON, as from a proxy's own page. */
function parse(text: string): unknown {
  if (text === "") return null;
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function failure(response: Response, data: unknown): ChatErrorData {
  const later = response.status >= 500 || response.status === 429 || response.status === 408;
  const told = Number(response.headers.get("Retry-After") ?? "");
  const fallback: ChatErrorData = {
    code: later ? "unavailable" : response.status === 404 ? "not_found" : "bad_request",
    message: `HTTP ${response.status}`,
    retry: later,
  };
  const error = readErrorData((data as { error?: unknown } | null | undefined)?.error, fallback);
  if (error.retry_after === undefined && told > 0) error.retry_after = told;
  return error;
}

/** What the REST door needs of the session. */
export interface Bearer {
  access(renew: boolean): Promise<string>;
}

export function authorizedHttp(options: HttpOptions, bearer: Bearer): Http {
  async function run<T>(request: Call): Promise<T> {
    const token = await bearer.access(false);
    try {
      return (await call(options, request, token)).data as T;
    } catch (error) {
      const code = error instanceof ChatRequestError ? error.code : "";
      if (code !== "token_expired" && code !== "unauthenticated") throw error;
    }
    return (await call(options, request, await bearer.access(true))).data as T;
  }
  return {
    get: (path, query) => run({ method: "GET", path, ...(query ? { query } : {}) }),
    post: (path, body) => run({ method: "POST", path, body }),
  };
}
