// bundle.json, read as strictly as the reference does (obclip_contract/manifest.py, bundle.py): the exact fields, the
// exact types, and no path that leaves the bundle.
import { ObclipError } from "./errors.js";

export interface TensorSpec {
  readonly name: string;
  readonly shape: readonly (number | string)[];
  readonly dtype: string;
}
export interface SignatureSpec {
  readonly name: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
}
export interface GraphSpec {
  readonly role: string;
  readonly format: string;
  readonly precision: string;
  readonly file: string;
  readonly inputs: readonly TensorSpec[];
  readonly outputs: readonly TensorSpec[];
  readonly signatures: readonly SignatureSpec[];
  readonly chunks: readonly string[];
}
export interface FileEntry {
  readonly path: string;
  readonly sha256: string;
  readonly bytes: number;
}
/** What the device computes with; the rest of bundle.json is checked and left behind. */
export interface Manifest {
  readonly model: string;
  readonly graphs: readonly GraphSpec[];
  readonly files: readonly FileEntry[];
  readonly latentShape: readonly [number, number, number];
  readonly imageSize: number;
  readonly scalingFactor: number;
  readonly shiftFactor: number;
  readonly guidanceDefault: number;
  readonly noiseSchedule: Readonly<Record<string, string | number | boolean>>;
  readonly tokenizer: { readonly file: string; readonly maxLength: number; readonly bosId: number; readonly eosId: number; readonly padId: number };
  readonly pairSha256: string;
  readonly verified: boolean;
  readonly unverified: readonly string[];
}

/** obclip_contract/limits.py. */
export const MAX_MANIFEST_BYTES = 4 * 1024 * 1024;
/** Bytes of one file, and of all: what a browser can hold in one buffer, and beside it once more in LiteRT. */
export const MAX_FILE_BYTES = 1024 ** 3;
export const MAX_BUNDLE_BYTES = 1.5 * 1024 ** 3;

const FORMAT_VERSION = 1;
const SAMPLER_COLUMNS = 7;
const SCHEDULE: Readonly<Record<string, (value: unknown, where: string) => string | number | boolean>> = {
  num_train_timesteps: whole(2), beta_start: number, beta_end: number, beta_schedule: text, prediction_type: text,
  timestep_spacing: text, steps_offset: whole(0), rescale_betas_zero_snr: flag,
};
const DEFAULT_GUIDANCE = 5;

/** @throws ObclipError BundleError, with what is wrong and what to do */
export function parseManifest(bytes: Uint8Array, where: string): Manifest {
  try {
    return readManifest(bytes);
  } catch (error) {
    if (error instanceof Refused) throw new ObclipError("BundleError", `${where}: ${error.message}`);
    throw error;
  }
}

/** The first graph with that role in LiteRT's format; its precision is the bundle's choice. */
export function findGraph(manifest: Manifest, role: string): GraphSpec {
  const found = manifest.graphs.find((graph) => graph.role === role && graph.format === "tflite");
  if (found === undefined) throw new ObclipError("BundleError", `the bundle has no tflite ${role} graph: export it again with --format litert`);
  return found;
}

class Refused extends Error {}
type Fields = Readonly<Record<string, unknown>>;

function readManifest(bytes: Uint8Array): Manifest {
  if (bytes.length > MAX_MANIFEST_BYTES) throw new Refused(`is over ${MAX_MANIFEST_BYTES} bytes: it is no bundle's`);
  let raw: unknown;
  try {
    raw = JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    throw new Refused("not JSON: is this the address of an edge bundle's folder?");
  }
  const version = isObject(raw) ? raw.format_version : undefined;
  if (version !== FORMAT_VERSION) throw new Refused(`format version ${String(version).slice(0, 20)}; this version reads ${FORMAT_VERSION}: export again`);
  const needed = ["kind", "model", "graphs", "latent_shape", "image_size", "scaling_factor", "noise_schedule", "tokenizer", "lexicon", "pair_sha256"];
  const other = ["format_version", "files", "shift_factor", "sampler", "guidance_default", "licences", "tools", "verified", "unverified"];
  const fields = object(raw, "manifest", needed, other);
  if (fields.kind === "cloud") throw new Refused("is the cloud bundle; the edge bundle is needed here (the folder edge/ beside it)");
  if (fields.kind !== "edge") throw new Refused("kind: edge or cloud");
  return checkPaths(readFields(fields));
}

