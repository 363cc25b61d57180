// The device: the core, the graphs and the way to the cloud, without a page. It does what the core asks for next.
import { bundleOptions, runOptions } from "./settings.js";
import { ACTION, COINS, CoreError, FIELD, type Core, type Options, type Session } from "./core.mjs";
import { Cloud, cancelled, pageHeaders, type Answer } from "./cloud.js";
import { ObclipError } from "./errors.js";
import { peekLedger, withLedger } from "./ledger.js";
import type { Manifest } from "./manifest.js";
import type { Graphs } from "./runtime.js";
import { readCandidates, readFindings, readPicture, readReceipt, readRefusal, toPreview } from "./told.js";
import type { Candidates, Decision, Finding, PipelineEvent, Receipt, Settings } from "./types.js";

/** A run's order; all of it can cross to a worker. */
export interface Order {
  /** Null: nothing is sent. */
  readonly cloud: string | null;
  readonly token?: string;
  readonly seed: bigint;
  readonly settings: Settings;
  readonly previewEvery: number;
  readonly deadline?: number;
}
/** Decides on findings; null: nobody is there to ask. */
export type Ask = ((findings: readonly Finding[]) => Promise<readonly Decision[]>) | null;

type Phase = "detect" | "cloud" | "finish" | "decode";
const MAX_SEED = 2n ** 64n - 1n;
const MOST_OPTIONS = 4;

export class Device {
  readonly #core: Core;
  readonly #manifest: Manifest;
  readonly #tokenizer: Uint8Array;
  readonly #graphs: Graphs;
  /** Addresses whose cloud has shown that it serves this pair. */
  readonly #checked = new Set<string>();
  /** By what they are made of: the tokenizer takes longer to read than a prompt. */
  readonly #options = new Map<string, Options>();

  constructor(core: Core, manifest: Manifest, tokenizer: Uint8Array, graphs: Graphs) {
    this.#core = core;
    this.#manifest = manifest;
    this.#tokenizer = tokenizer;
    this.#graphs = graphs;
  }

  /** What would be sent; nothing is sent, drawn for good or stored. */
  async read(prompt: string, order: Order, ask: Ask): Promise<Candidates> {
    const session = await this.#rehearse(prompt, order, ask);
    try {
      return readCandidates(session);
    } finally {
      session.free();
    }
  }

