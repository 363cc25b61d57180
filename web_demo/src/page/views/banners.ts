// What holds for the whole page: no network, no cloud, a newer version.
import { byId, fill, make } from "../dom.js";
import { drawsAlone, findCloud, type State, type Store } from "../state.js";
import { takeUpdate } from "../worker.js";

export function showBanners(store: Store, openSettings: () => void): void {
  const offline = byId("offline", HTMLElement);
  const update = byId("update", HTMLElement);
  let shown = "";
  store.watch((state) => {
    const kind = chooseBanner(state);
    if (kind === shown) return;
    shown = kind;
    offline.classList.toggle("shown", kind !== "");
    fill(offline, ...describe(kind, store, openSettings));
  });
  store.watch(({ hasUpdate }, before) => {
    if (hasUpdate === before.hasUpdate) return;
    update.classList.toggle("shown", hasUpdate);
    fill(update, hasUpdate && make("span", {}, "A newer version of this page is here. Changing to it clears what you typed."),
      hasUpdate && button("Change now", takeUpdate));
  });
}

type Banner = "" | "offline" | "offline-alone" | "no-cloud" | "alone";

function chooseBanner(state: State): Banner {
  if (!state.isOnline) return drawsAlone(state) ? "offline-alone" : "offline";
  if (findCloud(state) === null && state.setup.kind === "ready") return "no-cloud";
  return state.isAlone ? "alone" : "";
}

function describe(kind: Banner, store: Store, openSettings: () => void): (Node | string)[] {
  switch (kind) {
    case "offline":
      return [make("span", {}, "You are offline, so no cloud can be asked. This device can draw alone: nothing is sent, and its pictures are plainer."),
        button("Draw on this device", () => store.update({ isAlone: true, trouble: null }))];
    case "offline-alone":
      return [make("span", {}, "You are offline. This device draws alone; nothing is sent.")];
    case "no-cloud":
      return [make("span", {}, "No cloud is set. This device draws alone: nothing is sent, and its pictures are plainer."), button("Set a cloud", openSettings)];
    case "alone":
      return [make("span", {}, "This device draws alone, for now; nothing is sent."), button("Ask the cloud again", () => store.update({ isAlone: false }))];
    default: return [];
  }
}

function button(label: string, action: () => void): HTMLButtonElement {
  const made = make("button", { type: "button", class: "plain" }, label);
  made.addEventListener("click", action);
  return made;
}
