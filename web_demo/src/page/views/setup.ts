// The first visit: what arrives, how much of it, and how to go on when it stopped.
import { byId, setText } from "../dom.js";
import { formatBytes } from "../format.js";
import type { Setup, Store } from "../state.js";
import { translate } from "../words.js";

const QUARTERS = 4;

/** `start` begins the download, or goes on with it. `isReturning`: this browser has everything already. */
export function showSetup(store: Store, start: () => void, isReturning: boolean): void {
  const welcome = byId("welcome", HTMLElement);
  const card = byId("setup", HTMLElement);
  const title = byId("setup-title", HTMLElement);
  const text = byId("setup-text", HTMLElement);
  const bar = byId("setup-bar", HTMLProgressElement);
  const file = byId("setup-file", HTMLElement);
  const alert = byId("setup-alert", HTMLElement);
  const button = byId("setup-start", HTMLButtonElement);
  const said = byId("setup-said", HTMLElement);
  welcome.classList.toggle("returning", isReturning);
  button.addEventListener("click", () => {
    start();
    title.focus();
  });

  // With the first picture the explanation has done its work.
  store.watch(({ run }) => { if (run !== null) welcome.classList.add("returning"); });
  store.watch(({ setup }, before) => {
    if (setup === before.setup && setup.kind !== "starting") return;
    const told = tell(setup, isReturning);
    card.hidden = setup.kind === "ready";
    setText(title, told.title);
    setText(text, told.text);
    bar.hidden = setup.kind !== "loading" && setup.kind !== "preparing" && setup.kind !== "starting";
    if (setup.kind === "loading") {
      bar.max = setup.total;
      bar.value = setup.loaded;
    } else bar.removeAttribute("value");
    file.hidden = setup.kind !== "loading";
    setText(file, setup.kind === "loading" ? setup.file : "");
    setText(alert, setup.kind === "failed" ? `${translate(setup.message)} ${setup.advice}` : "");
    button.hidden = setup.kind !== "offered" && setup.kind !== "failed";
    setText(button, setup.kind === "failed" ? "Try again" : "Download");
    setText(said, sayQuarters(setup));
  });
}

function tell(setup: Setup, isReturning: boolean): { title: string; text: string } {
  switch (setup.kind) {
    case "offered":
      return {
        title: `Download ${formatBytes(setup.bytes)}?`,
        text: "Your connection seems to be metered. The word lists and the small models come once; after that this page works without a network.",
      };
    case "loading": {
      const amount = `${formatBytes(setup.loaded)} of ${formatBytes(setup.total)}`;
      if (isReturning) return { title: "Getting ready", text: amount };
      return { title: "Downloading, this once", text: `${amount}: the word lists and the small models that work on this device.` };
    }
    case "preparing": return { title: "Getting ready", text: "Everything is here. The models are being made ready." };
    case "failed": return { title: "It is not ready yet", text: "" };
    default: return { title: "Getting ready", text: "" };
  }
}

// A screen reader hears of every quarter, not of every file.
function sayQuarters(setup: Setup): string {
  if (setup.kind === "ready") return "Ready.";
  if (setup.kind !== "loading" || setup.cached || setup.total === 0) return "";
  const quarter = Math.floor((setup.loaded / setup.total) * QUARTERS);
  return `${(quarter * 100) / QUARTERS} percent downloaded.`;
}
