// LiteRT.js on the bundle's graphs (edge_sdk/runtimes/litert.py): a graph's signatures by the batch of their first input.
//
// LiteRT's own script is a classic one that takes its place in the global object, so all of this runs in a classic worker.
import { loadAndCompile, loadLiteRt, supportsFeature, Tensor, unloadLiteRt, type CompiledModel, type SignatureRunner } from "@litertjs/core";
import { ObclipError } from "./errors.js";
import { findGraph, type GraphSpec, type Manifest } from "./manifest.js";
import type { Accelerator } from "./types.js";

type Numbers = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
/** Values of one input; `rows`: how many of the batch they hold, or none for what all rows share. */
interface Input {
  readonly values: Numbers;
  readonly shape: readonly number[];
  readonly rows: number | null;
}
interface Runner {
  readonly name: string;
  readonly run: SignatureRunner;
}

/** Where LiteRT's files are, and how they are fetched. */
export interface LiteRtFiles {
  /** Ends in "/". */
  readonly url: string;
  /** The bytes of a file of it, told as progress. */
  readonly fetch: (name: string) => Promise<Response>;
}

const FIRST_INPUT: Readonly<Record<string, string>> = { text_encoder: "input_ids", unet: "sample", vae_decoder: "latents" };
const INPUTS: Readonly<Record<string, readonly string[]>> = {
  text_encoder: ["input_ids"], unet: ["encoder_hidden_states", "sample", "timestep"], vae_decoder: ["latents"],
};
type Role = "text_encoder" | "unet" | "vae_decoder";
const ROLES: readonly Role[] = ["text_encoder", "unet", "vae_decoder"];

/** LiteRT's builds that may be loaded (docs/WEB.md): the plain one, one for browsers without relaxed SIMD, one with threads. */
export async function chooseBuild(): Promise<string> {
  if (!(await supportsFeature("relaxedSimd"))) return "litert_wasm_compat_internal";
  const hasThreads = globalThis.crossOriginIsolated === true && (await supportsFeature("threads"));
  return hasThreads ? "litert_wasm_threaded_internal" : "litert_wasm_internal";
}

/** Start LiteRT, once in a worker's life. */
export async function startLiteRt(files: LiteRtFiles): Promise<void> {
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
    throw new ObclipError("RuntimeFault", `LiteRT does not start (${said(error)}): load the page again; if it stays, take a newer browser`);
  }
}

export function stopLiteRt(): void {
  unloadLiteRt();
}

async function instantiate(files: LiteRtFiles, name: string, imports: WebAssembly.Imports): Promise<WebAssembly.WebAssemblyInstantiatedSource> {
  return WebAssembly.instantiateStreaming(files.fetch(name), imports);
}

