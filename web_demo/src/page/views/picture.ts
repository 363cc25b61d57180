// The picture while it is made and when it is done.
import type { Picture } from "../../sdk/index.js";
import { byId, fill, make, saveFile, say, setText } from "../dom.js";
import { formatBytes } from "../format.js";
import type { Run, State, Store } from "../state.js";

interface Actions {
  readonly draw: () => void;
  readonly cancel: () => void;
}
/** How often the seconds of waiting are shown anew, in milliseconds. */
const TICK = 500;
const FILE = "obclip.png";

export function showPicture(store: Store, { draw, cancel }: Actions): void {
  const section = byId("picture", HTMLElement);
  const title = byId("picture-title", HTMLElement);
  const canvas = byId("canvas", HTMLCanvasElement);
  const progress = byId("progress", HTMLElement);
  const steps = byId("steps", HTMLProgressElement);
  const done = byId("done", HTMLElement);
  const share = byId("share", HTMLButtonElement);
  share.hidden = !canShare();
  byId("cancel", HTMLButtonElement).addEventListener("click", cancel);
  byId("again", HTMLButtonElement).addEventListener("click", draw);
  byId("save", HTMLButtonElement).addEventListener("click", () => void save(canvas));
  share.addEventListener("click", () => void sharePicture(canvas));

  let ticking: ReturnType<typeof setInterval> | undefined;
  store.watch((state, before) => {
    if (state.run === before.run && state.result === before.result) return;
    const { run, result } = state;
    section.hidden = run === null && result === null;
    section.setAttribute("aria-busy", String(run !== null));
    setText(title, run !== null ? "Drawing" : "Your picture");
    progress.hidden = run === null;
    done.hidden = result === null || run !== null;
    if (run !== null && before.run === null) clear(canvas);
    const shown = result?.picture ?? run?.preview ?? null;
    const shownBefore = before.result?.picture ?? before.run?.preview ?? null;
    if (shown !== null && shown !== shownBefore) paint(canvas, shown);
    canvas.classList.toggle("unfinished", run !== null);
    canvas.setAttribute("aria-label", result !== null ? "The picture that you described" : shown !== null ? "The picture so far" : "No picture yet");
    if (run !== null) showStages(run);
    if (result !== null) {
      setText(byId("shared", HTMLElement), `Who you share it with sees who is in it${result.receipt.n > 0 ? ", and it may carry a mark that the cloud made" : ""}.`);
    }
    if (run !== null && run.total > 0) {
      steps.max = run.total;
      steps.value = run.step;
    } else steps.removeAttribute("value"); // nobody tells how far the cloud is
    if (run?.stage === "sent") ticking ??= setInterval(() => { if (store.state.run !== null) showStages(store.state.run); }, TICK);
    else {
      clearInterval(ticking);
      ticking = undefined;
    }
    announce(state, before);
    moveFocus(state, before, title);
  });
}

/** Phases are told to a screen reader, steps are not. */
function announce(state: State, before: State): void {
  const said = byId("run-said", HTMLElement);
  const { run } = state;
  if (run === null) {
    if (before.run !== null && state.result !== null) setText(said, "Your picture is done.");
    else if (before.run !== null) setText(said, "");
  } else if (run.stage !== before.run?.stage) {
    const told = { reading: "Reading your words on this device.", asking: "", sent: "Sent. Waiting for the cloud.", finishing: "Finishing on this device." };
    setText(said, told[run.stage]);
  }
}

// The button that began it is switched off while it runs: the focus goes where the picture is, and comes back.
function moveFocus(state: State, before: State, title: HTMLElement): void {
  if (state.run !== null && before.run === null) {
    title.focus({ preventScroll: true });
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    byId("picture", HTMLElement).scrollIntoView({ behavior: isCalm ? "auto" : "smooth", block: "start" });
  }
  if (state.run === null && before.run !== null && state.result === null) byId("draw", HTMLButtonElement).focus();
}

function showStages(run: Run): void {
  const stages = run.isLocal ? [tellReading(run), tellFinishing(run)] : [tellReading(run), tellSending(run), tellWaiting(run), tellFinishing(run)];
  const current = stages.findIndex((stage) => !stage.isDone);
  const region = byId("stages", HTMLElement);
  stages.forEach((stage, i) => {
    const item = region.children[i] ?? region.appendChild(make("li"));
    item.className = stage.isDone ? "past" : i === current ? "now" : "next";
    if (i === current) item.setAttribute("aria-current", "step");
    else item.removeAttribute("aria-current");
    setText(item as HTMLElement, stage.text);
  });
  fill(region, ...[...region.children].slice(0, stages.length));
}

interface Told {
  readonly text: string;
  readonly isDone: boolean;
}

function tellReading(run: Run): Told {
  if (run.stage === "asking") return { text: "Waiting for your choice", isDone: false };
  return { text: "Read on this device", isDone: run.stage !== "reading" };
}

function tellSending(run: Run): Told {
  if (run.up === 0) return { text: "Send every possibility", isDone: false };
  const again = run.attempt > 1 ? `, the same bytes for the ${run.attempt}. time` : "";
  return { text: `Sent ${formatBytes(run.up)}${again}`, isDone: true };
}

function tellWaiting(run: Run): Told {
  if (run.down > 0) return { text: `Received ${formatBytes(run.down)}; yours was picked here`, isDone: true };
  if (run.coming > 0) {
    const whole = run.expected === null ? "" : ` of ${formatBytes(run.expected)}`;
    return { text: `Receiving ${formatBytes(run.coming)}${whole}`, isDone: false };
  }
  const seconds = run.stage === "sent" ? Math.floor((performance.now() - run.since) / 1000) : 0;
  return { text: `Wait for the cloud${seconds > 0 ? `, ${seconds} s` : ""}`, isDone: false };
}

function tellFinishing(run: Run): Told {
  if (run.total === 0) return { text: "Finish on this device", isDone: false };
  return { text: `Finishing on this device, step ${run.step} of ${run.total}`, isDone: false };
}

function clear(canvas: HTMLCanvasElement): void {
  canvas.getContext("2d")?.clearRect(0, 0, canvas.width, canvas.height);
}

function paint(canvas: HTMLCanvasElement, picture: Picture): void {
  if (canvas.width !== picture.width) canvas.width = picture.width;
  if (canvas.height !== picture.height) canvas.height = picture.height;
  canvas.getContext("2d")?.putImageData(new ImageData(picture.rgba, picture.width, picture.height), 0, 0);
}

async function makeFile(canvas: HTMLCanvasElement): Promise<File> {
  const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, "image/png"));
  if (blob === null) throw new Error("this browser made no PNG of the picture");
  return new File([blob], FILE, { type: "image/png" });
}

async function save(canvas: HTMLCanvasElement): Promise<void> {
  saveFile(await makeFile(canvas));
  say("Saved as a PNG file.");
}

function canShare(): boolean {
  const probe = new File([new Uint8Array(1)], FILE, { type: "image/png" });
  return typeof navigator.canShare === "function" && navigator.canShare({ files: [probe] });
}

async function sharePicture(canvas: HTMLCanvasElement): Promise<void> {
  try {
    await navigator.share({ files: [await makeFile(canvas)] });
  } catch (error) {
    // The person closed the sheet: nothing to tell.
    if (!(error instanceof DOMException && error.name === "AbortError")) say("It could not be shared; save it instead.");
  }
}
