// The bundle's three graphs in LiteRT.js, and where they run (edge_sdk/runtimes/litert.py).
import { ObclipError } from "./errors.js";
import { batch, Graph, type Input, type Role } from "./graph.js";
import { quietly } from "./litert.js";
import { findGraph, type GraphSpec, type Manifest } from "./manifest.js";
import type { Accelerator } from "./types.js";

const ROLES: readonly Role[] = ["text_encoder", "unet", "vae_decoder"];

interface Source {
  readonly role: Role;
  readonly spec: GraphSpec;
  readonly bytes: Uint8Array<ArrayBuffer>;
}

/** The three graphs of one bundle. Calls take turns; between any two of them the worker's messages are read. */
export class Graphs {
  readonly accelerator: Accelerator;
  /** There is a WebGPU, and it does not run this bundle: the next visit need not try. */
  readonly isGpuUnfit: boolean;
  readonly #graphs: ReadonlyMap<Role, Graph>;
  #last: Promise<unknown> = Promise.resolve();

  private constructor(graphs: ReadonlyMap<Role, Graph>, accelerator: Accelerator, isGpuUnfit: boolean) {
    this.#graphs = graphs;
    this.accelerator = accelerator;
    this.isGpuUnfit = isGpuUnfit;
  }

  /**
   * @param wanted where the UNet runs; none: on WebGPU where there is one that runs it, else on wasm
   * @throws ObclipError BundleError: a graph cannot be loaded, or is another one. RuntimeFault: WebGPU was asked for and fails.
   */
  static async open(manifest: Manifest, files: ReadonlyMap<string, Uint8Array<ArrayBuffer>>, wanted?: Accelerator): Promise<Graphs> {
    const sources: readonly Source[] = ROLES.map((role) => {
      const spec = findGraph(manifest, role);
      const bytes = files.get(spec.file);
      if (bytes === undefined) throw new ObclipError("BundleError", `the bundle's ${role} is no single file: export it again with --format litert`);
      return { role, spec, bytes };
    });
    const isTried = wanted !== "wasm" && (await hasGpu(wanted === "webgpu"));
    const opened = isTried ? await quietly(() => openOnGpu(sources, manifest)) : null;
    if (opened === null && wanted === "webgpu") throw new ObclipError("RuntimeFault", "this browser has no WebGPU that runs the bundle: leave accelerator out, or take \"wasm\"");
    const all = opened ?? new Map<Role, Graph>();
    try {
      for (const source of sources) if (!all.has(source.role)) all.set(source.role, await open(source, "wasm"));
    } catch (error) {
      for (const graph of all.values()) graph.delete();
      throw error;
    }
    return new Graphs(all, opened === null ? "wasm" : "webgpu", isTried && opened === null);
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

/**
 * The UNet, where nearly all the time goes, decides: WebGPU has to take all of it, and to run it once. Then the decoder
 * goes there too, if all of it does. The text encoder looks words up, which WebGPU does not, and runs once a picture.
 */
async function openOnGpu(sources: readonly Source[], manifest: Manifest): Promise<Map<Role, Graph> | null> {
  const opened = new Map<Role, Graph>();
  for (const role of ["unet", "vae_decoder"] as const) {
    const source = sources.find((one) => one.role === role);
    const graph = source === undefined ? null : await tryOnGpu(source, manifest);
    if (graph !== null) opened.set(role, graph);
    else if (role === "unet") return null;
  }
  return opened;
}

/** Null: this browser's WebGPU does not run it, whatever the reason. */
async function tryOnGpu(source: Source, manifest: Manifest): Promise<Graph | null> {
  let graph: Graph | null = null;
  try {
    graph = await open(source, "webgpu");
    await graph.tryOut(manifest);
    return graph;
  } catch {
    graph?.delete();
    return null;
  }
}

function open({ role, spec, bytes }: Source, accelerator: Accelerator): Promise<Graph> {
  return Graph.open(role, spec, bytes, accelerator);
}

function findWidth(unet: Graph | undefined): number {
  return unet?.inputs.getInputDetails().find((input) => input.name === "encoder_hidden_states")?.shape[2] ?? 1;
}

/** `isAny`: one that a processor imitates too, which is slower than wasm. */
async function hasGpu(isAny: boolean): Promise<boolean> {
  const { gpu } = globalThis.navigator as { gpu?: { requestAdapter: () => Promise<Adapter | null> } };
  const adapter = await gpu?.requestAdapter().catch(() => null) ?? null;
  return adapter !== null && (isAny || adapter.info?.isFallbackAdapter !== true);
}

/** Of WebGPU's adapter, what is asked for here. */
interface Adapter {
  readonly info?: { readonly isFallbackAdapter?: boolean };
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