/** The three graphs of one bundle. Calls take turns; between any two of them the worker's messages are read. */
export class Graphs {
  readonly accelerator: Accelerator;
  readonly #graphs: ReadonlyMap<Role, Graph>;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(graphs: ReadonlyMap<Role, Graph>, accelerator: Accelerator) {
    this.#graphs = graphs;
    this.accelerator = accelerator;
  }

  /**
   * @param wanted where to run; none: WebGPU where there is one that runs the smallest graph, else wasm
   * @throws ObclipError BundleError: a graph cannot be loaded, or is another one. RuntimeFault: WebGPU was asked for and fails.
   */
  static async open(manifest: Manifest, files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>, wanted?: Accelerator): Promise<Graphs> {
    const sources = ROLES.map((role) => {
      const spec = findGraph(manifest, role);
      const bytes = files.get(spec.file);
      if (bytes === undefined) throw new ObclipError("BundleError", `the bundle's ${role} is no single file: export it again with --format litert`);
      return { role, spec, bytes };
    });
    if (wanted !== "wasm" && (await hasGpu())) {
      const found = await Graphs.#openOn("webgpu", manifest, sources).catch((error: unknown) => {
        if (wanted === "webgpu") throw error;
        return null;
      });
      if (found !== null) return found;
    }
    if (wanted === "webgpu") throw new ObclipError("RuntimeFault", "this browser has no WebGPU that runs the bundle: leave accelerator out, or take \"wasm\"");
    return Graphs.#openOn("wasm", manifest, sources);
  }

  static async #openOn(accelerator: Accelerator, manifest: Manifest, sources: readonly { role: Role; spec: GraphSpec; bytes: Uint8Array<ArrayBuffer> }[]): Promise<Graphs> {
    const opened = new Map<Role, Graph>();
    try {
      // The smallest one first: it shows whether the accelerator works at all.
      for (const { role, spec, bytes } of [...sources].sort((a, b) => a.bytes.length - b.bytes.length)) {
        const graph = await Graph.open(role, spec, bytes, accelerator);
        opened.set(role, graph);
        if (accelerator === "webgpu" && opened.size === 1) await graph.tryOut(manifest);
      }
      return new Graphs(opened, accelerator);
    } catch (error) {
      for (const graph of opened.values()) graph.delete();
      throw error;
    }
  }

  /** Token ids `[rows, length]` to states `[rows, length, D]`. */
  encodeText(ids: Int32Array<ArrayBuffer>, rows: number): Promise<Float32Array<ArrayBuffer>> {
    return this.#run("text_encoder", { input_ids: batch(ids, [rows, ids.length / rows]) });
  }

  /** `rows` copies of a latent `[C, H, W]` at one timestep, each with its row of `states`: `[rows, C, H, W]`. */
  denoise(sample: Float32Array, shape: readonly number[], timestep: number, states: Float32Array, rows: number): Promise<Float32Array<ArrayBuffer>> {
    const all = new Float32Array(rows * sample.length);
    for (let row = 0; row < rows; ++row) all.set(sample, row * sample.length);
    const width = findWidth(this.#graphs.get("unet"));
    const length = states.length / 2 / width;
    return this.#run("unet", {
      sample: batch(all, [rows, ...shape]),
      timestep: { values: new Float32Array([timestep]), shape: [1], rows: null },
      encoder_hidden_states: batch(states.slice(0, rows * length * width), [rows, length, width]),
    });
  }

  /** An unscaled latent `[C, H, W]` to a picture `[3, S, S]` in [-1, 1]. */
  decode(latent: Float32Array<ArrayBuffer>, shape: readonly number[]): Promise<Float32Array<ArrayBuffer>> {
    return this.#run("vae_decoder", { latents: batch(latent, [1, ...shape]) });
  }

  delete(): void {
    for (const graph of this.#graphs.values()) graph.delete();
  }

  #run(role: Role, inputs: Readonly<Record<string, Input>>): Promise<Float32Array<ArrayBuffer>> {
    const graph = this.#graphs.get(role);
    if (graph === undefined) throw new ObclipError("BundleError", `the bundle has no ${role}`);
    const turn = this.#last.then(async () => {
      const out = await graph.run(inputs);
      await breathe();
      return out;
    });
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** One loaded `.tflite`. */
class Graph {
  readonly #role: Role;
  readonly #model: CompiledModel;
  readonly #output: string;
  readonly #runners: ReadonlyMap<number, Runner>;

  private constructor(role: Role, model: CompiledModel, output: string, runners: ReadonlyMap<number, Runner>) {
    this.#role = role;
    this.#model = model;
    this.#output = output;
    this.#runners = runners;
  }

  static async open(role: Role, spec: GraphSpec, bytes: Uint8Array<ArrayBuffer>, accelerator: Accelerator): Promise<Graph> {
    const output = spec.outputs[0]?.name;
    if (output === undefined) throw new ObclipError("BundleError", `the edge bundle's ${role} names no output; export the bundle again`);
    let model: CompiledModel;
    try {
      // 32 bits, so that a picture is the same whatever ran it.
      model = await loadAndCompile(bytes, accelerator === "webgpu" ? { accelerator, gpuOptions: { precision: "fp32" } } : { accelerator });
    } catch (error) {
      throw new ObclipError("BundleError", `LiteRT cannot load ${spec.file}: ${said(error)}; export it again`);
    }
    try {
      // LiteRT takes wasm by itself where the other does not do a whole graph.
      if (accelerator === "webgpu" && !model.isFullyAccelerated) throw new ObclipError("RuntimeFault", `WebGPU does not run all of ${spec.file}`);
      return new Graph(role, model, output, readRunners(role, spec, output, model));
    } catch (error) {
      model.delete();
      throw error;
    }
  }

  get inputs(): SignatureRunner {
    const first = this.#runners.values().next().value;
    if (first === undefined) throw new ObclipError("BundleError", `the bundle's ${this.#role} holds no signature; export it again`);
    return first.run;
  }

  /** Run on zeros; what does not work throws. */
  async tryOut(manifest: Manifest): Promise<void> {
    const [rows] = this.#runners.keys();
    const inputs: Record<string, Input> = {};
    for (const { name, shape, dtype } of this.inputs.getInputDetails()) {
      const size = shape.reduce((all, one) => all * one, 1);
      inputs[name] = { values: dtype === "int32" ? new Int32Array(size).fill(manifest.tokenizer.padId) : new Float32Array(size), shape: [...shape], rows: name === "timestep" ? null : rows ?? 1 };
    }
    const out = await this.run(inputs);
    if (!out.every(Number.isFinite)) throw new ObclipError("RuntimeFault", "WebGPU gives numbers that are not finite");
  }

