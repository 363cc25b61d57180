// What this browser keeps of bundles: verified files by their sha256, manifests by their address, and pieces of files that
// have not arrived whole. In the Cache API, which keeps bytes on disk and out of memory.
import { ObclipError } from "./errors.js";

const NAME = "obclip bundles";
/** No server answers here: addresses in this cache alone. */
const ROOT = "/.obclip/";

export class Kept {
  readonly #cache: Cache | null;

  private constructor(cache: Cache | null) {
    this.#cache = cache;
  }

  /** Where a browser keeps nothing (some private windows), everything is loaded each time. */
  static async open(): Promise<Kept> {
    return new Kept(await globalThis.caches?.open(NAME).catch(() => null) ?? null);
  }

  file(sha256: string): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#get(`sha256/${sha256}`);
  }

  /** @throws ObclipError BundleError: the storage is full; then nothing of the file is left in it */
  async keepFile(sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      await this.#put(`sha256/${sha256}`, bytes);
    } finally {
      await this.dropPieces(sha256);
    }
  }

  async dropFile(sha256: string): Promise<void> {
    await this.#drop(`sha256/${sha256}`);
  }

  manifest(url: URL): Promise<Uint8Array<ArrayBuffer> | null> {
    return this.#get(manifestPath(url));
  }

  async keepManifest(url: URL, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    await this.#put(manifestPath(url), bytes);
  }

  /** The pieces of a file in their order. */
  async *pieces(sha256: string): AsyncGenerator<Uint8Array<ArrayBuffer>> {
    for (let i = 0; ; ++i) {
      const piece = await this.#get(`part/${sha256}/${i}`);
      if (piece === null) return;
      yield piece;
    }
  }

  async addPiece(sha256: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    const before = await this.#paths(`part/${sha256}/`);
    await this.#put(`part/${sha256}/${before.length}`, bytes);
  }

  async dropPieces(sha256: string): Promise<void> {
    for (const path of await this.#paths(`part/${sha256}/`)) await this.#drop(path);
  }

  /** Whether this browser was found not to run a graph on its WebGPU. */
  async isGpuUnfit(sha256: string): Promise<boolean> {
    const browser = await this.#get(`webgpu/${sha256}`);
    return browser !== null && new TextDecoder().decode(browser) === navigator.userAgent;
  }

  async noteGpuUnfit(sha256: string): Promise<void> {
    await this.#put(`webgpu/${sha256}`, new TextEncoder().encode(navigator.userAgent)).catch(() => undefined);
  }

  /** Files and pieces that no kept manifest names go. `read`: the hashes of a manifest. */
  async tidy(read: (manifest: Uint8Array) => readonly string[]): Promise<void> {
    const wanted = new Set<string>();
    for (const path of await this.#paths("manifest/")) {
      for (const sha256 of read(await this.#get(path) ?? new Uint8Array())) wanted.add(sha256);
    }
    for (const path of [...await this.#paths("sha256/"), ...await this.#paths("part/"), ...await this.#paths("webgpu/")]) {
      if (!wanted.has(path.split("/")[1] ?? "")) await this.#drop(path);
    }
  }

  async #get(path: string): Promise<Uint8Array<ArrayBuffer> | null> {
    const found = await this.#cache?.match(address(path));
    return found === undefined ? null : new Uint8Array(await found.arrayBuffer());
  }

  async #put(path: string, bytes: Uint8Array<ArrayBuffer>): Promise<void> {
    try {
      await this.#cache?.put(address(path), new Response(bytes));
    } catch (error) {
      await this.#drop(path);
      const why = error instanceof Error && error.name === "QuotaExceededError" ? "its storage is full" : String(error);
      throw new ObclipError("BundleError", `this browser cannot keep the model (${why}): free some space, or clear this site's data, and load the page again`);
    }
  }

  async #drop(path: string): Promise<void> {
    await this.#cache?.delete(address(path)).catch(() => false);
  }

  async #paths(start: string): Promise<string[]> {
    const from = address(start);
    const all = await this.#cache?.keys() ?? [];
    return all.filter((request) => request.url.startsWith(from)).map((request) => request.url.slice(address("").length));
  }
}

function address(path: string): string {
  return globalThis.origin + ROOT + path; // the worker's own address is a blob's
}

function manifestPath(url: URL): string {
  return `manifest/${encodeURIComponent(url.href)}`;
}
