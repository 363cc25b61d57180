// LiteRT.js started in a classic worker: its script takes its place in the global object, and asks there for its module.
import { loadLiteRt, supportsFeature } from "@litertjs/core";
import { notWhole } from "./download.js";
import { ObclipError } from "./errors.js";

/** A file of a folder of this site, given to `use` while it comes. */
export type ReadFile = <T>(name: string, use: (response: Response) => Promise<T>) => Promise<T>;

/** Where LiteRT's files are, and how they are fetched. */
export interface LiteRtFiles {
  /** Ends in "/". */
  readonly url: string;
  readonly read: ReadFile;
}

/** LiteRT's builds that may be loaded (docs/WEB.md): the plain one, one for browsers without relaxed SIMD, one with threads. */
export async function chooseBuild(): Promise<string> {
  if (!(await supportsFeature("relaxedSimd"))) return "litert_wasm_compat_internal";
  const hasThreads = globalThis.crossOriginIsolated === true && (await supportsFeature("threads"));
  return hasThreads ? "litert_wasm_threaded_internal" : "litert_wasm_internal";
}

/** Start LiteRT, once in a worker's life. */
export async function startLiteRt(files: LiteRtFiles): Promise<void> {
  muteChatter(); // before its script keeps the console's functions
  const build = await chooseBuild();
  const script = `${files.url}${build}.js`;
  // Read by the script when it starts. What it would fetch itself it would look for beside the worker.
  (globalThis as { Module?: unknown }).Module = {
    locateFile: (name: string) => files.url + name,
    mainScriptUrlOrBlob: script,
    instantiateWasm: (imports: WebAssembly.Imports, done: (instance: WebAssembly.Instance, module: WebAssembly.Module) => void) => {
      void instantiate(files, `${build}.wasm`, imports).then(({ instance, module }) => done(instance, module), broken);
      return {};
    },
  };
  let broken: (error: unknown) => void = () => undefined;
  const failed = new Promise<never>((_, reject) => { broken = reject; });
  try {
    await Promise.race([loadLiteRt(script), failed]);
  } catch (error) {
    if (error instanceof ObclipError) throw error;
    if (error instanceof DOMException && error.name === "NetworkError") throw notWhole(script, error); // importScripts
    throw new ObclipError("RuntimeFault", `LiteRT does not start (${said(error)}): load the page again; if it stays, take a newer browser`);
  }
}

async function instantiate(files: LiteRtFiles, name: string, imports: WebAssembly.Imports): Promise<WebAssembly.WebAssemblyInstantiatedSource> {
  return files.read(name, (response) => WebAssembly.instantiateStreaming(response, imports));
}

/** The first line of what went wrong. */
export function said(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.trim().split("\n", 1)[0]?.slice(0, 200) || "no reason given";
}

/** What LiteRT says while `use` runs is nobody's business: whether WebGPU takes a graph is found out by trying. */
export async function quietly<T>(use: () => Promise<T>): Promise<T> {
  isQuiet = true;
  try {
    return await use();
  } finally {
    isQuiet = false;
  }
}

let isQuiet = false;
// What LiteRT tells of its own start and of every graph is for its makers; its errors are told.
const CHATTER = /^(INFO|WARNING): |^[IW]\d{4} |^Failed to create default WebGPU device/;

function muteChatter(): void {
  for (const name of ["log", "warn", "error"] as const) {
    const tell = console[name].bind(console);
    console[name] = (...words: unknown[]) => {
      if (!isQuiet && !CHATTER.test(String(words[0]))) tell(...words);
    };
  }
}