  /** A batch of any size: a signature of that batch, else rows through the nearest one. */
  async run(inputs: Readonly<Record<string, Input>>): Promise<Float32Array<ArrayBuffer>> {
    const rows = Object.values(inputs).find((input) => input.rows !== null)?.rows ?? 1;
    if (this.#runners.has(rows)) return this.#call(rows, inputs);
    const sizes = [...this.#runners.keys()].sort((a, b) => a - b);
    const size = sizes.find((batchSize) => batchSize > rows) ?? sizes.at(-1) ?? 1;
    const parts: Float32Array<ArrayBuffer>[] = [];
    for (let start = 0; start < rows; start += size) {
      const part = Object.fromEntries(Object.entries(inputs).map(([name, input]) => [name, take(input, start, size)]));
      const out = await this.#call(size, part);
      parts.push(out.slice(0, out.length / size * Math.min(size, rows - start)));
    }
    return join(parts);
  }

  async #call(size: number, inputs: Readonly<Record<string, Input>>): Promise<Float32Array<ArrayBuffer>> {
    const runner = this.#runners.get(size);
    if (runner === undefined) throw new ObclipError("BundleError", `the bundle's ${this.#role} has no signature for ${size} rows`);
    const given: Record<string, Tensor> = {};
    const made: Tensor[] = [];
    try {
      for (const [name, { values, shape }] of Object.entries(inputs)) {
        const tensor = new Tensor(values, [...shape]);
        made.push(tensor);
        given[name] = tensor;
      }
      const result = await runner.run.run(given);
      made.push(...Object.values(result));
      const out = result[this.#output];
      if (out === undefined) throw new Error(`there is no output ${this.#output}`);
      return (await out.data()) as Float32Array<ArrayBuffer>;
    } catch (error) {
      throw new ObclipError("RuntimeFault", `the ${this.#role.replace("_", " ")} fails on this device: ${said(error)}; close other tabs and load the page again`);
    } finally {
      for (const tensor of made) tensor.delete();
    }
  }

  delete(): void {
    this.#model.delete();
  }
}

function readRunners(role: Role, spec: GraphSpec, output: string, model: CompiledModel): ReadonlyMap<number, Runner> {
  const runners = new Map<number, Runner>();
  for (const [name, run] of Object.entries(model.signatures)) {
    const details = run.getInputDetails();
    const names = details.map((input) => input.name).sort();
    const rows = details.find((input) => input.name === FIRST_INPUT[role])?.shape[0];
    const fits = names.join() === INPUTS[role]?.join() && details.every((input) => input.dtype === (input.name === "input_ids" ? "int32" : "float32"));
    const hasOutput = run.getOutputDetails().some((out) => out.name === output && out.dtype === "float32");
    if (!fits || !hasOutput || rows === undefined || rows < 1) {
      throw new ObclipError("BundleError", `${spec.file} (${name}) has other inputs or outputs than a ${role}; export the bundle again`);
    }
    runners.set(rows, { name, run });
  }
  if (runners.size === 0) throw new ObclipError("BundleError", `${spec.file} holds no signature; export the bundle again`);
  return runners;
}

function findWidth(unet: Graph | undefined): number {
  return unet?.inputs.getInputDetails().find((input) => input.name === "encoder_hidden_states")?.shape[2] ?? 1;
}

function batch(values: Numbers, shape: readonly number[]): Input {
  return { values, shape, rows: shape[0] ?? 1 };
}

/** `size` rows from `start`; the last one repeats to fill up. */
function take(input: Input, start: number, size: number): Input {
  if (input.rows === null) return input;
  const width = input.values.length / input.rows, last = input.rows - 1;
  const values = input.values instanceof Int32Array ? new Int32Array(size * width) : new Float32Array(size * width);
  for (let row = 0; row < size; ++row) {
    const from = Math.min(start + row, last) * width;
    values.set(input.values.subarray(from, from + width), row * width);
  }
  return { values, shape: [size, ...input.shape.slice(1)], rows: size };
}

function join(parts: readonly Float32Array<ArrayBuffer>[]): Float32Array<ArrayBuffer> {
  const out = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    out.set(part, at);
    at += part.length;
  }
  return out;
}

async function hasGpu(): Promise<boolean> {
  const gpu = (globalThis.navigator as { gpu?: { requestAdapter: () => Promise<unknown> } } | undefined)?.gpu;
  return gpu !== undefined && (await gpu.requestAdapter().catch(() => null)) !== null;
}

/** Let the worker read its messages: a graph's call gives them no turn. */
function breathe(): Promise<void> {
  return new Promise((resolve) => {
    const { port1, port2 } = new MessageChannel();
    port1.onmessage = () => {
      port1.close();
      resolve();
    };
    port2.postMessage(null);
  });
}

function said(error: unknown): string {
  const words = error instanceof Error ? error.message : String(error);
  return words.trim().split("\n", 1)[0]?.slice(0, 200) || "no reason given";
}
