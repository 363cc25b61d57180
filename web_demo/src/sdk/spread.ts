// What the device's benchmark says of repeated calls, and the document that it ends in (benchmarks/device/result.py).
import type { Measured } from "./messages.js";
import type { BenchmarkTimes, DeviceBenchmark } from "./types.js";

const LOADS = 5;
const MOST_LETTERS = 200;

/** The document, from several workers: LiteRT with threads does not always come back from a graph that is freed. */
export async function collect(once: (phases: boolean) => Promise<Measured>): Promise<DeviceBenchmark> {
  const { load: cold } = await once(false);
  const warm: number[] = [];
  while (warm.length < LOADS - 1) warm.push((await once(false)).load);
  const { load, rest } = await once(true);
  warm.push(load);
  if (rest === null) throw new Error("the worker measured no phase");
  return {
    format: "obclip-device-benchmark/1",
    ...plain(rest),
    load: { cold, warm: summarise(warm, 1, warm.reduce((sum, one) => sum + one, 0) / 1000) },
    peak_memory_mib: null,
    thermal: null,
    taken_at: `${new Date().toISOString().slice(0, 19)}Z`,
  };
}

/** As the format has texts: without control characters, not empty, not long. What a browser calls a machine may hold anything. */
function plain({ device, runner, accelerator, pair, phases }: NonNullable<Measured["rest"]>): NonNullable<Measured["rest"]> {
  const text = (said: string, empty = "?") => [...said.replace(/[\p{Cc}\p{Cs}]/gu, " ")].slice(0, MOST_LETTERS).join("").trim() || empty;
  return {
    device: { ...device, name: text(device.name), system: text(device.system) },
    runner: { ...runner, runtime: text(runner.runtime), version: text(runner.version, "") },
    accelerator: { ...accelerator, detail: text(accelerator.detail, "") },
    pair: { ...pair, model: text(pair.model), precision: text(pair.precision) },
    phases,
  };
}

export function summarise(taken: readonly number[], warmup: number, seconds: number): BenchmarkTimes {
  const sorted = [...taken].sort((a, b) => a - b);
  // Linear between the two nearest, as NumPy's percentile.
  const at = (share: number) => {
    const place = share * (sorted.length - 1), low = Math.floor(place);
    const below = sorted[low] ?? 0, above = sorted[Math.ceil(place)] ?? below;
    return below + (place - low) * (above - below);
  };
  return { median: at(0.5), low_quartile: at(0.25), high_quartile: at(0.75), least: at(0), most: at(1), count: taken.length, warmup, seconds };
}
