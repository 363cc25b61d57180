// In the place of sdk/worker-address.ts: the page's build makes the worker itself, under a name with its hash.
import address from "../sdk/worker.ts?worker&url";

export const WORKER: string = new URL(address, import.meta.url).href;
