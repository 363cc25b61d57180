// What the page and its worker say to each other. A run is pulled: the worker goes on when the page asks for its next event.
import type { Order } from "./device.js";
import type { Accelerator, Candidates, Decision, DeviceBenchmark, ErrorKind, Finding, LoadProgress, PipelineEvent } from "./types.js";

export interface LoadOrder {
  /** Absolute addresses of folders. */
  readonly bundle: string;
  readonly core: string;
  readonly litert: string;
  readonly accelerator?: Accelerator;
}

export interface BenchmarkOrder extends Omit<LoadOrder, "core"> {
  readonly seconds: number;
  readonly count: number;
  readonly warmup: number;
  /** None: the load alone. */
  readonly phases: boolean;
}
/** Milliseconds of one load; with phases, the rest of the document. */
export interface Measured {
  readonly load: number;
  readonly rest: Pick<DeviceBenchmark, "device" | "runner" | "accelerator" | "pair" | "phases"> | null;
}

/** `id`: which call; answers name it again. */
export type ToWorker =
  | { readonly do: "load"; readonly id: number; readonly order: LoadOrder }
  | { readonly do: "read"; readonly id: number; readonly prompt: string; readonly order: Order; readonly asks: boolean }
  | { readonly do: "draw"; readonly id: number; readonly prompt: string; readonly order: Order; readonly asks: boolean }
  | { readonly do: "benchmark"; readonly id: number; readonly order: BenchmarkOrder }
  | { readonly do: "next"; readonly id: number }
  | { readonly do: "stop"; readonly id: number }
  | { readonly do: "decided"; readonly id: number; readonly decisions: readonly Decision[] }
  | { readonly do: "undecided"; readonly id: number };

export type Loaded = { readonly accelerator: Accelerator; readonly model: string; readonly lexicon: string; readonly verified: boolean };
export interface Fault {
  /** Null: a mistake of the SDK's own, not told on purpose. */
  readonly kind: ErrorKind | null;
  readonly message: string;
  readonly findings: readonly Finding[];
}
export type FromWorker =
  | { readonly tell: "progress"; readonly id: number; readonly progress: LoadProgress }
  | { readonly tell: "loaded"; readonly id: number; readonly value: Loaded }
  | { readonly tell: "phase"; readonly id: number; readonly phase: string }
  | { readonly tell: "benchmark"; readonly id: number; readonly value: Measured }
  | { readonly tell: "read"; readonly id: number; readonly value: Candidates }
  /** Null: the run is over. */
  | { readonly tell: "event"; readonly id: number; readonly value: PipelineEvent | null }
  | { readonly tell: "ask"; readonly id: number; readonly findings: readonly Finding[] }
  | { readonly tell: "fault"; readonly id: number; readonly fault: Fault };
