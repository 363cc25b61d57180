// Where the worker's script is. The page's build has a module of its own in this one's place (vite.config.ts).
export const WORKER: string = new URL("./worker.js", import.meta.url).href;
