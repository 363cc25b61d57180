// The pipeline as an app has it: the device works in a worker, and its events are pulled from there.
import type { Order } from "./device.js";
import { ObclipError } from "./errors.js";
import type { Fault, FromWorker, Loaded, LoadOrder, ToWorker } from "./messages.js";
import { collect } from "./spread.js";
import { WORKER } from "./worker-address.js";
import type { Accelerator, BenchmarkOptions, Candidates, Decision, DeviceBenchmark, Finding, GenerateOptions, LoadOptions, LoadProgress, PipelineEvent, ReadOptions } from "./types.js";

type Decide = (findings: readonly Finding[]) => Promise<readonly Decision[]>;
/** `Omit` of each kind of message. */
type WithoutId<T> = T extends unknown ? Omit<T, "id"> : never;

/** A bundle that is loaded. Runs may overlap: their graph calls take turns. */
export class ObclipPipeline {
  /** What runs the graphs. */
  readonly accelerator: Accelerator;
  readonly model: string;
  /** The version of the word lists. */
  readonly lexicon: string;
  /** False: the bundle's graphs were never compared with their source. */
  readonly verified: boolean;
  readonly #link: Link;

  private constructor(link: Link, loaded: Loaded) {
    this.#link = link;
    this.accelerator = loaded.accelerator;
    this.model = loaded.model;
    this.lexicon = loaded.lexicon;
    this.verified = loaded.verified;
  }

  /**
   * Load a bundle and all that runs it; what was loaded before comes from this browser.
   * @param bundleUrl the folder that holds bundle.json
   * @throws ObclipError BundleError, LexiconError, RuntimeFault, Cancelled
   */
  static async load(bundleUrl: string, options: LoadOptions = {}): Promise<ObclipPipeline> {
    if (options.signal?.aborted) throw stoppedLoading();
    const order: LoadOrder = {
      bundle: folder(bundleUrl),
      core: folder(options.coreUrl ?? "core/"),
      litert: folder(options.litertUrl ?? "litert/"),
      ...(options.accelerator && { accelerator: options.accelerator }),
    };
    const link = new Link();
    const loading = link.ask({ do: "load", order }, { onProgress: options.onProgress });
    // The worker keeps what has arrived before it ends.
    const cancel = () => link.abandon(stoppedLoading());
    options.signal?.addEventListener("abort", cancel);
    try {
      const answer = await loading;
      if (answer.tell !== "loaded") throw unexpected(answer);
      return new ObclipPipeline(link, answer.value);
    } catch (error) {
      if (!options.signal?.aborted) link.close(stoppedLoading());
      throw error;
    } finally {
      options.signal?.removeEventListener("abort", cancel);
    }
  }

  /**
   * Time the bundle's graphs on this device, in workers of their own; some ten seconds. Nothing is sent.
   * @throws ObclipError BundleError, RuntimeFault, Cancelled
   */
  static async benchmark(bundleUrl: string, options: BenchmarkOptions = {}): Promise<DeviceBenchmark> {
    const { seconds = 2, count = 5, warmup = 2, signal, onPhase, accelerator } = options;
    const order = { bundle: folder(bundleUrl), litert: folder(options.litertUrl ?? "litert/"), seconds, count, warmup, ...(accelerator && { accelerator }) };
    return collect(async (phases) => {
      if (signal?.aborted) throw stoppedMeasuring();
      const link = new Link();
      const cancel = () => link.close(stoppedMeasuring());
      signal?.addEventListener("abort", cancel);
      try {
        const answer = await link.ask({ do: "benchmark", order: { ...order, phases } }, { onPhase });
        if (answer.tell !== "benchmark") throw unexpected(answer);
        return answer.value;
      } finally {
        signal?.removeEventListener("abort", cancel);
        link.close(stoppedMeasuring());
      }
    });
  }

  /**
   * What a run would send. Sends nothing, spends nothing, stores nothing; a k-subset is drawn for show unless it is kept.
   * @throws ObclipError why it would be refused
   */
  async read(prompt: string, options: ReadOptions = {}): Promise<Candidates> {
    const order = makeOrder({ cloud: "https://unasked.invalid", ...options });
    const answer = await this.#link.ask({ do: "read", prompt, order, asks: options.decide !== undefined }, { decide: options.decide });
    if (answer.tell !== "read") throw unexpected(answer);
    return answer.value;
  }

  /**
   * One picture as its events. Nothing is sent before the event after "detected" is asked for. Leaving the loop, or
   * aborting the signal, ends it: whatever is on its way is dropped.
   * @throws ObclipError
   */
  async *generate(prompt: string, options: GenerateOptions): AsyncGenerator<PipelineEvent, void, void> {
    const { signal, decide } = options;
    if (options.cloud === undefined) throw new ObclipError("InputError", "no cloud was given: pass cloud, or null to stay on the device");
    if (signal?.aborted) throw stoppedDrawing();
    const run = this.#link.begin({ do: "draw", prompt, order: makeOrder(options), asks: decide !== undefined }, decide);
    let isOver = false;
    const cancel = () => run.stop(stoppedDrawing());
    signal?.addEventListener("abort", cancel);
    try {
      for (;;) {
        const event = await run.next();
        isOver = event === null;
        if (event === null) return;
        yield event;
        if (signal?.aborted) throw stoppedDrawing();
      }
    } finally {
      signal?.removeEventListener("abort", cancel);
      if (!isOver) run.stop(stoppedDrawing());
    }
  }

