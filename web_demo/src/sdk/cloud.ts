// The way to the cloud: one request, the same bytes on every try, the whole answer or nothing (edge_sdk/cloud/client.py).
//
// What goes over the wire is a function of the request alone. A browser hides from a page why a connection failed; so
// what fails before there is an answer is told at once, and what breaks off in the midst of one is tried again.
import { ObclipError } from "./errors.js";
import { AGAIN, WAITS, waitBefore } from "./retries.js";

/** obclip_contract/limits.py, edge_sdk/cloud/exchange.py: bytes of latents, and of any other answer. */
export const MAX_RESPONSE_BYTES = 32 * 1024 * 1024;
export const SMALL_ANSWER = 64 * 1024;
/** Milliseconds for everything: all tries, waiting in the cloud's queue, the whole answer. */
export const DEADLINE = 300_000;
/** Beyond this, timers of browsers overflow. */
const LONGEST = 2 ** 31 - 1;

/** What the core wants exchanged. `body` is null for a GET. */
export interface Exchange {
  readonly method: string;
  readonly path: string;
  /** The same for every request of every device. */
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Uint8Array<ArrayBuffer> | null;
}
export interface Answer {
  readonly status: number;
  /** Of an answer that is too long, one byte more than it may have. */
  readonly body: Uint8Array<ArrayBuffer>;
}
export interface Watch {
  /** Try `attempt` (from 1) begins. */
  readonly onAttempt?: (attempt: number) => void;
  /** Bytes of the answer so far, and in all where the cloud says. */
  readonly onBytes?: (loaded: number, total: number | null) => void;
  readonly signal?: AbortSignal;
  readonly deadline?: number;
}

/** A cloud's address and login; the login is never shown. */
export class Cloud {
  /** `scheme://host[:port]/base`: the only form that is ever printed. */
  readonly shown: string;
  readonly #url: URL;
  readonly #authorization: string;

  /** @throws ObclipError CloudError: no http(s) address. InputError: a token that cannot be one, or two logins. */
  constructor(address: string, token?: string) {
    this.#url = readAddress(address);
    const { username, password } = this.#url;
    if (token !== undefined && !/^[\x21-\x7e]+$/.test(token)) throw new ObclipError("InputError", "the token must be printable ASCII without spaces");
    if (token !== undefined && (username !== "" || password !== "")) throw new ObclipError("InputError", "give one login: a token, or user and password in the address");
    this.#authorization = token !== undefined ? `Bearer ${token}` : username + password === "" ? "" : `Basic ${base64(`${decodeURIComponent(username)}:${decodeURIComponent(password)}`)}`;
    this.#url.username = this.#url.password = "";
    this.shown = this.#url.origin + this.#url.pathname.replace(/\/+$/, "");
  }

  /**
   * The first final answer.
   * @throws ObclipError UnreachableError, DeadlineError, CloudError (it broke off), Cancelled
   */
  async send(exchange: Exchange, watch: Watch = {}): Promise<Answer> {
    const deadline = readDeadline(watch.deadline ?? DEADLINE);
    const until = performance.now() + deadline;
    for (let again = 0; ; ++again) {
      watch.onAttempt?.(again + 1);
      const tried = await this.#once(exchange, watch, until, deadline);
      const isFinal = "answer" in tried && !AGAIN.has(tried.answer.status);
      const wait = isFinal || again === WAITS.length ? Infinity : waitBefore(again, tried.told);
      if (performance.now() + wait >= until) {
        if ("answer" in tried) return tried.answer;
        throw tried.fault;
      }
      await sleep(wait, watch.signal);
    }
  }

  /** One try; `told` is the answer's `Retry-After`. */
  async #once(exchange: Exchange, watch: Watch, until: number, deadline: number): Promise<{ answer: Answer; told: string } | { fault: ObclipError; told: string }> {
    const stop = new AbortController();
    const cancel = () => stop.abort();
    const timer = setTimeout(cancel, Math.max(0, until - performance.now()));
    watch.signal?.addEventListener("abort", cancel);
    let response: Response | null = null;
    try {
      checkNotStopped(watch.signal);
      response = await fetch(this.#address(exchange.path), this.#request(exchange, stop.signal));
      const most = response.status === 200 && exchange.method === "POST" ? MAX_RESPONSE_BYTES : SMALL_ANSWER;
      const body = await readBody(response, most, watch.onBytes);
      return { answer: { status: response.status, body }, told: response.headers.get("retry-after") ?? "" };
    } catch (error) {
      checkNotStopped(watch.signal);
      if (stop.signal.aborted) throw this.#late(deadline);
      if (response === null) throw this.#unreachable();
      return { fault: this.#brokenOff(error), told: "" };
    } finally {
      clearTimeout(timer);
      watch.signal?.removeEventListener("abort", cancel);
      stop.abort(); // an answer that was not read to its end is not loaded on
    }
  }

  #address(path: string): URL {
    const url = new URL(this.#url);
    url.pathname = this.#url.pathname.replace(/\/+$/, "") + path;
    return url;
  }

  #request({ method, headers, body }: Exchange, signal: AbortSignal): RequestInit {
    const login = this.#authorization === "" ? {} : { authorization: this.#authorization };
    return {
      method, body, signal, headers: { ...headers, ...login },
      mode: "cors", credentials: "omit", cache: "no-store", redirect: "error", referrerPolicy: "no-referrer",
    };
  }

