// What the cloud sees: every candidate, how it was chosen, and what that promises.
import { byId, fill, make, setText } from "../dom.js";
import { formatEpsilon, nameSecret } from "../format.js";
import { keepPreferences } from "../preferences.js";
import type { Candidates } from "../../sdk/index.js";
import { type Reading, type Store } from "../state.js";
import { nameMechanism } from "../words.js";

/** A dry run draws for show, and keeps nothing. */
const EXAMPLE = " Unless these words were drawn before, this is an example: yours is drawn when you tap “Draw”.";

export function showCloud(store: Store): void {
  const brief = byId("cloud-brief", HTMLElement);
  const empty = byId("cloud-empty", HTMLElement);
  const body = byId("cloud-body", HTMLElement);
  const mine = byId("mark-mine", HTMLInputElement);
  mine.addEventListener("change", () => {
    const preferences = { ...store.state.preferences, marksMine: mine.checked };
    keepPreferences(preferences, store.state.token);
    store.update({ preferences });
  });

  store.watch((state, before) => {
    const { reading, preferences } = state;
    if (state !== before && reading === before.reading && preferences.marksMine === before.preferences.marksMine) return;
    const candidates = reading.kind === "known" && reading.candidates.members.length > 0 ? reading.candidates : null;
    mine.checked = preferences.marksMine;
    setText(brief, tellBrief(reading));
    setText(empty, tellEmpty(reading));
    empty.hidden = candidates !== null;
    body.hidden = candidates === null;
    if (candidates !== null) show(candidates, preferences.marksMine);
  });
}

function show(candidates: Candidates, marksMine: boolean): void {
  setText(byId("guarantee", HTMLElement), `${nameMechanism(candidates.mechanism)}, ${formatEpsilon(candidates.epsilon)}: ${candidates.guarantee}.${candidates.mechanism === "k-subset" ? EXAMPLE : ""}`);
  fill(byId("hints", HTMLElement), ...list("Words that stay readable",
    candidates.hints.map((hint) => `“${hint.words}” hints at ${nameSecret(hint.axis)}`)));
  fill(byId("cloud-notes", HTMLElement), ...list("Notes", candidates.notes));
  setText(byId("members-title", HTMLElement), candidates.members.length === 1 ? "The one candidate" : `The ${candidates.members.length} candidates`);
  const shared = findShared(candidates.members);
  fill(byId("members", HTMLElement), ...candidates.members.map((member) => {
    const isMine = marksMine && member === candidates.trueMember;
    return make("li", { class: isMine ? "mine" : null, translate: "no" },
      make("span", {}, ...emphasise(member, shared)), isMine && make("span", { class: "tag" }, "yours"));
  }));
}

/** Words that every candidate has: what is not among them is what tells one from another. */
function findShared(members: readonly string[]): Set<string> {
  const [first = "", ...others] = members;
  const sets = others.map((member) => new Set(member.split(" ")));
  return new Set(first.split(" ").filter((word) => sets.every((set) => set.has(word))));
}

function emphasise(member: string, shared: ReadonlySet<string>): (Node | string)[] {
  return member.split(" ").flatMap((word, i) => [i > 0 ? " " : "", shared.has(word) ? word : make("b", {}, word)]);
}

function list(title: string, lines: readonly string[]): HTMLElement[] {
  if (lines.length === 0) return [];
  return [make("h3", {}, title), make("ul", { class: "plainlist" }, ...lines.map((line) => make("li", {}, line)))];
}

function tellBrief(reading: Reading): string {
  if (reading.kind !== "known") return "";
  const { members, epsilon, mechanism } = reading.candidates;
  if (members.length === 0) return "nothing";
  if (mechanism === "none") return "your words";
  return `${members.length} ${members.length === 1 ? "candidate" : "candidates"}, ${formatEpsilon(epsilon)}`;
}

function tellEmpty(reading: Reading): string {
  switch (reading.kind) {
    case "known": return "Nothing. This device draws alone, and no request is made.";
    case "asking": return "First choose what becomes of the words above; then here stands what would be sent.";
    case "refused": return "Nothing: this would be refused, and the reason stands above.";
    default: return "Describe a picture, and here stands what would be sent, to the byte. Nothing is sent before you tap “Draw”.";
  }
}