  /** End all runs and free everything; calls from then on are refused. */
  close(): void {
    this.#link.close(new ObclipError("InputError", "the pipeline is closed; load another"));
  }
}

interface Wait {
  readonly resolve: (message: FromWorker) => void;
  readonly reject: (error: Error) => void;
  readonly onProgress?: ((progress: LoadProgress) => void) | undefined;
  readonly onPhase?: ((phase: string) => void) | undefined;
  readonly decide?: Decide | undefined;
}
/** What a call is told before its answer. */
type Told = Omit<Wait, "resolve" | "reject">;

/** The worker, and who waits for what of it. */
class Link {
  readonly #worker: Worker;
  readonly #waits = new Map<number, Wait>();
  #last = 0;
  #closed: ObclipError | null = null;

  constructor() {
    this.#worker = new Worker(startingBlob());
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.close(new ObclipError("RuntimeFault", `this page's worker stopped (${event.message || "its script cannot be loaded"}): load the page again`));
    };
  }

  ask(message: WithoutId<ToWorker>, more: Told): Promise<FromWorker> {
    const id = ++this.#last;
    return this.#wait(id, message, more);
  }

  begin(message: WithoutId<ToWorker>, decide: Decide | undefined): { next: () => Promise<PipelineEvent | null>; stop: (why: ObclipError) => void } {
    const id = ++this.#last;
    if (this.#closed !== null) throw this.#closed;
    this.#worker.postMessage({ ...message, id });
    return {
      next: async () => {
        const answer = await this.#wait(id, { do: "next" }, { decide });
        if (answer.tell !== "event") throw unexpected(answer);
        return answer.value;
      },
      stop: (why) => {
        if (this.#closed === null) this.#worker.postMessage({ do: "stop", id } satisfies ToWorker);
        this.#waits.get(id)?.reject(why);
        this.#waits.delete(id);
      },
    };
  }

  /** Closed for the page at once; the worker may end what it is at. */
  abandon(why: ObclipError): void {
    if (this.#closed !== null) return;
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => { if (data.tell === "fault" || data.tell === "loaded") this.#worker.terminate(); };
    this.#worker.postMessage({ do: "stop", id: this.#last } satisfies ToWorker);
    this.#end(why);
  }

  close(why: ObclipError): void {
    if (this.#closed !== null) return;
    this.#worker.terminate();
    this.#end(why);
  }

  #end(why: ObclipError): void {
    this.#closed = why;
    for (const wait of this.#waits.values()) wait.reject(why);
    this.#waits.clear();
  }

  #wait(id: number, message: WithoutId<ToWorker>, more: Told): Promise<FromWorker> {
    if (this.#closed !== null) return Promise.reject(this.#closed);
    return new Promise((resolve, reject) => {
      this.#waits.set(id, { resolve, reject, ...more });
      this.#worker.postMessage({ ...message, id });
    });
  }

  #take(message: FromWorker): void {
    const wait = this.#waits.get(message.id);
    if (wait === undefined) return; // nobody waits any more
    if (message.tell === "progress") return wait.onProgress?.(message.progress);
    if (message.tell === "phase") return wait.onPhase?.(message.phase);
    if (message.tell === "ask") return void this.#decide(message.id, wait, message.findings);
    this.#waits.delete(message.id);
    if (message.tell === "fault") wait.reject(toError(message.fault));
    else wait.resolve(message);
  }

  async #decide(id: number, wait: Wait, findings: readonly Finding[]): Promise<void> {
    try {
      const decisions = await wait.decide?.(findings) ?? [];
      if (this.#closed === null) this.#worker.postMessage({ do: "decided", id, decisions: [...decisions] } satisfies ToWorker);
    } catch (error) {
      this.#waits.delete(id);
      if (this.#closed === null) this.#worker.postMessage({ do: "undecided", id } satisfies ToWorker);
      wait.reject(error instanceof Error ? error : new Error(String(error)));
    }
  }
}

/**
 * A blob that starts the worker's script. A worker has the content policy that its file came with: from a host that sends
 * none it could ask anybody. From a blob it has the page's.
 */
function startingBlob(): string {
  return URL.createObjectURL(new Blob([`importScripts(${JSON.stringify(WORKER)});`], { type: "text/javascript" }));
}

function makeOrder(options: Omit<GenerateOptions, "signal" | "decide">): Order {
  const { cloud, token, seed, settings, previewEvery, deadline } = options;
  return {
    cloud,
    seed: seed ?? crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n,
    settings: settings ?? {},
    previewEvery: previewEvery ?? 0,
    ...(token !== undefined && { token }),
    ...(deadline !== undefined && { deadline }),
  };
}

function folder(address: string): string {
  const url = new URL(address, document.baseURI).href;
  return url.endsWith("/") ? url : `${url}/`;
}

function toError({ kind, message, findings }: Fault): Error {
  return kind === null ? new Error(message) : new ObclipError(kind, message, findings);
}

function stoppedLoading(): ObclipError {
  return new ObclipError("Cancelled", "loading was stopped; what has arrived is kept");
}

function stoppedMeasuring(): ObclipError {
  return new ObclipError("Cancelled", "measuring was stopped; there is no result");
}

function stoppedDrawing(): ObclipError {
  return new ObclipError("Cancelled", "the picture was stopped; there is none");
}

function unexpected(answer: FromWorker): Error {
  return new Error(`the worker said ${answer.tell}, which was not asked for`);
}
