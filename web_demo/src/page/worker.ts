// The page's side of the service worker: wait until it serves this page, keep one build together, tell of a new one.

/** Without a worker in this time the page goes on; it then needs the network on the next visit. */
const PATIENCE = 15_000;
/** By then a worker that could not be installed has said why, in milliseconds. */
const TOLD = 200;
const RELOADED = "obclip.reloaded";

/** What the page does when another build is here; `isBusy` says whether changing to it would lose something. */
export interface Updates {
  readonly isBusy: () => boolean;
  readonly offer: () => void;
}

let waiting: ServiceWorker | null = null;
let isWatched = false;

/**
 * Resolves when this page may load the rest: served by a worker of its own build, or where there can be none.
 * May load the page again instead, and then does not resolve.
 */
export async function joinWorker(updates: Updates): Promise<void> {
  if (!("serviceWorker" in navigator) || !import.meta.env.PROD) return;
  const container = navigator.serviceWorker;
  try {
    const registration = await container.register("sw.js");
    if (registration.waiting !== null && container.controller !== null) return await changeBuild(registration.waiting);
    const controller = container.controller ?? await waitForControl(container, registration);
    if (controller !== null && !(await holdsThisPage(controller))) return await reloadOnce();
    sessionStorage.removeItem(RELOADED);
    watch(registration, updates);
  } catch (error) {
    if (error instanceof NotInstalled) throw error;
    // Private windows and old browsers: everything comes from the network, each time.
  }
}

/** The person wants the new build now. */
export function takeUpdate(): void {
  if (waiting !== null) void changeBuild(waiting);
}

/** Ask whether there is a newer build: a file that does not fit is a sign of one. */
export async function lookForUpdate(): Promise<void> {
  if (!("serviceWorker" in navigator)) return;
  await (await navigator.serviceWorker.getRegistration())?.update().catch(() => undefined);
}

function watch(registration: ServiceWorkerRegistration, updates: Updates): void {
  if (isWatched) return;
  isWatched = true;
  const found = (worker: ServiceWorker | null) => {
    worker?.addEventListener("statechange", () => {
      if (worker.state !== "installed" || navigator.serviceWorker.controller === null) return;
      waiting = worker;
      if (updates.isBusy()) updates.offer();
      else takeUpdate();
    });
  };
  found(registration.installing);
  registration.addEventListener("updatefound", () => found(registration.installing));
  // Another tab changed the build: one that has loaded everything stays as it is.
  navigator.serviceWorker.addEventListener("controllerchange", () => { if (!updates.isBusy()) location.reload(); });
}

async function changeBuild(worker: ServiceWorker): Promise<never> {
  navigator.serviceWorker.addEventListener("controllerchange", () => location.reload());
  worker.postMessage({ kind: "activate" });
  return never();
}

// Once: a page that its host and a worker give differently for good would be loaded for ever.
async function reloadOnce(): Promise<void> {
  if (sessionStorage.getItem(RELOADED) !== null) return;
  sessionStorage.setItem(RELOADED, "1");
  location.reload();
  await never();
}

/** Without the worker nobody would compare the files with the build's list: so it is no reason to go on. */
class NotInstalled extends Error {
  constructor(file: string) {
    super(`${file || "a file of this page"} did not arrive as it was built; if it stays, ask whoever runs this site whether it was changed`);
  }
}

function waitForControl(container: ServiceWorkerContainer, { installing, waiting, active }: ServiceWorkerRegistration): Promise<ServiceWorker | null> {
  return new Promise((resolve, reject) => {
    const worker = installing ?? waiting ?? active;
    let refused = "";
    container.addEventListener("message", ({ data }: MessageEvent<{ kind?: unknown; path?: unknown }>) => {
      if (data.kind === "refused" && typeof data.path === "string") refused ||= data.path;
    });
    const look = () => {
      if (worker === null || worker.state === "redundant") setTimeout(() => reject(new NotInstalled(refused)), TOLD);
    };
    look();
    worker?.addEventListener("statechange", look);
    const timer = setTimeout(() => resolve(container.controller), PATIENCE);
    container.addEventListener("controllerchange", () => {
      clearTimeout(timer);
      resolve(container.controller);
    }, { once: true });
  });
}

/** Whether the worker's build has the script that runs here; its name holds its hash. */
function holdsThisPage(worker: ServiceWorker): Promise<boolean> {
  const path = new URL(import.meta.url).pathname.slice(new URL("./", location.href).pathname.length);
  const { port1, port2 } = new MessageChannel();
  return new Promise((resolve) => {
    port1.onmessage = (event) => resolve(event.data === true);
    worker.postMessage({ kind: "holds", path }, [port2]);
  });
}

function never(): Promise<never> {
  return new Promise(() => undefined);
}
