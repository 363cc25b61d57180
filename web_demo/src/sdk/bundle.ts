// An edge bundle at an address: its manifest, and every file that the device needs, verified before use.
import { download, sha256, stopped } from "./download.js";
import { ObclipError } from "./errors.js";
import { Kept } from "./kept.js";
import { findGraph, MAX_MANIFEST_BYTES, parseManifest, type FileEntry, type Manifest } from "./manifest.js";

export interface Bundle {
  readonly manifest: Manifest;
  /** By their path. */
  readonly files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>;
}

/** Told while files come: bytes of this one so far. */
export type OnFile = (file: FileEntry, loaded: number, cached: boolean) => void;

export interface Found {
  readonly url: URL;
  readonly bytes: Uint8Array<ArrayBuffer>;
  readonly manifest: Manifest;
  /** What the device needs of it. */
  readonly wanted: readonly FileEntry[];
  readonly kept: Kept;
}

/**
 * The bundle's manifest: from its server, or without a network the one of the last visit.
 * @throws ObclipError BundleError, Cancelled
 */
export async function findBundle(address: string, signal?: AbortSignal): Promise<Found> {
  if (globalThis.crypto?.subtle === undefined) {
    throw new ObclipError("BundleError", "this page came by plain http, where a browser checks no files: open it by https, or on this machine as http://localhost");
  }
  const url = readUrl(address);
  const kept = await Kept.open();
  const bytes = await fetchManifest(url, signal) ?? await kept.manifest(url);
  if (bytes === null) throw new ObclipError("BundleError", `${url.href} cannot be reached: look at the connection and try again`);
  const manifest = parseManifest(bytes, url.pathname);
  return { url, bytes, manifest, wanted: chooseFiles(manifest), kept };
}

/** All files of a bundle that was found. */
export async function loadBundle(found: Found, onFile: OnFile, signal?: AbortSignal): Promise<Bundle> {
  const { url, manifest, wanted, kept } = found;
  const files = new Map<string, Uint8Array<ArrayBuffer>>();
  for (const entry of wanted) files.set(entry.path, await loadFile(url, entry, kept, onFile, signal));
  await kept.keepManifest(url, found.bytes);
  await kept.tidy((bytes) => readHashes(bytes));
  return { manifest, files };
}

async function loadFile(base: URL, entry: FileEntry, kept: Kept, onFile: OnFile, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer>> {
  if (signal?.aborted) throw stopped();
  const here = await kept.file(entry.sha256);
  if (here !== null && here.length === entry.bytes && (await sha256(here)) === entry.sha256) {
    onFile(entry, entry.bytes, true);
    return here;
  }
  if (here !== null) await kept.dropFile(entry.sha256);
  const url = new URL(entry.path.split("/").map(encodeURIComponent).join("/"), base);
  const bytes = await download(url, entry, kept, (loaded) => onFile(entry, loaded, false), signal);
  await kept.keepFile(entry.sha256, bytes);
  return bytes;
}

/** Null: there is no way to the server. */
async function fetchManifest(url: URL, signal?: AbortSignal): Promise<Uint8Array<ArrayBuffer> | null> {
  let response: Response;
  try {
    response = await fetch(url, { cache: "no-cache", credentials: "same-origin", referrerPolicy: "no-referrer", ...(signal && { signal }) });
  } catch {
    if (signal?.aborted) throw stopped();
    return null;
  }
  if (!response.ok) throw new ObclipError("BundleError", `there is no bundle at ${url.href} (HTTP ${response.status}): give the address of the folder that holds bundle.json`);
  const parts: Uint8Array[] = [];
  let size = 0;
  try {
    for (const reader = response.body?.getReader(); ; ) {
      const { done, value } = await (reader?.read() ?? { done: true, value: undefined });
      if (done || value === undefined) break;
      parts.push(value);
      size += value.length;
      if (size > MAX_MANIFEST_BYTES) {
        await reader?.cancel();
        throw new ObclipError("BundleError", `${url.href} is over ${MAX_MANIFEST_BYTES} bytes: it is no bundle's`);
      }
    }
  } catch (error) {
    if (error instanceof ObclipError) throw error;
    if (signal?.aborted) throw stopped();
    return null;
  }
  return new Uint8Array(await new Blob(parts as Uint8Array<ArrayBuffer>[]).arrayBuffer());
}

function chooseFiles(manifest: Manifest): readonly FileEntry[] {
  const paths = [manifest.tokenizer.file, ...["text_encoder", "unet", "vae_decoder"].map((role) => findGraph(manifest, role).file)];
  return paths.map((path) => {
    const entry = manifest.files.find((file) => file.path === path);
    if (entry === undefined) throw new ObclipError("BundleError", `the bundle's ${path} is no single file: export it again with --format litert`);
    return entry;
  });
}

function readHashes(manifest: Uint8Array): readonly string[] {
  try {
    return parseManifest(manifest, "kept").files.map((file) => file.sha256);
  } catch {
    return [];
  }
}

function readUrl(address: string): URL {
  try {
    return new URL("bundle.json", new URL(address.endsWith("/") ? address : `${address}/`));
  } catch {
    throw new ObclipError("BundleError", `${JSON.stringify(address.slice(0, 300))} is no address of a bundle's folder`);
  }
}