  #late(deadline: number): ObclipError {
    const seconds = Math.round(deadline / 100) / 10;
    return new ObclipError("DeadlineError", `the cloud at ${this.shown} took over ${seconds} s for its answer; try fewer cloud steps or candidates, or a longer deadline`);
  }

  #unreachable(): ObclipError {
    const isMixed = (globalThis.origin ?? "").startsWith("https:") && this.#url.protocol === "http:" && !isLocal(this.#url.hostname);
    const why = isMixed
      ? "a page that came by https may ask https addresses alone"
      : `is 'obclip serve --allow-origin ${globalThis.origin ?? "ORIGIN"}' running there, and does its certificate hold? It may also point elsewhere, which is never followed`;
    return new ObclipError("UnreachableError", `cannot reach the cloud at ${this.shown}: ${why}`);
  }

  #brokenOff(error: unknown): ObclipError {
    const why = error instanceof Error ? error.message : String(error);
    return new ObclipError("CloudError", `the cloud at ${this.shown} broke off before its whole answer had arrived: ${why}`);
  }
}

/** Headers of the core that a page may set; a browser has its own values for the others, the same for every prompt. */
export function pageHeaders(headers: readonly (readonly [string, string])[]): Record<string, string> {
  return Object.fromEntries(headers.filter(([name]) => name === "content-type" || name === "accept"));
}

function readAddress(address: string): URL {
  let url: URL;
  try {
    url = new URL(address);
  } catch {
    throw new ObclipError("CloudError", `${quoted(address)} is not a URL, e.g. http://127.0.0.1:8000`);
  }
  if (url.protocol !== "http:" && url.protocol !== "https:") throw new ObclipError("CloudError", `${quoted(address)} is not an http(s) URL, e.g. http://127.0.0.1:8000`);
  if (url.hash !== "") throw new ObclipError("CloudError", "the cloud's address is a URL with a fragment ('#…'), which means nothing here: leave it out");
  return url;
}

function readDeadline(deadline: number): number {
  if (!(deadline > 0 && deadline <= LONGEST)) throw new ObclipError("InputError", `deadline is a positive number of milliseconds, at most ${LONGEST}`);
  return deadline;
}

/** Shown only where nothing in it can be a secret. */
function quoted(address: string): string {
  return /[@?#]/.test(address) ? "the cloud's address (not shown: it may hold a secret)" : JSON.stringify(address.slice(0, 300));
}

function isLocal(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host === "127.0.0.1" || host === "[::1]";
}

function base64(words: string): string {
  return btoa(String.fromCharCode(...new TextEncoder().encode(words)));
}

/** The body as it comes; what is over `most` is not read. */
async function readBody(response: Response, most: number, onBytes: Watch["onBytes"]): Promise<Uint8Array<ArrayBuffer>> {
  const said = Number(response.headers.get("content-length") ?? NaN);
  const total = said >= 0 && said <= most ? said : null;
  const parts: Uint8Array[] = [];
  let size = 0;
  const reader = response.body?.getReader();
  for (;;) {
    const { done, value } = await (reader?.read() ?? { done: true, value: undefined });
    if (done || value === undefined) break;
    const part = value.subarray(0, most + 1 - size);
    parts.push(part);
    size += part.length;
    onBytes?.(size, total);
    if (size > most) {
      await reader?.cancel();
      break;
    }
  }
  const body = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    body.set(part, at);
    at += part.length;
  }
  return body;
}

function sleep(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      if (signal?.aborted) reject(cancelled());
      else resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}

function checkNotStopped(signal: AbortSignal | undefined): void {
  if (signal?.aborted) throw cancelled();
}

/** The reference's words for a run that was stopped. */
export function cancelled(): ObclipError {
  return new ObclipError("Cancelled", "the picture was stopped; there is none");
}