  /** One picture; closing it early frees all that it holds. */
  async *draw(prompt: string, order: Order, ask: Ask, signal: AbortSignal): AsyncGenerator<PipelineEvent, void, void> {
    const began = performance.now(), clock = new Clock();
    const cloud = order.cloud === null ? null : new Cloud(order.cloud, order.token);
    if (signal.aborted) throw cancelled();
    const session = await clock.time("detect", () => this.#begin(prompt, order, ask, signal));
    const run: Run = { session, order, cloud, clock, signal, states: null, received: null };
    try {
      for (let action = ACTION.DETECTED as number; ; action = session.next()) {
        if (signal.aborted) throw cancelled();
        switch (action) {
          case ACTION.DETECTED:
            yield { kind: "detected", candidates: session.number(FIELD.MEMBERS) > 0 ? readCandidates(session) : null };
            break;
          case ACTION.SEND:
            yield* this.#exchange(run);
            break;
          case ACTION.ENCODE_TEXT:
          case ACTION.DENOISE:
            if (run.received !== null) {
              this.#checked.add(order.cloud ?? "");
              yield run.received;
              run.received = null;
            }
            await clock.time("finish", () => this.#compute(run, action));
            break;
          case ACTION.DECODE:
            await clock.time("decode", () => this.#compute(run, action));
            break;
          case ACTION.STEP:
            yield await this.#finished(run);
            break;
          case ACTION.DONE:
            yield { kind: "decoded", picture: readPicture(session), receipt: this.#receipt(run, performance.now() - began) };
            return;
          case ACTION.STOPPED:
            throw readRefusal(session);
          default:
            throw new ObclipError("RuntimeFault", `the core asks for ${action}, which this page does not know: load the page again`);
        }
      }
    } finally {
      session.free();
    }
  }

  /**
   * The first prompt is read slowly: the core's tables are opened, and compiled, when they are first used.
   * @throws ObclipError BundleError: the core cannot work with the bundle's numbers or tokenizer
   */
  warmUp(): void {
    try {
      const session = this.#open("an old woman", { cloud: "https://unasked.invalid", seed: 0n, settings: {}, previewEvery: 0 }, null);
      session.next(); // whether it is refused or not
      session.free();
    } catch (error) {
      if (!(error instanceof ObclipError)) throw error;
      throw new ObclipError("BundleError", `the bundle cannot be used: ${error.message}; export it again`);
    }
  }

  // -- reading

  /** A session in DETECTED whose draw, if there is one, is on disk. */
  async #begin(prompt: string, order: Order, ask: Ask, signal: AbortSignal): Promise<Session> {
    if (!drawsAtRandom(order)) return this.#session(prompt, order, null, ask, refuseToStore);
    // The person is asked before the ledger is held: other tabs wait for it.
    let chosen: readonly Decision[] = [];
    const rehearsed = await this.#rehearse(prompt, order, ask && (async (findings) => (chosen = await ask(findings))));
    rehearsed.free();
    if (signal.aborted) throw cancelled();
    return withLedger(async (ledger) => {
      const stored = await ledger.read();
      return this.#session(prompt, order, stored, ask && (async () => chosen), (bytes) => ledger.store(bytes));
    }, signal);
  }

  /** A session in DETECTED that stores nothing: it must not be gone on with. */
  async #rehearse(prompt: string, order: Order, ask: Ask): Promise<Session> {
    const stored = drawsAtRandom(order) ? await peekLedger() : null;
    return this.#session(prompt, order, stored, ask, async () => true);
  }

  async #session(prompt: string, order: Order, stored: { bytes: Uint8Array; key: Uint8Array } | null, ask: Ask, store: (bytes: Uint8Array) => Promise<boolean>): Promise<Session> {
    const session = this.#open(prompt, order, stored);
    let findings: readonly Finding[] = [];
    try {
      for (;;) {
        switch (session.next()) {
          case ACTION.NEEDS_DECISION: {
            findings = readFindings(session, prompt);
            const decisions = ask === null || order.settings.onImplied !== "ask" ? [] : await ask(findings);
            findings.forEach((_, i) => session.decide(i, checkDecision(decisions[i] ?? "refuse")));
            break;
          }
          case ACTION.STORE:
            session.stored(await store(session.bytes(FIELD.LEDGER_BYTES)));
            break;
          case ACTION.DETECTED:
            return session;
          default:
            throw readRefusal(session, findings);
        }
      }
    } catch (error) {
      session.free();
      throw error;
    }
  }

  #open(prompt: string, order: Order, stored: { bytes: Uint8Array; key: Uint8Array } | null): Session {
    if (!isWellFormed(prompt)) throw new ObclipError("InputError", "the prompt holds control characters");
    if (order.seed < 0n || order.seed > MAX_SEED) throw new ObclipError("InputError", `the seed is between 0 and ${MAX_SEED}`);
    const isChecked = order.cloud !== null && this.#checked.has(order.cloud);
    const alone = order.cloud === null ? { cloud_steps: "0" } : {};
    const values: Record<string, string> = { ...bundleOptions(this.#manifest), ...runOptions(order.settings), ...alone, cloud_checked: String(isChecked) };
    // The core names its findings to who is asked; what is refused is refused with them.
    if ((values.on_implied ?? "refuse") === "refuse") values.on_implied = "ask";
    try {
      const options = this.#choose(values);
      if (stored !== null) options.setLedger(stored.bytes, stored.key, Math.floor(Date.now() / 1000));
      const coins = stored === null ? new Uint8Array() : crypto.getRandomValues(new Uint8Array(COINS));
      return this.#core.session(options, prompt, order.seed, coins);
    } catch (error) {
      if (error instanceof CoreError) throw new ObclipError("InputError", error.message);
      throw error;
    }
  }

  /** A ledger is set for k-subset alone, and anew each time; so no other options have one. */
  #choose(values: Readonly<Record<string, string>>): Options {
    const key = JSON.stringify(values);
    const known = this.#options.get(key) ?? this.#core.options(values, this.#tokenizer);
    this.#options.delete(key);
    this.#options.set(key, known);
    for (const [old, options] of this.#options) {
      if (this.#options.size <= MOST_OPTIONS) break;
      this.#options.delete(old);
      options.free();
    }
    return known;
  }

  // -- the cloud

  async *#exchange(run: Run): AsyncGenerator<PipelineEvent, void, void> {
    const { session, cloud, order, clock } = run;
    if (cloud === null || order.cloud === null) throw new ObclipError("InputError", "no cloud was given: pass cloud, or null to stay on the device");
    const isLatents = session.text(FIELD.METHOD) === "POST";
    const body = isLatents ? session.bytes(FIELD.BODY) : null;
    const names = session.texts(FIELD.HEADER_NAME, FIELD.HEADERS), values = session.texts(FIELD.HEADER_VALUE, FIELD.HEADERS);
    const headers = pageHeaders(names.map((name, i) => [name, values[i] ?? ""] as const));
    const exchange = { method: session.text(FIELD.METHOD), path: session.text(FIELD.PATH), headers, body };
    const progress = new Latest<PipelineEvent>(), stop = new AbortController();
    const sending = clock.time("cloud", () => cloud.send(exchange, {
      signal: AbortSignal.any([run.signal, stop.signal]),
      ...(order.deadline !== undefined && { deadline: order.deadline }),
      ...(isLatents && {
        onAttempt: (attempt: number) => progress.put({ kind: "sent", bytes: body?.length ?? 0, attempt }),
        onBytes: (loaded: number, total: number | null) => progress.put({ kind: "receiving", loaded, total }),
      }),
    }));
    sending.catch(() => undefined).finally(() => progress.end());
    let answer: Answer;
    try {
      for await (const event of progress) yield event;
      answer = await sending;
    } finally {
      stop.abort(); // closed early: the answer is not waited for
    }
    session.response(answer.status, answer.body);
    if (isLatents) run.received = { kind: "received", bytes: answer.body.length };
  }

  // -- the graphs

  async #compute(run: Run, action: number): Promise<void> {
    const { session } = run, shape = this.#manifest.latentShape;
    if (action === ACTION.ENCODE_TEXT) {
      run.states = await this.#graphs.encodeText(integers(session.bytes(FIELD.TOKENS)), session.number(FIELD.ROWS));
      session.floats(run.states);
    } else if (action === ACTION.DENOISE) {
      const sample = floats(session.bytes(FIELD.SAMPLE)), rows = session.number(FIELD.ROWS);
      session.floats(await this.#graphs.denoise(sample, shape, session.number(FIELD.TIMESTEP), run.states ?? new Float32Array(), rows));
    } else {
      session.floats(await this.#graphs.decode(floats(session.bytes(FIELD.LATENT_FLOATS)), shape));
    }
  }

  async #finished({ session, order, clock }: Run): Promise<PipelineEvent> {
    const index = session.number(FIELD.STEP_INDEX) - 1, total = session.number(FIELD.STEPS);
    const timestep = session.number(FIELD.TIMESTEP);
    const isShown = order.previewEvery > 0 && (index + 1) % order.previewEvery === 0 && index + 1 < total;
    if (!isShown) return { kind: "finished", index, total, timestep, preview: null };
    const { scalingFactor, shiftFactor, latentShape, imageSize } = this.#manifest;
    const latent = floats(session.bytes(FIELD.LATENT_FLOATS)).map((value) => value / scalingFactor + shiftFactor);
    const values = await clock.time("decode", () => this.#graphs.decode(latent, latentShape));
    return { kind: "finished", index, total, timestep, preview: toPreview(values, imageSize) };
  }

  #receipt({ session, order, cloud, clock }: Run, total: number): Receipt {
    const isSent = session.number(FIELD.MEMBERS) > 0;
    const steps = order.settings.steps ?? DEFAULT_STEPS;
    return readReceipt(session, {
      steps,
      cloudSteps: isSent ? order.settings.cloudSteps ?? followSteps(steps) : 0,
      seed: String(order.seed),
      cloud: isSent ? cloud?.shown ?? "" : "",
      accelerator: this.#graphs.accelerator,
      ms: { ...clock.ms, total: round(total) },
    });
  }
}

interface Run {
  readonly session: Session;
  readonly order: Order;
  readonly cloud: Cloud | null;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** The texts, encoded. */
  states: Float32Array<ArrayBuffer> | null;
  /** Told when the core has taken the answer. */
  received: PipelineEvent | null;
}

/** obclip_contract/defaults.py. */
const DEFAULT_STEPS = 25, DEFAULT_CLOUD_STEPS = 10;
function followSteps(steps: number): number {
  return Math.min(steps, Math.max(1, Math.floor((2 * steps * DEFAULT_CLOUD_STEPS + DEFAULT_STEPS) / (2 * DEFAULT_STEPS))));
}

function checkDecision(decision: string): string {
  if (["slot", "generalise", "allow", "refuse"].includes(decision)) return decision;
  throw new ObclipError("InputError", "a decision is slot, generalise, allow or refuse: one for each finding");
}

/** Only what is drawn at random spends, and needs the ledger. */
function drawsAtRandom({ cloud, settings }: Order): boolean {
  return cloud !== null && settings.mechanism === "k-subset" && settings.cloudSteps !== 0;
}

async function refuseToStore(): Promise<boolean> {
  return false;
}

/** Adds up milliseconds by phase. */
class Clock {
  readonly ms: Record<Phase, number> = { detect: 0, cloud: 0, finish: 0, decode: 0 };