function readFields(fields: Fields): Manifest {
  const shape = list(fields.latent_shape, "latent_shape", whole(1));
  const [channels, height, width] = shape;
  if (channels === undefined || height === undefined || width === undefined || shape.length !== 3) throw new Refused("latent_shape: three numbers");
  const marks = object(fields.tokenizer, "tokenizer", ["file", "max_length", "bos_id", "eos_id", "pad_id"]);
  text(fields.lexicon, "lexicon");
  texts(fields.licences ?? {}, "licences");
  texts(fields.tools ?? {}, "tools");
  checkSampler(fields.sampler ?? null);
  const verified = flag(fields.verified ?? true, "verified"), unverified = list(fields.unverified ?? [], "unverified", text);
  if (verified && unverified.length > 0) throw new Refused("a verified bundle names no unverified graph");
  return {
    model: text(fields.model, "model"),
    graphs: list(fields.graphs, "graphs", graph),
    files: list(fields.files ?? [], "files", file),
    latentShape: [channels, height, width],
    imageSize: whole(1)(fields.image_size, "image_size"),
    scalingFactor: above(0, false)(fields.scaling_factor, "scaling_factor"),
    shiftFactor: number(fields.shift_factor ?? 0, "shift_factor"),
    guidanceDefault: above(0, true)(fields.guidance_default ?? DEFAULT_GUIDANCE, "guidance_default"),
    noiseSchedule: schedule(fields.noise_schedule),
    tokenizer: {
      file: text(marks.file, "tokenizer.file"),
      maxLength: whole(1)(marks.max_length, "tokenizer.max_length"),
      bosId: whole(0)(marks.bos_id, "tokenizer.bos_id"),
      eosId: whole(0)(marks.eos_id, "tokenizer.eos_id"),
      padId: whole(0)(marks.pad_id, "tokenizer.pad_id"),
    },
    pairSha256: hash(fields.pair_sha256, "pair_sha256"),
    verified,
    unverified,
  };
}

function graph(value: unknown, where: string): GraphSpec {
  const fields = object(value, where, ["role", "format", "file"], ["precision", "inputs", "outputs", "signatures", "chunks"]);
  return {
    role: text(fields.role, `${where}.role`),
    format: text(fields.format, `${where}.format`),
    precision: text(fields.precision ?? "fp32", `${where}.precision`),
    file: text(fields.file, `${where}.file`),
    inputs: list(fields.inputs ?? [], `${where}.inputs`, tensor),
    outputs: list(fields.outputs ?? [], `${where}.outputs`, tensor),
    signatures: list(fields.signatures ?? [], `${where}.signatures`, signature),
    chunks: list(fields.chunks ?? [], `${where}.chunks`, text),
  };
}

function signature(value: unknown, where: string): SignatureSpec {
  const fields = object(value, where, ["name", "inputs", "outputs"]);
  return {
    name: text(fields.name, `${where}.name`),
    inputs: list(fields.inputs, `${where}.inputs`, tensor),
    outputs: list(fields.outputs, `${where}.outputs`, tensor),
  };
}

function tensor(value: unknown, where: string): TensorSpec {
  const fields = object(value, where, ["name", "shape", "dtype"]);
  const shape = list(fields.shape, `${where}.shape`, (size, at) => (typeof size === "string" ? size : whole(-Infinity)(size, at)));
  return { name: text(fields.name, `${where}.name`), shape, dtype: text(fields.dtype, `${where}.dtype`) };
}

function file(value: unknown, where: string): FileEntry {
  const fields = object(value, where, ["path", "sha256", "bytes"]);
  return {
    path: text(fields.path, `${where}.path`),
    sha256: hash(fields.sha256, `${where}.sha256`),
    bytes: whole(0)(fields.bytes, `${where}.bytes`),
  };
}

function schedule(value: unknown): Readonly<Record<string, string | number | boolean>> {
  const fields = object(value, "noise_schedule", Object.keys(SCHEDULE));
  return Object.fromEntries(Object.entries(SCHEDULE).map(([name, read]) => [name, read(fields[name], `noise_schedule.${name}`)]));
}

