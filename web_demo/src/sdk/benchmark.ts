// The device's benchmark in this browser: the graphs alone, in a worker of their own. No prompt is needed, since times do
// not depend on words, and nothing is sent.
import { findBundle, loadBundle, type Bundle } from "./bundle.js";
import { readOwn } from "./download.js";
import { chooseBuild, startLiteRt } from "./litert.js";
import { findGraph, type Manifest } from "./manifest.js";
import type { BenchmarkOrder, Measured } from "./messages.js";
import { Graphs } from "./runtime.js";
import { summarise } from "./spread.js";
import type { BenchmarkPhase, BenchmarkTimes, DeviceBenchmark } from "./types.js";

/** LiteRT.js's version, which the build knows (vite.config.ts). */
declare const OBCLIP_LITERT: string;

const MOST_CALLS = 100_000;
/** Any timestep costs the same. */
const MIDDLE = 500;
const PHASES = ["text", "step", "decode"] as const;

/** One load in this worker, and all phases if they are wanted. */
export async function measureGraphs(order: BenchmarkOrder, say: (phase: string) => void, signal: AbortSignal): Promise<Measured> {
  say("loading");
  const bundle = await loadBundle(await findBundle(order.bundle, signal), () => undefined, signal);
  const { manifest } = bundle;
  const own = <T>(name: string, use: (response: Response) => Promise<T>) => readOwn(order.litert + name, use, () => undefined, signal);
  const began = performance.now();
  await startLiteRt({ url: order.litert, read: own });
  const graphs = await openAll(bundle, order);
  const load = performance.now() - began;
  if (!order.phases) return { load, rest: null };
  const phases = {} as Record<BenchmarkPhase, BenchmarkTimes>;
  const calls = await makeCalls(manifest, graphs);
  for (const phase of PHASES) {
    say(phase);
    phases[phase] = await measure(calls[phase], order, signal);
  }
  const used = graphs.accelerator === "webgpu" ? "gpu" : "cpu";
  const asked = order.accelerator === undefined ? used : order.accelerator === "webgpu" ? "gpu" : "cpu";
  return {
    load,
    rest: {
      device: await describeDevice(),
      runner: { sdk: "web", runtime: "LiteRT.js", version: OBCLIP_LITERT, threads: null },
      accelerator: { asked, used, whole: true, detail: await chooseBuild() },
      pair: { model: manifest.model, pair_sha256: manifest.pairSha256, precision: findGraph(manifest, "unet").precision },
      phases,
    },
  };
}

/** Until every graph has been called once, as the reference counts it. */
async function openAll({ manifest, files }: Bundle, order: BenchmarkOrder): Promise<Graphs> {
  const graphs = await Graphs.open(manifest, files, order.accelerator);
  for (const call of Object.values(await makeCalls(manifest, graphs))) await call();
  return graphs;
}

/** One call of each graph, as a picture makes it. */
async function makeCalls({ tokenizer, latentShape }: Manifest, graphs: Graphs): Promise<Record<BenchmarkPhase, () => Promise<unknown>>> {
  const tokens = new Int32Array(2 * tokenizer.maxLength).fill(tokenizer.padId);
  for (const row of [0, 1]) tokens.set([tokenizer.bosId, tokenizer.eosId], row * tokenizer.maxLength);
  const states = await graphs.encodeText(tokens, 2);
  const latent = Float32Array.from({ length: latentShape.reduce((all, one) => all * one, 1) }, (_, i) => Math.sin(i));
  return {
    text: () => graphs.encodeText(tokens, 2),
    step: () => graphs.denoise(latent, latentShape, MIDDLE, states, 2),
    decode: () => graphs.decode(latent, latentShape),
  };
}

async function measure(call: () => Promise<unknown>, { seconds, count, warmup }: BenchmarkOrder, signal: AbortSignal): Promise<BenchmarkTimes> {
  for (let i = 0; i < warmup; ++i) await call();
  const taken: number[] = [];
  const began = performance.now();
  while (taken.length < MOST_CALLS && (taken.length < count || performance.now() - began < 1000 * seconds)) {
    signal.throwIfAborted();
    const at = performance.now();
    await call();
    taken.push(performance.now() - at);
  }
  return summarise(taken, warmup, (performance.now() - began) / 1000);
}

/** What browsers tell of a machine; not all do. */
interface Told {
  readonly deviceMemory?: number;
  readonly userAgentData?: { readonly getHighEntropyValues: (names: readonly string[]) => Promise<Readonly<Record<string, string>>> };
}

async function describeDevice(): Promise<DeviceBenchmark["device"]> {
  const { userAgent, hardwareConcurrency, deviceMemory, userAgentData } = navigator as Navigator & Told;
  const told = await userAgentData?.getHighEntropyValues(["model", "architecture", "platformVersion"]).catch(() => null) ?? {};
  const machine = told["model"] || [told["platform"], told["architecture"]].filter(Boolean).join(" ") || "a machine that its browser does not name";
  return { name: machine, system: userAgent, cores: hardwareConcurrency, memory_mib: deviceMemory === undefined ? null : 1024 * deviceMemory, emulated: false };
}
