// From an empty page to a pipeline that can draw: configuration, service worker, download.
import { ObclipError, ObclipPipeline } from "../sdk/index.js";
import { readConfig } from "./config.js";
import { readPlace, writePlace } from "./preferences.js";
import type { Store } from "./state.js";
import { joinWorker, lookForUpdate } from "./worker.js";

/** Above this, a person on a metered connection is asked first. */
const FEW_BYTES = 3_000_000;
const DOWNLOADED = "obclip.downloaded";

/** What browsers tell of a connection; not all do. */
interface Connection {
  readonly saveData?: boolean;
  readonly type?: string;
}

let asked = false;

/** Whether this browser has had everything once. */
export function hasDownloaded(): boolean {
  return readPlace(DOWNLOADED) !== null;
}

/** Load everything, or offer to; the pipeline goes to `ready`. Called again after a failure: what is here stays here. */
export async function prepare(store: Store, ready: (pipe: ObclipPipeline) => void): Promise<void> {
  try {
    store.update({ setup: { kind: "starting" } });
    if (!isSecureContext) throw new Insecure();
    const config = await readConfig();
    store.update({ config });
    await joinWorker({
      isBusy: () => store.state.setup.kind === "ready" || store.state.setup.kind === "preparing",
      offer: () => store.update({ hasUpdate: true }),
    });
    if (!asked && isMetered() && !hasDownloaded()) {
      const bytes = await measure(config.bundle);
      if (bytes > FEW_BYTES) {
        asked = true;
        store.update({ setup: { kind: "offered", bytes } });
        return;
      }
    }
    const pipe = await load(store, config.bundle);
    writePlace(DOWNLOADED, "1");
    store.update({ setup: { kind: "ready" } });
    ready(pipe);
  } catch (error) {
    store.update({ setup: { kind: "failed", ...explain(error) } });
    await lookForUpdate();
  }
}

async function load(store: Store, bundle: string): Promise<ObclipPipeline> {
  return ObclipPipeline.load(bundle, {
    onProgress: ({ file, loaded, total, cached }) => {
      store.update({ setup: loaded < total ? { kind: "loading", file, loaded, total, cached } : { kind: "preparing" } });
    },
  });
}

function isMetered(): boolean {
  const { connection } = navigator as Navigator & { connection?: Connection };
  return connection?.saveData === true || connection?.type === "cellular";
}

/** Bytes of a first visit: the core, the largest build of LiteRT and the bundle; 0 where a list cannot be had, which loading explains. */
async function measure(bundle: string): Promise<number> {
  const answers = await Promise.all([fetch("files.json"), fetch(`${bundle}bundle.json`)]);
  if (!answers.every((answer) => answer.ok)) return 0;
  const [list, manifest] = await Promise.all(answers.map((answer) => answer.json())) as [
    { files: Record<string, { bytes: number }> }, { files: readonly { bytes: number }[] },
  ];
  const sizes = (prefix: string) => Object.entries(list.files).filter(([path]) => path.startsWith(prefix)).map(([, file]) => file.bytes);
  const sum = (values: readonly number[]) => values.reduce((all, one) => all + one, 0);
  return sum(sizes("core/")) + Math.max(0, ...sizes("litert/")) + sum(manifest.files.map((file) => file.bytes));
}

class Insecure extends Error {
  override readonly message = "this page came over http://, where browsers check no file and keep nothing";
}

function explain(error: unknown): { message: string; advice: string } {
  if (error instanceof Insecure) return { message: error.message, advice: "Open it over https://, or on this machine as http://localhost." };
  const message = error instanceof Error ? error.message : String(error);
  if (!navigator.onLine) return { message, advice: "You are offline. What has arrived is kept; go on when you are connected again." };
  if (error instanceof ObclipError) return { message, advice: "What has arrived is kept." };
  return { message, advice: "What has arrived is kept. Look at your connection and try again." };
}