function checkSampler(value: unknown): void {
  if (value === null) return;
  const fields = object(value, "sampler", ["kind", "rows"]);
  text(fields.kind, "sampler.kind");
  const rows = list(fields.rows, "sampler.rows", (row, where) => list(row, where, number));
  if (rows.length === 0 || rows.some((row) => row.length !== SAMPLER_COLUMNS)) throw new Refused(`sampler.rows: ${SAMPLER_COLUMNS} numbers each`);
}

// A relative path in its one spelling: no "..", ".", "//", backslash, colon or control character.
function isInside(path: string): boolean {
  // eslint-disable-next-line no-control-regex
  const odd = /[\\:*?"<>|\u0000-\u001f\u007f]/.test(path);
  return !odd && path.split("/").every((part) => part !== "" && part !== "." && part !== "..");
}

function checkPaths(manifest: Manifest): Manifest {
  const named = manifest.files.map((entry) => entry.path);
  const references = [manifest.tokenizer.file, ...manifest.graphs.flatMap((g) => [g.file, ...g.chunks])].map((path) => path.replace(/\/+$/, ""));
  const outside = [...named, ...references].find((path) => !isInside(path) || path === "bundle.json");
  if (outside !== undefined) throw new Refused(`names a path outside the bundle, or not a plain one: ${JSON.stringify(outside.slice(0, 80))}`);
  if (new Set(named.map((path) => path.toLowerCase())).size !== named.length) throw new Refused("names a file twice");
  const missing = references.find((path) => !named.some((name) => name === path || name.startsWith(`${path}/`)));
  if (missing !== undefined) throw new Refused(`refers to ${missing}, which is not among its files`);
  const largest = Math.max(0, ...manifest.files.map((entry) => entry.bytes));
  const all = manifest.files.reduce((sum, entry) => sum + entry.bytes, 0);
  if (largest > MAX_FILE_BYTES || all > MAX_BUNDLE_BYTES) {
    throw new Refused(`is too large for a browser (${Math.round(all / 1e6)} MB): export a smaller model, or with --precision int8`);
  }
  return manifest;
}

// -- kinds of values

function isObject(value: unknown): value is Fields {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function object(value: unknown, where: string, needed: readonly string[], other: readonly string[] = []): Fields {
  if (!isObject(value)) throw new Refused(`${where}: an object is needed`);
  const missing = needed.find((name) => !Object.hasOwn(value, name));
  if (missing !== undefined) throw new Refused(`${where}.${missing} is missing`);
  const extra = Object.keys(value).find((name) => !needed.includes(name) && !other.includes(name));
  if (extra !== undefined) throw new Refused(`${where}.${extra.slice(0, 64).replace(/[^\w.-]/g, "?")} is not known`);
  return value;
}

function list<T>(value: unknown, where: string, read: (item: unknown, where: string) => T): T[] {
  if (!Array.isArray(value)) throw new Refused(`${where}: a list is needed`);
  return value.map((item, i) => read(item, `${where}.${i}`));
}

function texts(value: unknown, where: string): void {
  if (!isObject(value) || Object.values(value).some((item) => typeof item !== "string")) throw new Refused(`${where}: an object of texts is needed`);
}

function text(value: unknown, where: string): string {
  if (typeof value !== "string") throw new Refused(`${where}: a text is needed`);
  return value;
}

function hash(value: unknown, where: string): string {
  if (typeof value !== "string" || !/^[0-9a-f]{64}$/.test(value)) throw new Refused(`${where}: 64 hex digits are needed`);
  return value;
}

function flag(value: unknown, where: string): boolean {
  if (typeof value !== "boolean") throw new Refused(`${where}: true or false is needed`);
  return value;
}

function number(value: unknown, where: string): number {
  if (typeof value !== "number" || !Number.isFinite(value)) throw new Refused(`${where}: a number is needed`);
  return value;
}

function above(least: number, isIncluded: boolean): (value: unknown, where: string) => number {
  return (value, where) => {
    const found = number(value, where);
    if (found < least || (found === least && !isIncluded)) throw new Refused(`${where}: a number ${isIncluded ? "of at least" : "above"} ${least} is needed`);
    return found;
  };
}

function whole(least: number): (value: unknown, where: string) => number {
  return (value, where) => {
    const found = number(value, where);
    if (!Number.isSafeInteger(found) || found < least) throw new Refused(`${where}: a whole number of at least ${least} is needed`);
    return found;
  };
}
