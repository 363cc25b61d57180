// Starts the page: one store, the views over it, and the pipeline when it is there.
import type { ObclipPipeline } from "../sdk/index.js";
import { Drawing } from "./drawing.js";
import { loadPreferences } from "./preferences.js";
import { watchPrompt } from "./reading.js";
import { hasDownloaded, prepare } from "./setup.js";
import { Store } from "./state.js";
import { showBanners } from "./views/banners.js";
import { showCloud } from "./views/cloud.js";
import { askAbout } from "./views/findings.js";
import { showPicture } from "./views/picture.js";
import { showPrompt } from "./views/prompt.js";
import { showReceipt } from "./views/receipt.js";
import { showRequest } from "./views/request.js";
import { showSettings } from "./views/settings.js";
import { showSetup } from "./views/setup.js";
import { showTrouble } from "./views/trouble.js";

const store = new Store();
let drawing: Drawing | null = null;

const draw = () => void drawing?.draw();
const settle = () => void drawing?.settle();
const cancel = () => drawing?.cancel();
const start = () => void prepare(store, connect);

function connect(pipe: ObclipPipeline): void {
  drawing = new Drawing(store, pipe, askAbout);
  watchPrompt(store, pipe);
}

store.update({ ...loadPreferences(), isOnline: navigator.onLine });
addEventListener("online", () => store.update({ isOnline: true }));
addEventListener("offline", () => store.update({ isOnline: false }));

const openSettings = showSettings(store);
showBanners(store, openSettings);
showSetup(store, start, hasDownloaded());
showPrompt(store, { draw, settle });
showCloud(store);
showRequest(store);
showPicture(store, { draw, cancel });
showReceipt(store);
showTrouble(store, { draw, openSettings });
start();
