// The settings: each is checked as it is changed, and holds at once.
import { byId, fill, make, say, setText } from "../dom.js";
import { checkPreference, DEFAULTS, keepPreferences, type Preferences } from "../preferences.js";
import { findCloud, type Store } from "../state.js";
import { MECHANISMS } from "../words.js";
import { makeBenchmark } from "./benchmark.js";

/** Returns what opens the dialog. */
export function showSettings(store: Store): () => void {
  const dialog = byId("settings", HTMLDialogElement);
  const body = byId("settings-body", HTMLElement);
  const open = () => {
    fill(body, ...makeFields(store));
    dialog.showModal();
    byId("settings-title", HTMLElement).focus();
  };
  byId("open-settings", HTMLButtonElement).addEventListener("click", open);
  byId("settings-reset", HTMLButtonElement).addEventListener("click", () => {
    save(store, DEFAULTS, "");
    fill(body, ...makeFields(store));
    say("All settings are back to their defaults.");
  });
  // The token and what was being typed go from the document with the dialog.
  dialog.addEventListener("close", () => fill(body));
  return open;
}

function save(store: Store, preferences: Preferences, token: string): void {
  store.update({ preferences, token, trouble: null });
  keepPreferences(preferences, token);
}

function makeFields(store: Store): HTMLElement[] {
  return [
    make("h3", {}, "Cloud"),
    makeText(store, "cloud", "Address", findCloud(store.state) ?? "https://cloud.example", store.state.config.cloud === null
      ? "Where an ObCLIP engine answers." : `Empty: what this site names, ${store.state.config.cloud}. Its host may allow no other.`),
    makeToken(store),
    makeSwitch(store, "keepsToken", "Remember the token", "Otherwise it is gone when this page is closed. Whoever can use this browser can read what it remembers."),
    ...makeMechanisms(store),
    make("h3", {}, "Drawing"),
    makeText(store, "steps", "Steps in all", "", "More take longer and are finer; 25 is measured."),
    makeText(store, "cloudSteps", "Steps in the cloud", "", "The large model’s share; 0 sends nothing."),
    makeSwitch(store, "preview", "Show the picture while it is made", "A little slower."),
    makeSwitch(store, "strict", "Strict", "Refuse values off the lists instead of taking the nearest."),
    make("h3", {}, "This device"),
    makeBenchmark(store),
  ];
}

const NUMBERS: readonly (keyof Preferences)[] = ["steps", "cloudSteps", "epsilon"];

function makeText(store: Store, name: "cloud" | "steps" | "cloudSteps" | "epsilon", label: string, placeholder: string, help: string): HTMLElement {
  const isNumber = NUMBERS.includes(name);
  const input = make("input", {
    id: `set-${name}`, type: "text", inputmode: isNumber ? (name === "epsilon" ? "decimal" : "numeric") : "url", value: String(store.state.preferences[name]),
    placeholder, autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-describedby": `help-${name} wrong-${name}`,
  });
  const wrong = make("p", { id: `wrong-${name}`, class: "wrong", role: "alert" });
  input.addEventListener("input", () => {
    const typed = input.value.trim();
    const value = isNumber ? (typed === "" ? NaN : Number(typed)) : typed;
    const problem = checkPreference(name, value, store.state.preferences);
    setText(wrong, problem);
    input.setAttribute("aria-invalid", String(problem !== ""));
    if (problem === "") save(store, { ...store.state.preferences, [name]: value }, store.state.token);
  });
  return make("div", { class: "field" }, make("label", { for: input.id }, label), input,
    make("p", { id: `help-${name}`, class: "small" }, help), wrong);
}

function makeToken(store: Store): HTMLElement {
  const input = make("input", { id: "set-token", type: "password", value: store.state.token, autocomplete: "off", autocapitalize: "off", spellcheck: "false", "aria-describedby": "help-token" });
  input.addEventListener("input", () => save(store, store.state.preferences, input.value.trim()));
  return make("div", { class: "field" }, make("label", { for: input.id }, "Token"), input,
    make("p", { id: "help-token", class: "small" }, "If the cloud wants one. It goes to that cloud alone, and says who asks, not what."));
}

function makeSwitch(store: Store, name: "keepsToken" | "preview" | "strict", label: string, help: string): HTMLElement {
  const input = make("input", { type: "checkbox", id: `set-${name}`, checked: store.state.preferences[name], "aria-describedby": `help-${name}` });
  input.addEventListener("change", () => save(store, { ...store.state.preferences, [name]: input.checked }, store.state.token));
  return make("div", { class: "field" }, make("label", { class: "tick", for: input.id }, input, make("span", {}, label)), make("p", { id: `help-${name}`, class: "small" }, help));
}

function makeMechanisms(store: Store): HTMLElement[] {
  const epsilon = makeText(store, "epsilon", "Epsilon of one draw", "", "Privacy loss: the cloud’s odds about yours change by a factor of e to this power at most. Draws for different words add up.");
  const { mechanism } = store.state.preferences;
  epsilon.hidden = mechanism !== "k-subset";
  const choices = (Object.keys(MECHANISMS) as (keyof typeof MECHANISMS)[]).map((name) => {
    const input = make("input", { type: "radio", name: "mechanism", value: name, checked: name === mechanism });
    input.addEventListener("change", () => {
      save(store, { ...store.state.preferences, mechanism: name }, store.state.token);
      store.update({ isAlone: false });
      epsilon.hidden = name !== "k-subset";
    });
    const { name: title, says } = MECHANISMS[name];
    const choice = make("label", { class: "choice" }, input, make("span", {}, make("b", {}, title), make("span", { class: "small" }, says)));
    return name === "k-subset" ? [choice, epsilon] : [choice];
  });
  return [make("fieldset", { class: "question" }, make("legend", {}, make("h3", {}, "How the cloud is asked")), ...choices.flat())];
}
