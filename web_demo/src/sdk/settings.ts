// What the app says, as the core's options (docs/CORE.md).
import { ObclipError } from "./errors.js";
import type { Manifest } from "./manifest.js";
import type { Settings } from "./types.js";

/** The bundle's numbers. */
export function bundleOptions(manifest: Manifest): Record<string, string> {
  const [channels, height, width] = manifest.latentShape;
  const { tokenizer } = manifest;
  const values = {
    model: manifest.model,
    pair_sha256: manifest.pairSha256,
    latent_channels: channels,
    latent_height: height,
    latent_width: width,
    image_size: manifest.imageSize,
    scaling_factor: manifest.scalingFactor,
    shift_factor: manifest.shiftFactor,
    guidance_default: manifest.guidanceDefault,
    ...manifest.noiseSchedule,
    max_length: tokenizer.maxLength,
    bos_id: tokenizer.bosId,
    eos_id: tokenizer.eosId,
    pad_id: tokenizer.padId,
  };
  return Object.fromEntries(Object.entries(values).map(([name, value]) => [name, String(value)]));
}

type Kind = "text" | "number" | "flag" | "names";
const NAMES: Readonly<Record<keyof Settings, readonly [string, Kind]>> = {
  steps: ["steps", "number"],
  cloudSteps: ["cloud_steps", "number"],
  guidanceScale: ["guidance_scale", "number"],
  negativePrompt: ["negative_prompt", "text"],
  sampler: ["sampler", "text"],
  handover: ["handover", "text"],
  plan: ["plan", "text"],
  deviceStride: ["device_stride", "number"],
  mechanism: ["mechanism", "text"],
  epsilon: ["epsilon", "number"],
  maxCandidates: ["max_candidates", "number"],
  axes: ["axes", "names"],
  optIn: ["opt_in", "names"],
  strict: ["strict", "flag"],
  onImplied: ["on_implied", "text"],
};

/**
 * The run's parameters.
 * @throws ObclipError InputError: a setting that there is none of, or of another kind
 */
export function runOptions(settings: Settings): Record<string, string> {
  const out: Record<string, string> = {};
  for (const [name, value] of Object.entries(settings) as [string, unknown][]) {
    if (value === undefined) continue;
    const known = Object.hasOwn(NAMES, name) ? NAMES[name as keyof Settings] : undefined;
    if (known === undefined) throw new ObclipError("InputError", `there is no setting ${JSON.stringify(name)}; there are: ${Object.keys(NAMES).join(", ")}`);
    const [option, kind] = known;
    out[option] = read(name, kind, value);
  }
  return out;
}

function read(name: string, kind: Kind, value: unknown): string {
  if (kind === "names") {
    const fits = Array.isArray(value) && value.every((item) => typeof item === "string" && !item.includes(","));
    if (!fits) throw new ObclipError("InputError", `${name} is a list of names`);
    return value.join(",");
  }
  const type = { text: "string", number: "number", flag: "boolean" }[kind];
  if (typeof value !== type) throw new ObclipError("InputError", `${name} is a ${kind === "flag" ? "boolean" : kind}, not ${typeof value}`);
  return String(value);
}
