// The service worker: serves the page, the core and LiteRT from this browser, so that they work without a network and
// every file is of one build. build.mjs puts the build's list in front of it.
//
// Files are kept by their SHA-256, so two builds never mix, and what did not change is not fetched again. The bundle is
// the SDK's to keep; other origins, other methods and what is not in the list go past this worker.

interface Entry {
  readonly bytes: number;
  readonly sha256: string;
}
export {};
declare const BUILD: { readonly version: string; readonly files: Readonly<Record<string, Entry>> };

const worker = self as unknown as ServiceWorkerGlobalScope;
const SCOPE = new URL(worker.registration.scope);
const STORE = `obclip ${SCOPE.pathname}`;
const PAGE = "index.html";
const CONFIG = "config.json";
/** Megabytes, of which a browser may need a part: kept when they are asked for, not before. */
const LATER = ["core/", "litert/"];
const FILES = new Map(Object.entries(BUILD.files));

worker.addEventListener("install", (event) => event.waitUntil(keepPage()));
worker.addEventListener("activate", (event) => event.waitUntil(takeOver()));

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const url = new URL(request.url);
  if (request.method !== "GET" || url.origin !== SCOPE.origin || !url.pathname.startsWith(SCOPE.pathname)) return;
  const path = url.pathname.slice(SCOPE.pathname.length) || PAGE;
  const entry = FILES.get(path);
  if (entry !== undefined) event.respondWith(serve(path, entry));
  else if (path === CONFIG) event.respondWith(serveConfig());
});

worker.addEventListener("message", (event) => {
  const { kind, path } = event.data as { kind?: unknown; path?: unknown };
  if (kind === "activate") void worker.skipWaiting();
  if (kind === "holds") event.ports[0]?.postMessage(typeof path === "string" && FILES.has(path));
});

async function keepPage(): Promise<void> {
  const early = [...FILES].filter(([path]) => !LATER.some((folder) => path.startsWith(folder)));
  await Promise.all(early.map(async ([path, entry]) => {
    try {
      await (await serve(path, entry)).arrayBuffer();
    } catch (error) {
      const pages = await worker.clients.matchAll({ includeUncontrolled: true });
      for (const page of pages) page.postMessage({ kind: "refused", path });
      throw error;
    }
  }));
  await serveConfig().catch(() => undefined); // without it the page says what is wrong
}

/** What no file of this build is goes; pages that were opened without a worker are served from now on. */
async function takeOver(): Promise<void> {
  const store = await caches.open(STORE);
  const ours = new Set([address(CONFIG), ...[...FILES.values()].map((entry) => address(entry.sha256))]);
  const stale = (await store.keys()).filter((request) => !ours.has(request.url));
  await Promise.all(stale.map((request) => store.delete(request)));
  await worker.clients.claim();
}

async function serve(path: string, entry: Entry): Promise<Response> {
  const store = await caches.open(STORE).catch(() => null); // storage can be switched off
  const kept = await store?.match(address(entry.sha256));
  if (kept !== undefined) return kept;
  // Past the browser's own cache: what arrived damaged there would be found unchanged for ever.
  const response = await fetch(new URL(path, SCOPE), { cache: "reload" });
  if (!response.ok || response.body === null) return response;
  const headers = new Headers(response.headers);
  headers.delete("content-encoding"); // the body that passes here is decoded
  headers.set("content-length", String(entry.bytes));
  return new Response(response.body.pipeThrough(checked(path, entry, store, headers)), { headers });
}

/** Passes a body on as it comes, but for its end: that follows when the whole has the right hash and is kept. */
function checked(path: string, entry: Entry, store: Cache | null, headers: Headers): TransformStream<Uint8Array, Uint8Array> {
  const whole = new Uint8Array(entry.bytes);
  let size = 0;
  let last: Uint8Array | null = null;
  const refusal = () => new TypeError(`${path} is not the file of this build`);
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, to) {
      if (size + chunk.length > entry.bytes) throw refusal();
      whole.set(chunk, size);
      size += chunk.length;
      if (last !== null) to.enqueue(last);
      last = chunk;
    },
    async flush(to) {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", whole));
      const hex = [...digest].map((byte) => byte.toString(16).padStart(2, "0")).join("");
      if (size !== entry.bytes || hex !== entry.sha256) throw refusal();
      // A full disk is no reason to serve nothing.
      await store?.put(address(entry.sha256), new Response(whole, { headers })).catch(() => undefined);
      if (last !== null) to.enqueue(last);
    },
  });
}

/** The host's configuration is of no build: from the network, and without one as it was last. */
async function serveConfig(): Promise<Response> {
  const store = await caches.open(STORE);
  try {
    const response = await fetch(new URL(CONFIG, SCOPE), { cache: "no-cache" });
    if (response.ok) await store.put(address(CONFIG), response.clone()).catch(() => undefined);
    return response;
  } catch (error) {
    const kept = await store.match(address(CONFIG));
    if (kept === undefined) throw error;
    return kept;
  }
}

/** Where a file is kept; no such address is ever asked for. */
function address(name: string): string {
  return new URL(`kept/${name}`, SCOPE).href;
}