  async time<T>(phase: Phase, use: () => Promise<T>): Promise<T> {
    const began = performance.now();
    try {
      return await use();
    } finally {
      this.ms[phase] = round(this.ms[phase] + performance.now() - began);
    }
  }
}

/** Events from a callback: the latest of each kind waits, so that a slow reader is not flooded. */
class Latest<T extends { readonly kind: string }> {
  readonly #waiting = new Map<string, T>();
  #isOver = false;
  #wake: () => void = () => undefined;

  put(event: T): void {
    this.#waiting.delete(event.kind);
    this.#waiting.set(event.kind, event);
    this.#wake();
  }

  end(): void {
    this.#isOver = true;
    this.#wake();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<T, void, void> {
    for (;;) {
      const next = this.#waiting.entries().next();
      if (!next.done) {
        this.#waiting.delete(next.value[0]);
        yield next.value[1];
      } else if (this.#isOver) {
        return;
      } else {
        await new Promise<void>((resolve) => { this.#wake = resolve; });
      }
    }
  }
}

function floats(raw: Uint8Array<ArrayBuffer>): Float32Array<ArrayBuffer> {
  return new Float32Array(raw.buffer) as Float32Array<ArrayBuffer>; // LiteRT's types widen it
}

function integers(raw: Uint8Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  return new Int32Array(raw.buffer) as Int32Array<ArrayBuffer>;
}

function round(ms: number): number {
  return Math.round(10 * ms) / 10;
}

/** No half of a surrogate pair alone: the core would be given another letter. */
function isWellFormed(words: string): boolean {
  return !/[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/.test(words);
}
