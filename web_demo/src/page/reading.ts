// What the device makes of the prompt while it is typed. Nothing is sent.
import { ObclipError, type ObclipPipeline } from "../sdk/index.js";
import { isSettled, settled } from "./decisions.js";
import { asSettings } from "./preferences.js";
import { drawsAlone, findCloud, type Reading, type Store } from "./state.js";

/** After the last key, in milliseconds: reading takes a few, drawing the list of candidates some more. */
const PAUSE = 250;

/** Reads the prompt whenever it, or what decides about it, changes. */
export function watchPrompt(store: Store, pipe: ObclipPipeline): void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let turn = 0;
  const readNow = async () => {
    const mine = ++turn;
    const reading = await read(store, pipe);
    if (mine === turn) store.update({ reading });
  };
  store.watch((state, before) => {
    const isSame = state !== before && state.prompt === before.prompt && state.preferences === before.preferences
      && state.config === before.config && state.isAlone === before.isAlone && state.seed === before.seed
      && state.decisions === before.decisions;
    if (isSame) return;
    clearTimeout(timer);
    timer = setTimeout(() => void readNow(), PAUSE);
  });
}

async function read(store: Store, pipe: ObclipPipeline): Promise<Reading> {
  const { state } = store;
  const prompt = state.prompt.trim();
  if (prompt === "") return { kind: "empty" };
  const isLocal = drawsAlone(state);
  try {
    const candidates = await pipe.read(prompt, {
      cloud: isLocal ? null : findCloud(state),
      seed: state.seed,
      settings: asSettings(state.preferences, isLocal),
      decide: async (findings) => settled(state.decisions, findings),
    });
    return { kind: "known", candidates };
  } catch (error) {
    if (error instanceof ObclipError && error.kind === "ImpliedError" && !isSettled(state.decisions, error.findings)) {
      return { kind: "asking", findings: error.findings };
    }
    return { kind: "refused", message: error instanceof Error ? error.message : String(error) };
  }
}
