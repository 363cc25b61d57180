// What an app says to the pipeline and what it is told: the names are those of the Python SDK (edge_sdk/events.py,
// receipt.py, errors.py), so that one set of docs serves all.

/** The mechanisms that decide what the cloud sees (docs/PRIVACY.md). */
export type Mechanism = "closed" | "cover" | "cells" | "k-subset" | "neutral" | "local";

/** What to do about words outside the slots that say who somebody is. */
export type Decision = "slot" | "generalise" | "allow" | "refuse";

/** The public parameters of a run; every one has the reference's default. Each is the core's option of that name. */
export interface Settings {
  readonly steps?: number;
  /** Steps in the cloud, k; 0 sends nothing. */
  readonly cloudSteps?: number;
  readonly guidanceScale?: number;
  readonly negativePrompt?: string;
  readonly sampler?: string;
  readonly handover?: string;
  readonly plan?: string;
  readonly deviceStride?: number;
  readonly mechanism?: Mechanism;
  /** Privacy loss per draw, for k-subset. */
  readonly epsilon?: number;
  readonly maxCandidates?: number;
  /** Axes to protect; none given: all that are found. */
  readonly axes?: readonly string[];
  /** Axes that are protected only when asked for (e.g. "profession"). */
  readonly optIn?: readonly string[];
  readonly strict?: boolean;
  /** "ask" calls {@link GenerateOptions.decide}; "refuse" needs nobody. */
  readonly onImplied?: "ask" | Decision;
}

/** Words that say who somebody is and are in no slot; the person decides. Stays on the device. */
export interface Finding {
  readonly axis: string;
  readonly surface: string;
  readonly value: string;
  /** What "generalise" would write instead; "" where it is of no use. */
  readonly instead: string;
  readonly slot: string;
  readonly why: string;
  /** UTF-16 offsets into the prompt as it was given. */
  readonly start: number;
  readonly end: number;
}

/** An attribute that was found in the prompt. Stays on the device. */
export interface Attribute {
  readonly axis: string;
  readonly surface: string;
  readonly value: string;
}

/** What the cloud will see, and what it will not. */
export interface Candidates {
  readonly template: string;
  /** The axes that are protected, in the grid's order. */
  readonly axes: readonly string[];
  /** Every prompt that the cloud reads, in the order of the request. */
  readonly members: readonly string[];
  /** Which of them is the person's own: never leaves the device. "" where nothing is sent. */
  readonly trueMember: string;
  readonly attributes: readonly Attribute[];
  readonly mechanism: string;
  readonly guarantee: string;
  /** Words that stay readable and hint at an axis. */
  readonly hints: readonly { readonly axis: string; readonly words: string }[];
  readonly notes: readonly string[];
  readonly epsilon: number | null;
  /** The exact request body; empty where nothing is sent. */
  readonly body: Uint8Array;
  readonly requestSha256: string;
}

/** What one run disclosed and took (edge_sdk/receipt.py). */
export interface Receipt {
  readonly mechanism: string;
  readonly epsilon: number | null;
  readonly epsilonSpent: number;
  readonly epsilonTotal: number | null;
  readonly bits: number;
  readonly guarantee: string;
  readonly hints: readonly { readonly axis: string; readonly words: string }[];
  readonly n: number;
  readonly template: string;
  readonly axes: readonly string[];
  readonly lexicon: string;
  readonly steps: number;
  readonly cloudSteps: number;
  readonly seed: string;
  readonly bytesUp: number;
  readonly bytesDown: number;
  readonly requestSha256: string;
  /** The cloud's address; "" when nothing was sent. */
  readonly cloud: string;
  /** What ran the graphs. */
  readonly accelerator: Accelerator;
  /** Milliseconds of each phase. */
  readonly ms: Readonly<Record<"detect" | "cloud" | "finish" | "decode" | "total", number>>;
  readonly notes: readonly string[];
}

export type Accelerator = "webgpu" | "wasm";

/** An RGBA picture, as a canvas takes it. */
export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly rgba: Uint8ClampedArray<ArrayBuffer>;
}

/** The set is known and nothing was sent yet: the last chance to stop. */
export interface Detected {
  readonly kind: "detected";
  /** `null` when nothing will be sent. */
  readonly candidates: Candidates | null;
}
/** The request is on its way; `attempt` counts from 1. */
export interface Sent {
  readonly kind: "sent";
  readonly bytes: number;
  readonly attempt: number;
}
/** The answer is coming; `total` is null where the cloud does not say. Slow readers are told the latest alone. */
export interface Receiving {
  readonly kind: "receiving";
  readonly loaded: number;
  readonly total: number | null;
}
/** All latents have arrived, and one was picked. */
export interface Received {
  readonly kind: "received";
  readonly bytes: number;
}
/** Device step `index` (from 0) of `total` is done. */
export interface Finished {
  readonly kind: "finished";
  readonly index: number;
  readonly total: number;
  readonly timestep: number;
  /** With {@link GenerateOptions.preview}: the picture so far. */
  readonly preview: Picture | null;
}
/** The picture is there. */
export interface Decoded {
  readonly kind: "decoded";
  readonly picture: Picture;
  readonly receipt: Receipt;
}
/** The events of a run, in their order: Detected, (Sent, Receiving, Received), Finished for each step, Decoded. */
export type PipelineEvent = Detected | Sent | Receiving | Received | Finished | Decoded;

