// What went wrong, in an alert: what it is, what to do, and a button that does it.
import { byId, fill, make } from "../dom.js";
import type { Store, Trouble } from "../state.js";
import { TROUBLES, translate, type Remedy } from "../words.js";

interface Actions {
  readonly draw: () => void;
  readonly openSettings: () => void;
}

export function showTrouble(store: Store, { draw, openSettings }: Actions): void {
  const region = byId("trouble", HTMLElement);
  const remedies: Readonly<Record<Remedy, { readonly label: string; readonly act: () => void }>> = {
    retry: { label: "Try again", act: draw },
    settings: { label: "Settings", act: openSettings },
    alone: { label: "Draw on this device", act: () => { store.update({ isAlone: true }); draw(); } },
    reload: { label: "Load the page again", act: () => location.reload() },
    edit: { label: "Change the words", act: () => byId("prompt", HTMLTextAreaElement).focus() },
  };
  store.watch(({ trouble }, before) => {
    if (trouble === before.trouble) return;
    region.className = trouble === null ? "" : trouble.isChosen ? "calm" : "shown";
    fill(region, ...(trouble === null ? [] : describe(trouble)));
    if (trouble === null || TROUBLES[trouble.kind].remedies.length === 0) return;
    region.append(make("div", { class: "row" }, ...TROUBLES[trouble.kind].remedies.map((remedy) => {
      const button = make("button", { type: "button", class: "plain" }, remedies[remedy].label);
      button.addEventListener("click", remedies[remedy].act);
      return button;
    })));
  });
}

function describe(trouble: Trouble): HTMLElement[] {
  const { title, advice } = TROUBLES[trouble.kind];
  if (trouble.kind === "Cancelled") {
    return [make("p", {}, trouble.wasSent ? "Cancelled. The request had been sent; nothing more goes out." : "Cancelled. Nothing was sent.")];
  }
  if (trouble.isChosen) return [make("p", {}, `${title}. ${advice}`)];
  return [make("p", { class: "strong" }, title), make("p", {}, translate(trouble.message)), make("p", {}, advice)];
}
