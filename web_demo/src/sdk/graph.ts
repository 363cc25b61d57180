// One graph of a bundle in LiteRT.js (edge_sdk/runtimes/litert.py): its signatures by the batch of their first input.
import { loadAndCompile, Tensor, type CompiledModel, type SignatureRunner } from "@litertjs/core";
import { ObclipError } from "./errors.js";
import { said } from "./litert.js";
import type { GraphSpec, Manifest } from "./manifest.js";
import type { Accelerator } from "./types.js";

export type Role = "text_encoder" | "unet" | "vae_decoder";
type Numbers = Float32Array<ArrayBuffer> | Int32Array<ArrayBuffer>;
/** Values of one input; `rows`: how many of the batch they hold, or none for what all rows share. */
export interface Input {
  readonly values: Numbers;
  readonly shape: readonly number[];
  readonly rows: number | null;
}
interface Runner {
  readonly name: string;
  readonly run: SignatureRunner;
}

const FIRST_INPUT: Readonly<Record<string, string>> = { text_encoder: "input_ids", unet: "sample", vae_decoder: "latents" };
const INPUTS: Readonly<Record<string, readonly string[]>> = {
  text_encoder: ["input_ids"], unet: ["encoder_hidden_states", "sample", "timestep"], vae_decoder: ["latents"],
};

/** One loaded `.tflite`. */
export class Graph {
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

/** The values of all rows of an input. */
export function batch(values: Numbers, shape: readonly number[]): Input {
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
