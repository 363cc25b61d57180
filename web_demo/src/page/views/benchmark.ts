// How long this device takes: measured on the person's wish, and saved as a file that is theirs to show.
import { ObclipPipeline } from "../../sdk/index.js";
import { make, saveFile, say, setText } from "../dom.js";
import { formatTime } from "../format.js";
import type { Store } from "../state.js";
import { translate } from "../words.js";

const FILE = "obclip-device.json";
const PHASES: Readonly<Record<string, string>> = {
  loading: "Loading the models…", text: "Measuring: words…", step: "Measuring: steps…", decode: "Measuring: the decoder…",
};

export function makeBenchmark(store: Store): HTMLElement {
  const button = make("button", { type: "button", id: "measure", class: "plain", "aria-describedby": "help-measure" }, "Measure, and save as JSON");
  const told = make("p", { id: "measured", class: "small", role: "status" });
  button.addEventListener("click", () => {
    button.disabled = true;
    void measure(store.state.config.bundle, (text) => setText(told, text)).finally(() => { button.disabled = false; });
  });
  return make("div", { class: "field" }, button,
    make("p", { id: "help-measure", class: "small" }, "Some ten seconds. Nothing is sent: the file goes to your downloads, and “obclip bench report” reads it."), told);
}

async function measure(bundle: string, tell: (text: string) => void): Promise<void> {
  try {
    const result = await ObclipPipeline.benchmark(bundle, { onPhase: (phase) => tell(PHASES[phase] ?? "") });
    saveFile(new File([`${JSON.stringify(result, null, 1)}\n`], FILE, { type: "application/json" }));
    const { text, step, decode } = result.phases;
    tell(`Words ${formatTime(text.median)}, one step ${formatTime(step.median)}, decoder ${formatTime(decode.median)}.`);
    say("Saved as a JSON file.");
  } catch (error) {
    tell(translate(error instanceof Error ? error.message : String(error)));
  }
}
