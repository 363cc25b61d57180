// The question about words that say who somebody is: a dialog, because nothing goes on without an answer.
import type { Decision, Finding } from "../../sdk/index.js";
import { byId, fill, make } from "../dom.js";
import { nameAxis } from "../format.js";
import { offerChoices } from "../words.js";

/** By then the browser has put the focus back and the prompt is read anew, in milliseconds. */
const RESTORED = 400;

/** Asks, and resolves with one decision for each finding; Escape and "Stop" refuse all. */
export function askAbout(findings: readonly Finding[]): Promise<readonly Decision[]> {
  const dialog = byId("findings", HTMLDialogElement);
  const form = byId("findings-form", HTMLFormElement);
  const stop = byId("findings-stop", HTMLButtonElement);
  fill(byId("findings-list", HTMLElement), ...findings.map(makeQuestion));
  dialog.returnValue = "";
  return new Promise((resolve) => {
    const close = () => dialog.close("");
    const answer = () => {
      stop.removeEventListener("click", close);
      const chosen = new FormData(form);
      const isAnswered = dialog.returnValue === "go";
      resolve(findings.map((_, i) => (isAnswered ? (chosen.get(`finding-${i}`) ?? "refuse") as Decision : "refuse")));
      fill(byId("findings-list", HTMLElement));
      // What opened it may be gone by now.
      setTimeout(() => { if (document.activeElement === document.body) byId("draw", HTMLButtonElement).focus(); }, RESTORED);
    };
    stop.addEventListener("click", close);
    dialog.addEventListener("close", answer, { once: true });
    dialog.showModal();
    byId("findings-title", HTMLElement).focus();
  });
}

function makeQuestion(finding: Finding, index: number): HTMLElement {
  const why = `why-${index}`;
  return make("fieldset", { class: "question", "aria-describedby": why, translate: "no" },
    make("legend", {}, `“${finding.surface}”`, make("span", { class: "axis" }, ` ${nameAxis(finding.axis)}`)),
    make("p", { id: why, class: "small" }, `${finding.why}.`),
    ...offerChoices(finding).map((choice, i) => make("label", { class: "choice" },
      make("input", { type: "radio", name: `finding-${index}`, value: choice.decision, checked: i === 0 }),
      make("span", {}, make("b", {}, choice.name), make("span", { class: "small" }, choice.says)))));
}
