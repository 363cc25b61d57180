// The device in a worker of its own, so that the page stays responsive. Classic, because LiteRT's script is.
import { measureGraphs } from "./benchmark.js";
import type { Ask, Device } from "./device.js";
import { ObclipError } from "./errors.js";
import { loadDevice } from "./loading.js";
import type { Fault, FromWorker, ToWorker } from "./messages.js";
import type { Decision, PipelineEvent } from "./types.js";

interface Run {
  readonly events: AsyncGenerator<PipelineEvent, void, void>;
  readonly stop: AbortController;
}

let device: Device | null = null;
let loading: AbortController | null = null;
const runs = new Map<number, Run>();
const asked = new Map<number, (decisions: readonly Decision[] | null) => void>();

self.addEventListener("message", ({ data }: MessageEvent<ToWorker>) => {
  void answer(data).catch((error: unknown) => tell({ tell: "fault", id: data.id, fault: toFault(error) }));
});

async function answer(message: ToWorker): Promise<void> {
  const { id } = message;
  switch (message.do) {
    case "load": {
      loading = new AbortController();
      const made = await loadDevice(message.order, (progress) => tell({ tell: "progress", id, progress }), loading.signal);
      device = made.device;
      tell({ tell: "loaded", id, value: made.loaded });
      break;
    }
    case "benchmark": {
      loading = new AbortController();
      const value = await measureGraphs(message.order, (phase) => tell({ tell: "phase", id, phase }), loading.signal);
      tell({ tell: "benchmark", id, value });
      break;
    }
    case "read":
      tell({ tell: "read", id, value: await ready().read(message.prompt, message.order, message.asks ? asker(id) : null) });
      break;
    case "draw": {
      const stop = new AbortController();
      runs.set(id, { events: ready().draw(message.prompt, message.order, message.asks ? asker(id) : null, stop.signal), stop });
      break;
    }
    case "next":
      await goOn(id);
      break;
    case "stop":
      loading?.abort();
      runs.get(id)?.stop.abort();
      asked.get(id)?.(null);
      await end(id);
      break;
    case "decided":
    case "undecided":
      asked.get(id)?.(message.do === "decided" ? message.decisions : null);
      break;
  }
}

async function goOn(id: number): Promise<void> {
  const run = runs.get(id);
  if (run === undefined) return;
  try {
    const { done, value } = await run.events.next();
    if (done) runs.delete(id);
    tell({ tell: "event", id, value: done ? null : value });
  } catch (error) {
    runs.delete(id);
    throw error;
  }
}

/** Free what a run holds, when the call in progress has ended. */
async function end(id: number): Promise<void> {
  const run = runs.get(id);
  runs.delete(id);
  await run?.events.return();
}

function asker(id: number): Ask {
  return async (findings) => {
    const decisions = await new Promise<readonly Decision[] | null>((resolve) => {
      asked.set(id, resolve);
      tell({ tell: "ask", id, findings });
    });
    asked.delete(id);
    // The page's own error is what its caller gets.
    if (decisions === null) throw new ObclipError("Cancelled", "the picture was stopped; there is none");
    return decisions;
  };
}

function ready(): Device {
  if (device === null) throw new ObclipError("InputError", "nothing is loaded: ObclipPipeline.load first");
  return device;
}

function toFault(error: unknown): Fault {
  if (error instanceof ObclipError) return { kind: error.kind, message: error.message, findings: error.findings };
  return { kind: null, message: error instanceof Error ? `${error.name}: ${error.message}` : String(error), findings: [] };
}

function tell(message: FromWorker): void {
  self.postMessage(message);
}
