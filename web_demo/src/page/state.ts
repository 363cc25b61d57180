// The one store: what the page knows, and who is told when it changes. The prompt stands here and in its text area only.
import type { Candidates, ErrorKind, Finding, Picture, Receipt } from "../sdk/index.js";
import type { Config } from "./config.js";
import { UNDECIDED, type Decisions } from "./decisions.js";
import { DEFAULTS, type Preferences } from "./preferences.js";

/** Whether the models are here. */
export type Setup =
  | { readonly kind: "starting" }
  /** A metered connection: the person starts the download. */
  | { readonly kind: "offered"; readonly bytes: number }
  | { readonly kind: "loading"; readonly loaded: number; readonly total: number; readonly file: string; readonly cached: boolean }
  /** All bytes are here; the models are being made ready. */
  | { readonly kind: "preparing" }
  | { readonly kind: "failed"; readonly message: string; readonly advice: string }
  | { readonly kind: "ready" };

/** What the device makes of the prompt. */
export type Reading =
  | { readonly kind: "empty" }
  /** Without members, nothing would be sent. */
  | { readonly kind: "known"; readonly candidates: Candidates }
  /** The person will be asked about these before anything is sent. */
  | { readonly kind: "asking"; readonly findings: readonly Finding[] }
  | { readonly kind: "refused"; readonly message: string };

export type Stage = "reading" | "asking" | "sent" | "finishing";

/** One picture in the making. */
export interface Run {
  readonly stage: Stage;
  /** Nothing is sent in this run. */
  readonly isLocal: boolean;
  /** Bytes of the request and of the answer; 0: not there yet. */
  readonly up: number;
  readonly down: number;
  /** Of the answer, while it comes; `null` where the cloud does not say. */
  readonly coming: number;
  readonly expected: number | null;
  readonly attempt: number;
  /** `performance.now()` when the request went. */
  readonly since: number;
  readonly step: number;
  readonly total: number;
  readonly preview: Picture | null;
}

export interface Result {
  readonly picture: Picture;
  readonly receipt: Receipt;
}

/** What went wrong, until the next try. */
export interface Trouble {
  readonly kind: ErrorKind | "Unexpected";
  readonly message: string;
  /** The request had gone. */
  readonly wasSent: boolean;
  /** The person stopped it: no fault. */
  readonly isChosen: boolean;
}

export interface State {
  readonly config: Config;
  readonly preferences: Preferences;
  /** Of the cloud; in memory unless the person wants it remembered. */
  readonly token: string;
  readonly isOnline: boolean;
  /** The person chose to draw on this device alone, for now. */
  readonly isAlone: boolean;
  /** A newer version of the page is here and waits. */
  readonly hasUpdate: boolean;
  readonly setup: Setup;
  readonly prompt: string;
  /** Of the next picture: drawn before the prompt is known, so that what is shown is what is sent, to the byte. */
  readonly seed: bigint;
  /** A picture was drawn with it; the next one takes a new one. */
  readonly isSeedSpent: boolean;
  readonly decisions: Decisions;
  readonly reading: Reading;
  readonly run: Run | null;
  readonly result: Result | null;
  readonly trouble: Trouble | null;
}

/** From the browser's CSPRNG, never from the prompt. */
export function freshSeed(): { readonly seed: bigint; readonly isSeedSpent: boolean } {
  return { seed: crypto.getRandomValues(new BigUint64Array(1))[0] ?? 0n, isSeedSpent: false };
}

type Listener = (state: State, before: State) => void;

const FIRST: State = {
  config: { cloud: null, bundle: "bundle/" },
  preferences: DEFAULTS,
  token: "",
  isOnline: true,
  isAlone: false,
  hasUpdate: false,
  setup: { kind: "starting" },
  prompt: "",
  ...freshSeed(),
  decisions: UNDECIDED,
  reading: { kind: "empty" },
  run: null,
  result: null,
  trouble: null,
};

export class Store {
  #state = FIRST;
  readonly #listeners: Listener[] = [];

  get state(): State {
    return this.#state;
  }

  update(change: Partial<State>): void {
    const before = this.#state;
    this.#state = { ...before, ...change };
    for (const listener of this.#listeners) listener(this.#state, before);
  }

  /** Called now and after every change. */
  watch(listener: Listener): void {
    this.#listeners.push(listener);
    listener(this.#state, this.#state);
  }
}

/** The cloud's address: the person's, else the host's. */
export function findCloud(state: State): string | null {
  return state.preferences.cloud || state.config.cloud;
}

/** Whether the next picture is drawn without asking anybody. */
export function drawsAlone(state: State): boolean {
  const { mechanism, cloudSteps } = state.preferences;
  return state.isAlone || findCloud(state) === null || mechanism === "local" || cloudSteps === 0;
}
