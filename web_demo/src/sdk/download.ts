// Files of the bundle and of this site: streamed, told as progress, and gone on with where they were cut.
import { ObclipError } from "./errors.js";
import type { FileEntry } from "./manifest.js";
import type { Kept } from "./kept.js";

/** Bytes of a file so far. */
export type OnBytes = (loaded: number) => void;

const TRIES = 3;
const WAIT = 500;
/** What is kept of a file that has not arrived whole. */
const PIECE = 4 * 1024 * 1024;

/**
 * One file of the bundle, whole and verified.
 * @throws ObclipError BundleError, Cancelled
 */
export async function download(url: URL, entry: FileEntry, kept: Kept, onBytes: OnBytes, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  const into = new Download(url, entry, kept, onBytes, signal);
  const isResumed = await into.resume();
  try {
    await into.run();
    if ((await sha256(into.bytes)) === entry.sha256) return into.bytes;
    if (isResumed) {
      // The pieces may be of an older file at this address.
      await into.restart();
      await into.run();
      if ((await sha256(into.bytes)) === entry.sha256) return into.bytes;
    }
  } catch (error) {
    await into.keepRest();
    throw error;
  }
  await kept.dropPieces(entry.sha256);
  throw new ObclipError("BundleError", `${entry.path} was altered: its sha256 is not the manifest's; load the page again, or ask whoever runs this site to export the bundle again`);
}

class Download {
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly #url: URL;
  readonly #entry: FileEntry;
  readonly #kept: Kept;
  readonly #onBytes: OnBytes;
  readonly #signal: AbortSignal | undefined;
  #size = 0;
  #safe = 0;

  constructor(url: URL, entry: FileEntry, kept: Kept, onBytes: OnBytes, signal: AbortSignal | undefined) {
    this.#url = url;
    this.#entry = entry;
    this.#kept = kept;
    this.#onBytes = onBytes;
    this.#signal = signal;
    try {
      this.bytes = new Uint8Array(entry.bytes);
    } catch {
      throw new ObclipError("BundleError", `${entry.path} has ${Math.round(entry.bytes / 1e6)} MB and no memory is left for it: close other tabs, and load the page again`);
    }
  }

