// What the tests ask of the SDK in a page; each answers with plain data.
import { ObclipError, ObclipPipeline } from "/sdk/index.js";

// What `use` gives, or the kind and message of its refusal; anything else is a mistake.
async function outcome(use) {
  try {
    return await use();
  } catch (error) {
    if (!(error instanceof ObclipError)) throw error;
    return { kind: error.kind, message: error.message, findings: error.findings.map((f) => ({ ...f })) };
  }
}

function base64(bytes) {
  let text = "";
  for (const byte of bytes) text += String.fromCharCode(byte);
  return btoa(text);
}

const asOptions = ({ cloud, seed, settings, alone, ...rest }) => ({ ...rest, cloud: alone ? null : cloud, settings: settings ?? {}, ...(seed && { seed: BigInt(seed) }) });

/** Load and draw; the events' kinds, the picture and its receipt. */
export async function draw({ load, prompt, options, cloud }) {
  const progress = [];
  const began = performance.now();
  const pipe = await ObclipPipeline.load("bundle/", { ...load, onProgress: (one) => progress.push(one) });
  const told = { load_ms: performance.now() - began, accelerator: pipe.accelerator, isolated: crossOriginIsolated, progress: [progress[0], progress.at(-1)], cached: progress.filter((one) => one.cached).length };
  told.events = [];
  told.previews = 0;
  for await (const event of pipe.generate(prompt, asOptions({ cloud, ...options }))) {
    told.events.push(event.kind);
    if (event.kind === "detected") told.members = event.candidates?.members ?? null;
    if (event.kind === "finished" && event.preview !== null) told.previews += 1;
    if (event.kind === "decoded") Object.assign(told, { receipt: event.receipt, size: [event.picture.width, event.picture.height], rgba: base64(event.picture.rgba) });
  }
  pipe.close();
  return told;
}

/** Load; what it took, or the refusal. `abort`: stop when so many bytes are here. */
export async function load({ options, abort, folder = "bundle/" }) {
  const stop = new AbortController();
  let cached = 0, last = null;
  const told = await outcome(async () => {
    const pipe = await ObclipPipeline.load(folder, {
      ...options,
      signal: stop.signal,
      onProgress: (one) => {
        cached += Number(one.cached);
        last = one;
        if (abort !== undefined && one.loaded >= abort) stop.abort();
      },
    });
    pipe.close();
    return { loaded: pipe.model };
  });
  await new Promise((resolve) => setTimeout(resolve, 500)); // what is kept after an abort
  const keys = await (await caches?.open("obclip bundles"))?.keys() ?? [];
  return { ...told, cached, last, kept: keys.map((one) => new URL(one.url).pathname.split("/")[2]).sort() };
}

/** Dry runs of several prompts. */
export async function read({ prompts, options, cloud }) {
  const pipe = await ObclipPipeline.load("bundle/");
  const told = [];
  for (const { prompt, decisions, ...more } of prompts) {
    const asked = [];
    const decide = async (findings) => { asked.push(...findings.map((f) => ({ ...f }))); return decisions ?? []; };
    const began = performance.now();
    const one = await outcome(async () => {
      const { body, ...rest } = await pipe.read(prompt, asOptions({ cloud, ...options, ...more, decide }));
      return { ...rest, body: base64(body) };
    });
    told.push({ ...one, asked, ms: performance.now() - began });
  }
  pipe.close();
  return told;
}

/** Ways to end a run early; afterwards the pipeline still draws. */
export async function stop({ prompt, cloud }) {
  const pipe = await ObclipPipeline.load("bundle/");
  const told = { closed: [], aborted: [] };
  for (const kind of ["detected", "sent", "received", "finished"]) {
    const seen = [];
    for await (const event of pipe.generate(prompt, { cloud, seed: 1n })) {
      seen.push(event.kind);
      if (event.kind === kind) break;
    }
    told.closed.push(seen.at(-1));
  }
  for (const kind of ["none", "detected", "sent", "finished"]) {
    const stopper = new AbortController();
    if (kind === "none") stopper.abort();
    told.aborted.push(await outcome(async () => {
      for await (const event of pipe.generate(prompt, { cloud, seed: 1n, signal: stopper.signal })) {
        if (event.kind === kind) setTimeout(() => stopper.abort(), 0);
        if (event.kind === kind) await new Promise((resolve) => setTimeout(resolve, 5));
      }
      return { kind: "drawn" };
    }));
  }
  told.after = [];
  for await (const event of pipe.generate(prompt, { cloud, seed: 1n })) told.after.push(event.kind);
  const running = pipe.generate(prompt, { cloud, seed: 1n });
  await running.next();
  pipe.close();
  told.whileClosed = await outcome(() => running.next());
  told.closedRead = await outcome(() => pipe.read(prompt));
  return told;
}

/** Whether the page is responsive while a picture is made: the longest time between two of its turns. */
export async function breathe({ prompt, options, cloud }) {
  const pipe = await ObclipPipeline.load("bundle/");
  let longest = 0, last = performance.now(), isOver = false;
  const tick = () => {
    longest = Math.max(longest, performance.now() - last);
    last = performance.now();
    if (!isOver) setTimeout(tick, 0);
  };
  tick();
  for await (const _ of pipe.generate(prompt, asOptions({ cloud, ...options })));
  isOver = true;
  pipe.close();
  return { longest };
}

/** Two runs of one pipeline at the same time. */
export async function together({ prompts, cloud }) {
  const pipe = await ObclipPipeline.load("bundle/");
  const pictures = await Promise.all(prompts.map(async ({ prompt, seed }) => {
    for await (const event of pipe.generate(prompt, { cloud, seed: BigInt(seed) })) {
      if (event.kind === "decoded") return base64(event.picture.rgba);
    }
    return null;
  }));
  pipe.close();
  return pictures;
}

/** The refusal of a run. */
export async function refused({ prompt, cloud }) {
  const pipe = await ObclipPipeline.load("bundle/");
  const told = await outcome(async () => {
    for await (const _ of pipe.generate(prompt, { cloud }));
    return { kind: "drawn" };
  });
  pipe.close();
  return told;
}

/** A page by plain http, which has no cache to look into. */
export function insecure() {
  return outcome(async () => ({ loaded: (await ObclipPipeline.load("bundle/")).model }));
}