export interface GenerateOptions {
  /** The cloud's address; `null` finishes on the device alone (mechanism "local"). */
  readonly cloud: string | null;
  /** Sent as `Authorization: Bearer`. */
  readonly token?: string;
  readonly signal?: AbortSignal;
  /** 0 to 2^64 - 1; default: drawn by the browser's CSPRNG. */
  readonly seed?: bigint;
  readonly settings?: Settings;
  /** Asked when `onImplied` is "ask" and there are findings: one decision for each, in their order. */
  readonly decide?: (findings: readonly Finding[]) => Promise<readonly Decision[]>;
  /** Decode a preview after every so many device steps; 0 or none: never. */
  readonly previewEvery?: number;
  /** Milliseconds until the cloud has to have answered; default 300,000. */
  readonly deadline?: number;
}

/** What a dry run is told: the same as a run, of which it takes what decides about the request. */
export type ReadOptions = Pick<GenerateOptions, "settings" | "seed" | "decide"> & {
  /** `null`: as a run that finishes on the device alone. Default: as a run with a cloud. */
  readonly cloud?: string | null;
};

/** What loading tells: bytes of all files so far, and which one is being fetched. */
export interface LoadProgress {
  readonly file: string;
  readonly loaded: number;
  readonly total: number;
  /** The file came from this browser's cache. */
  readonly cached: boolean;
}

export interface LoadOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: LoadProgress) => void;
  /** Folder of `obclip.wasm`, `lexicon.bin` and `second_look.bin`; default: beside the page, `core/`. */
  readonly coreUrl?: string;
  /** Folder of LiteRT's wasm files; default: beside the page, `litert/`. */
  readonly litertUrl?: string;
  /** Default: WebGPU where there is one that runs the whole UNet, else wasm. */
  readonly accelerator?: Accelerator;
}

/** The device's graphs: two texts, one call of the small UNet (two rows), one picture decoded. */
export type BenchmarkPhase = "text" | "step" | "decode";

/** Milliseconds of repeated calls, after `warmup` that were not counted. */
export interface BenchmarkTimes {
  readonly median: number;
  readonly low_quartile: number;
  readonly high_quartile: number;
  readonly least: number;
  readonly most: number;
  readonly count: number;
  readonly warmup: number;
  readonly seconds: number;
}

/** The document of all SDKs (benchmarks/device/device.schema.json): `obclip bench report` puts it beside theirs. */
export interface DeviceBenchmark {
  readonly format: "obclip-device-benchmark/1";
  readonly device: { readonly name: string; readonly system: string; readonly cores: number; readonly memory_mib: number | null; readonly emulated: boolean };
  readonly runner: { readonly sdk: "web"; readonly runtime: string; readonly version: string; readonly threads: null };
  readonly accelerator: { readonly asked: "cpu" | "gpu"; readonly used: "cpu" | "gpu"; readonly whole: boolean; readonly detail: string };
  readonly pair: { readonly model: string; readonly pair_sha256: string; readonly precision: string };
  readonly load: { readonly cold: number; readonly warm: BenchmarkTimes };
  readonly phases: Readonly<Record<BenchmarkPhase, BenchmarkTimes>>;
  readonly peak_memory_mib: null;
  readonly thermal: null;
  readonly taken_at: string;
}

export interface BenchmarkOptions extends Pick<LoadOptions, "signal" | "litertUrl" | "accelerator"> {
  /** Each phase goes on for at least so long; default 2, and less does not count. */
  readonly seconds?: number;
  /** And for so many calls; default 5. */
  readonly count?: number;
  /** Calls before that are not counted; default 2. */
  readonly warmup?: number;
  readonly onPhase?: (phase: string) => void;
}

/** The kinds of {@link ObclipError}: the names of the reference's errors. */
export type ErrorKind =
  | "InputError"
  | "PrivacyError"
  | "ImpliedError"
  | "LedgerError"
  | "BudgetError"
  | "LexiconError"
  | "BundleError"
  | "CloudError"
  | "UnreachableError"
  | "DeadlineError"
  | "LatentError"
  | "RuntimeFault"
  | "Cancelled";
