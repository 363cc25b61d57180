// All that a device needs: the bundle, the core with its word lists, and LiteRT. Told as one progress.
import { findBundle, loadBundle } from "./bundle.js";
import { Core, CoreError } from "./core.mjs";
import { Device } from "./device.js";
import { readOwn } from "./download.js";
import { ObclipError } from "./errors.js";
import type { Loaded, LoadOrder } from "./messages.js";
import { findGraph } from "./manifest.js";
import { chooseBuild, startLiteRt, type ReadFile } from "./litert.js";
import { Graphs } from "./runtime.js";
import type { LoadProgress } from "./types.js";

/** Bytes of the core's and LiteRT's files, which the build knows (vite.config.ts). */
declare const OBCLIP_SIZES: Readonly<Record<string, number>>;

const CORE_FILES = ["obclip.wasm", "lexicon.bin", "second_look.bin"] as const;

export async function loadDevice(order: LoadOrder, tell: (progress: LoadProgress) => void, signal: AbortSignal): Promise<{ device: Device; loaded: Loaded }> {
  const found = await findBundle(order.bundle, signal);
  const build = await chooseBuild();
  const progress = new Progress(tell);
  for (const file of found.wanted) progress.expect(file.path, file.bytes);
  for (const name of [...CORE_FILES, `${build}.wasm`]) progress.expect(name, OBCLIP_SIZES[name] ?? 0);

  const own = (folder: string): ReadFile => (name, use) => readOwn(folder + name, use, (loaded) => progress.note(name, loaded, false), signal);
  const bundle = await loadBundle(found, (file, loaded, cached) => progress.note(file.path, loaded, cached), signal);
  const core = await openCore(own(order.core), progress);
  await startLiteRt({ url: order.litert, read: own(order.litert) });
  progress.finish(`${build}.wasm`);

  const { manifest, files } = bundle;
  const tokenizer = files.get(manifest.tokenizer.file) ?? new Uint8Array();
  const unet = found.wanted.find((file) => file.path === findGraph(manifest, "unet").file)?.sha256 ?? "";
  const accelerator = order.accelerator ?? (await found.kept.isGpuUnfit(unet) ? "wasm" : undefined);
  const graphs = await Graphs.open(manifest, files, accelerator);
  if (graphs.isGpuUnfit) await found.kept.noteGpuUnfit(unet);
  const device = new Device(core, manifest, tokenizer, graphs);
  device.warmUp();
  return { device, loaded: { accelerator: graphs.accelerator, model: manifest.model, lexicon: core.lexicon, verified: manifest.verified } };
}

async function openCore(read: ReadFile, progress: Progress): Promise<Core> {
  const [module, lexicon, secondLook] = await Promise.all(CORE_FILES.map(async (name) => {
    const made = await read<WebAssembly.Module | Uint8Array>(name, async (response) =>
      name.endsWith(".wasm") ? WebAssembly.compileStreaming(response) : new Uint8Array(await response.arrayBuffer()));
    progress.finish(name);
    return made;
  }));
  try {
    return await Core.open(module as WebAssembly.Module, lexicon as Uint8Array, secondLook as Uint8Array);
  } catch (error) {
    if (error instanceof CoreError) throw new ObclipError("LexiconError", `${error.message}: load the page again, so that all of its files are of one build`);
    throw error;
  }
}

/** Sums what the files tell. */
class Progress {
  readonly #tell: (progress: LoadProgress) => void;
  readonly #sizes = new Map<string, { loaded: number; total: number }>();

  constructor(tell: (progress: LoadProgress) => void) {
    this.#tell = tell;
  }

  expect(file: string, total: number): void {
    this.#sizes.set(file, { loaded: 0, total });
  }

  note(file: string, loaded: number, cached: boolean): void {
    const size = this.#sizes.get(file);
    if (size === undefined) return;
    size.loaded = loaded;
    size.total = Math.max(size.total, loaded);
    const all = [...this.#sizes.values()];
    const sum = (pick: (one: { loaded: number; total: number }) => number) => all.reduce((total, one) => total + pick(one), 0);
    this.#tell({ file, loaded: sum((one) => one.loaded), total: sum((one) => one.total), cached });
  }

  /** All of it is here, whatever its size was said to be. */
  finish(file: string): void {
    const size = this.#sizes.get(file);
    if (size === undefined || size.loaded === size.total) return;
    size.total = size.loaded;
    this.note(file, size.loaded, false);
  }
}
