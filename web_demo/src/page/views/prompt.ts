// The description: its text area, what was found in it, and what has to be known before it is drawn.
import { UNDECIDED } from "../decisions.js";
import { byId, fill, make, setText } from "../dom.js";
import { nameAxis, nameSecret } from "../format.js";
import { drawsAlone, freshSeed, type Reading, type Store } from "../state.js";
import { EXAMPLES, translate } from "../words.js";

interface Actions {
  readonly draw: () => void;
  /** Decide on the findings now. */
  readonly settle: () => void;
}

export function showPrompt(store: Store, { draw, settle }: Actions): void {
  const area = byId("prompt", HTMLTextAreaElement);
  const button = byId("draw", HTMLButtonElement);
  const chips = byId("chips", HTMLElement);
  const found = byId("found", HTMLElement);
  const caution = byId("caution", HTMLElement);
  const change = (prompt: string) => {
    const renewed = store.state.isSeedSpent ? freshSeed() : {};
    store.update({ prompt, decisions: UNDECIDED, trouble: null, ...renewed });
  };
  const rechoose = byId("rechoose", HTMLButtonElement);
  rechoose.addEventListener("click", () => {
    store.update({ decisions: UNDECIDED, trouble: null });
    area.focus();
  });
  area.value = ""; // some browsers put back what stood there before a reload
  area.addEventListener("input", () => change(area.value));
  area.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) byId("draw-form", HTMLFormElement).requestSubmit();
  });
  byId("draw-form", HTMLFormElement).addEventListener("submit", (event) => {
    event.preventDefault();
    if (!button.disabled) draw();
  });
  fill(byId("examples", HTMLElement), ...EXAMPLES.map((example) => {
    const tap = make("button", { type: "button", class: "example" }, example);
    tap.addEventListener("click", () => {
      area.value = example;
      change(example);
    });
    return tap;
  }));

  store.watch((state, before) => {
    button.disabled = state.setup.kind !== "ready" || state.run !== null || state.prompt.trim() === "";
    setText(button, drawsAlone(state) ? "Draw on this device" : "Draw");
    area.readOnly = state.run !== null;
    rechoose.hidden = state.decisions.size === 0 || state.run !== null;
    if (state.reading === before.reading && state.prompt === before.prompt && state !== before) return;
    const isEmpty = state.prompt.trim() === "";
    const reading: Reading = isEmpty ? { kind: "empty" } : state.reading;
    const made = makeChips(reading);
    chips.hidden = made.length === 0;
    fill(chips, ...made);
    setText(found, tellFound(reading));
    showCaution(caution, tellCautions(reading), reading.kind === "asking" ? settle : null);
    caution.classList.toggle("refused", reading.kind === "refused");
  });
}

function makeChips(reading: Reading): HTMLLIElement[] {
  const chip = (kind: string, axis: string, word: string) =>
    make("li", { class: `chip ${kind}`, translate: "no" }, make("span", { class: "axis" }, `${nameAxis(axis)}: `), word);
  if (reading.kind === "known") return reading.candidates.attributes.map((a) => chip("hidden-word", a.axis, a.surface));
  if (reading.kind === "asking") return reading.findings.map((f) => chip("open-word", f.axis, f.surface));
  return [];
}

function tellFound(reading: Reading): string {
  if (reading.kind !== "known") return "";
  const { attributes, members } = reading.candidates;
  if (members.length === 0) return "Nothing is sent: this device draws alone.";
  if (members.length > 1) return `Found on this device. What you mean travels as one of ${members.length} possibilities.`;
  return attributes.length > 0 ? "Found on this device. These words are not sent." : "";
}

/** What the person has to know before anything is sent. */
function tellCautions(reading: Reading): string[] {
  if (reading.kind === "refused") return [translate(reading.message)];
  if (reading.kind === "asking") return [...reading.findings.map((f) => translate(f.why)), "You are asked about this before anything is sent."];
  if (reading.kind !== "known" || reading.candidates.members.length === 0) return [];
  const { mechanism, guarantee, hints } = reading.candidates;
  return [
    ...(["none", "cells", "k-subset"].includes(mechanism) ? [translate(guarantee)] : []),
    ...hints.map((hint) => `The cloud can read “${hint.words}”, which hints at ${nameSecret(hint.axis)}.`),
  ];
}

function showCaution(region: HTMLElement, texts: readonly string[], settle: (() => void) | null): void {
  region.classList.toggle("shown", texts.length > 0);
  // Told again only where it is new.
  if (region.dataset["told"] === texts.join("\n")) return;
  region.dataset["told"] = texts.join("\n");
  const button = settle !== null && make("button", { type: "button", class: "plain" }, "Choose now");
  if (button && settle) button.addEventListener("click", settle);
  fill(region, ...texts.map((text) => make("p", {}, text)), button);
}