  /** Go on behind the pieces that an earlier visit kept. */
  async resume(): Promise<boolean> {
    for await (const piece of this.#kept.pieces(this.#entry.sha256)) {
      if (this.#size + piece.length > this.bytes.length) {
        await this.restart();
        return false;
      }
      this.bytes.set(piece, this.#size);
      this.#size += piece.length;
    }
    this.#safe = this.#size;
    this.#onBytes(this.#size);
    return this.#size > 0;
  }

  async restart(): Promise<void> {
    this.#size = this.#safe = 0;
    await this.#kept.dropPieces(this.#entry.sha256);
  }

  /** All of the file; what is cut is asked for again from there. */
  async run(): Promise<void> {
    let fault: ObclipError | null = null;
    for (let tried = 0; this.#size < this.bytes.length && tried < TRIES; ++tried) {
      const before = this.#size;
      fault = await this.#once();
      if (this.#size > before) tried = -1; // it moves
      else if (fault !== null) await pause(WAIT * (tried + 1), this.#signal);
    }
    if (this.#size < this.bytes.length) throw fault ?? this.#cut("it is shorter than its manifest says");
  }

  /** Keep what has arrived, for another time. */
  async keepRest(): Promise<void> {
    if (this.#size === this.#safe) return;
    await this.#kept.addPiece(this.#entry.sha256, this.bytes.slice(this.#safe, this.#size)).catch(() => undefined);
  }

  async #once(): Promise<ObclipError | null> {
    let response: Response;
    try {
      response = await fetch(this.#url, {
        headers: this.#size > 0 ? { range: `bytes=${this.#size}-` } : {},
        cache: "no-store", credentials: "same-origin", referrerPolicy: "no-referrer", ...(this.#signal && { signal: this.#signal }),
      });
    } catch (error) {
      return this.#faultOf(error);
    }
    if (response.status === 416) {
      await this.restart();
      return this.#cut("the server has less of it than there was");
    }
    if (!response.ok) throw new ObclipError("BundleError", `${this.#entry.path} is missing beside bundle.json (HTTP ${response.status}): ask whoever runs this site to copy the whole folder of the bundle`);
    const isRest = response.status === 206 && response.headers.get("content-range")?.startsWith(`bytes ${this.#size}-`) === true;
    if (this.#size > 0 && !isRest) await this.restart(); // this server does not go on
    return this.#read(response);
  }

  async #read(response: Response): Promise<ObclipError | null> {
    const reader = response.body?.getReader();
    try {
      for (;;) {
        const { done, value } = await (reader?.read() ?? { done: true, value: undefined });
        if (done || value === undefined) return null;
        if (this.#size + value.length > this.bytes.length) {
          await reader?.cancel();
          await this.restart();
          throw new ObclipError("BundleError", `${this.#entry.path} is longer than its manifest says: ask whoever runs this site to copy the bundle again`);
        }
        this.bytes.set(value, this.#size);
        this.#size += value.length;
        this.#onBytes(this.#size);
        if (this.#size - this.#safe >= PIECE && this.#size < this.bytes.length) {
          await this.#kept.addPiece(this.#entry.sha256, this.bytes.slice(this.#safe, this.#size));
          this.#safe = this.#size;
        }
      }
    } catch (error) {
      return this.#faultOf(error);
    }
  }

  #faultOf(error: unknown): ObclipError {
    if (error instanceof ObclipError) throw error;
    if (this.#signal?.aborted) throw stopped();
    return this.#cut(error instanceof Error ? error.message : String(error));
  }

  #cut(why: string): ObclipError {
    const percent = Math.floor((100 * this.#size) / Math.max(1, this.bytes.length));
    return new ObclipError("BundleError", `${this.#entry.path} broke off at ${percent} % (${why}): what has arrived is kept; look at the connection and try again`);
  }
}

/**
 * A file of this site, whose bytes the build knows, read while it comes.
 * @throws ObclipError RuntimeFault: it did not arrive whole, whatever its reader makes of that. Cancelled
 */
export async function readOwn<T>(url: string, use: (response: Response) => Promise<T>, onBytes: OnBytes, signal?: AbortSignal): Promise<T> {
  let fault: ObclipError | null = null, size = 0;
  const fail = (error: unknown): ObclipError => (fault ??= signal?.aborted ? stopped() : notWhole(url, error));
  let response: Response;
  try {
    response = await fetch(url, { credentials: "same-origin", referrerPolicy: "no-referrer", ...(signal && { signal }) });
  } catch (error) {
    throw fail(error);
  }
  const reader = response.ok ? response.body?.getReader() : undefined;
  if (reader === undefined) throw new ObclipError("RuntimeFault", `${nameOf(url)} is missing (HTTP ${response.status}): ask whoever runs this site to copy the whole build, and try again`);
  const counted = new ReadableStream<Uint8Array<ArrayBuffer>>({
    async pull(to) {
      const { done, value } = await reader.read().catch((error: unknown) => { throw fail(error); });
      if (done) return to.close();
      size += value.length;
      onBytes(size);
      to.enqueue(value as Uint8Array<ArrayBuffer>);
    },
    cancel: (why) => reader.cancel(why),
  });
  const type = url.endsWith(".wasm") ? "application/wasm" : "application/octet-stream";
  try {
    return await use(new Response(counted, { headers: { "content-type": type } }));
  } catch (error) {
    throw fault ?? error;
  }
}

/** A connection that ends, and a file that the service worker does not let through, look the same from here. */
export function notWhole(url: string, error: unknown): ObclipError {
  const why = error instanceof Error ? error.message : String(error);
  return new ObclipError("RuntimeFault", `${nameOf(url)} did not arrive as it was built (${why}): look at the connection and try again; if it stays, ask whoever runs this site whether the file was changed`);
}

function nameOf(url: string): string {
  return url.slice(url.lastIndexOf("/") + 1);
}

export async function sha256(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function stopped(): ObclipError {
  return new ObclipError("Cancelled", "loading was stopped; what has arrived is kept");
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const end = () => {
      clearTimeout(timer);
      signal?.removeEventListener("abort", end);
      if (signal?.aborted) reject(stopped());
      else resolve();
    };
    const timer = setTimeout(end, ms);
    signal?.addEventListener("abort", end);
    if (signal?.aborted) end();
  });
}
