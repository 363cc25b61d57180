// One picture: the pipeline's events become the page's state, and whatever ends it leaves the page as it was.
import { ObclipError, type Decision, type Finding, type ObclipPipeline, type PipelineEvent } from "../sdk/index.js";
import { isSettled, keep, settled } from "./decisions.js";
import { asSettings } from "./preferences.js";
import { drawsAlone, findCloud, freshSeed, type Run, type Store } from "./state.js";

/** Device steps between previews: each decodes a picture. */
const PREVIEW_EVERY = 1;

/** Asks the person; one decision for each finding. */
export type Ask = (findings: readonly Finding[]) => Promise<readonly Decision[]>;

export class Drawing {
  readonly #store: Store;
  readonly #pipe: ObclipPipeline;
  readonly #ask: Ask;
  #stop: AbortController | null = null;
  /** The person answered "stop". */
  #wasRefused = false;

  constructor(store: Store, pipe: ObclipPipeline, ask: Ask) {
    this.#store = store;
    this.#pipe = pipe;
    this.#ask = ask;
  }

  cancel(): void {
    this.#stop?.abort();
  }

  /** Draw what the prompt says; every ending is in the state. */
  async draw(): Promise<void> {
    const store = this.#store;
    if (this.#stop !== null || store.state.prompt.trim() === "") return;
    if (store.state.isSeedSpent) store.update(freshSeed());
    const { state } = store;
    const isLocal = drawsAlone(state);
    this.#stop = new AbortController();
    this.#wasRefused = false;
    store.update({ run: begin(isLocal), result: null, trouble: null });
    try {
      const events = this.#pipe.generate(state.prompt.trim(), {
        cloud: isLocal ? null : findCloud(state),
        ...(state.token !== "" && { token: state.token }),
        signal: this.#stop.signal,
        seed: state.seed,
        settings: asSettings(state.preferences, isLocal),
        decide: (findings) => this.#decide(findings),
        previewEvery: state.preferences.preview ? PREVIEW_EVERY : 0,
      });
      for await (const event of events) this.#note(event);
    } catch (error) {
      const wasSent = store.state.run !== null && store.state.run.up > 0;
      const kind = error instanceof ObclipError ? error.kind : "Unexpected";
      const message = error instanceof Error ? error.message : String(error);
      store.update({ trouble: { kind, message, wasSent, isChosen: kind === "Cancelled" || this.#wasRefused } });
    } finally {
      this.#stop = null;
      store.update({ run: null });
    }
  }

  /** Ask about the findings of the reading, without drawing. */
  async settle(): Promise<void> {
    const { reading } = this.#store.state;
    if (reading.kind === "asking") await this.#decide(reading.findings);
  }

  async #decide(findings: readonly Finding[]): Promise<readonly Decision[]> {
    const store = this.#store;
    const { decisions } = store.state;
    if (isSettled(decisions, findings)) return settled(decisions, findings);
    this.#change({ stage: "asking" });
    const chosen = await this.#ask(findings);
    this.#wasRefused = chosen.includes("refuse");
    store.update({ decisions: keep(decisions, findings, chosen) });
    this.#change({ stage: "reading" });
    return chosen;
  }

  #note(event: PipelineEvent): void {
    switch (event.kind) {
      case "detected":
        this.#change({ isLocal: event.candidates === null, stage: event.candidates === null ? "finishing" : "reading" });
        if (event.candidates !== null) this.#store.update({ reading: { kind: "known", candidates: event.candidates } });
        break;
      case "sent":
        this.#store.update({ isSeedSpent: true });
        this.#change({ stage: "sent", up: event.bytes, attempt: event.attempt, since: performance.now() });
        break;
      case "receiving":
        this.#change({ coming: event.loaded, expected: event.total });
        break;
      case "received":
        this.#change({ stage: "finishing", down: event.bytes });
        break;
      case "finished":
        this.#change({
          stage: "finishing", step: event.index + 1, total: event.total,
          ...(event.preview !== null && { preview: event.preview }),
        });
        break;
      case "decoded":
        this.#store.update({ isSeedSpent: true, result: { picture: event.picture, receipt: event.receipt } });
        break;
    }
  }

  #change(change: Partial<Run>): void {
    const { run } = this.#store.state;
    if (run !== null) this.#store.update({ run: { ...run, ...change } });
  }
}

function begin(isLocal: boolean): Run {
  return { stage: "reading", isLocal, up: 0, down: 0, coming: 0, expected: null, attempt: 1, since: 0, step: 0, total: 0, preview: null };
}
