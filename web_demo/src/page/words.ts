// What the page says about mechanisms, choices and errors, in one place.
import type { Decision, ErrorKind, Finding, Mechanism } from "../sdk/index.js";
import { nameSecret } from "./format.js";

export const MECHANISMS: Readonly<Record<"auto" | Mechanism, { readonly name: string; readonly says: string }>> = {
  auto: { name: "Automatic", says: "Everything possible where that is up to 64 candidates, stand-ins beyond. The cloud learns nothing about yours (ε = 0)." },
  closed: { name: "Everything possible", says: "Every way to fill your words is sent, up to 64. The cloud learns nothing about yours (ε = 0)." },
  cover: { name: "Stand-ins", says: "A fixed choice is sent, the same whoever you describe; your picture goes on from the nearest. The cloud learns nothing about yours (ε = 0)." },
  neutral: { name: "Neutral", says: "One candidate without the attributes is sent, and this device adds them all. The cloud learns nothing about yours (ε = 0); the picture follows your words less well." },
  "k-subset": { name: "Random few", says: "A few candidates are drawn at random and kept for the same words. The cloud learns a little, at most the ε below, and this device adds it up." },
  cells: { name: "Cell", says: "One fixed group of possibilities is sent, the one that yours is in. The cloud learns which group; how many bits that is stands above the button before you draw." },
  local: { name: "This device alone", says: "Nothing is sent. The small model draws alone, and its pictures are plainer." },
};

/** Mechanisms as receipts and candidates name them. */
export function nameMechanism(name: string): string {
  if (name === "none") return "Nothing hidden";
  return name in MECHANISMS ? MECHANISMS[name as keyof typeof MECHANISMS].name : name;
}

/** A message of the core, which knows the command's options, in the words of this page. */
export function translate(message: string): string {
  const here = message
    .replace(", raise --max-candidates, or narrow an axis with --domain", "")
    .replace(", or raise it with 'obclip ledger budget'", "")
    .replace(/ or choose on_implied: allow \(go on knowingly\)/, " or choose “Let it be seen”")
    .replace(/ or choose on_implied: .*? \(go on knowingly\)/, " or choose what becomes of them")
    .replace(/ \(epsilon 0[^)]*\)/g, "")
    .replace(/use --mechanism ([\w-]+)/g, (_, name: string) => `choose “${nameMechanism(name)}” in the settings`)
    .replace(/with --mechanism ([\w-]+)/g, (_, name: string) => `with “${nameMechanism(name)}” of the settings`)
    .replace(/--mechanism ([\w-]+)/g, (_, name: string) => `“${nameMechanism(name)}”`);
  // A file's name stays as it is.
  const begun = /^[a-z]+[ ,:]/.test(here) ? here.charAt(0).toUpperCase() + here.slice(1) : here;
  return /[.!?]$/.test(begun) ? begun : `${begun}.`;
}

/** The four choices about a finding, in the order they are offered; one that is of no use here is left out. */
export function offerChoices(finding: Finding): readonly { decision: Decision; name: string; says: string }[] {
  return [
    {
      decision: "slot", name: "Hide it",
      says: finding.slot
        ? `Say “${finding.slot}” instead, as one possibility among all the others. The cloud does not learn that it is yours.`
        : "Say it as an attribute, one possibility among all the others. The cloud does not learn that it is yours.",
    },
    ...(finding.instead
      ? [{ decision: "generalise" as const, name: "Say less", says: `Write “${finding.instead}” instead. The picture may lose what the word meant.` }]
      : [{ decision: "generalise" as const, name: "Leave it out", says: "Take the word out. The picture may lose what it meant." }]),
    { decision: "allow", name: "Let it be seen", says: `Keep the word. The cloud reads it, and can guess ${nameSecret(finding.axis)}.` },
    { decision: "refuse", name: "Stop", says: "Send nothing, so that you can change your words." },
  ];
}

/** What can be done at once: a button beside the message. */
export type Remedy = "retry" | "settings" | "alone" | "reload" | "edit";

interface Explained {
  readonly title: string;
  readonly advice: string;
  readonly remedies: readonly Remedy[];
}

export const TROUBLES: Readonly<Record<ErrorKind | "Unexpected", Explained>> = {
  InputError: { title: "This cannot be drawn as it stands", advice: "Change what the message names, in your words or in the settings.", remedies: ["edit", "settings"] },
  PrivacyError: { title: "This cannot be hidden as you asked", advice: "Nothing was sent. Describe fewer persons or take out what the message names, or choose another way to ask in the settings.", remedies: ["edit", "settings", "alone"] },
  ImpliedError: { title: "Nothing was sent", advice: "Change your words, or choose again what becomes of them.", remedies: ["edit"] },
  LedgerError: { title: "The record of what was disclosed cannot be kept", advice: "Nothing was sent. Let this site store data (private windows often forbid it), or choose a way to ask with ε = 0 in the settings.", remedies: ["settings", "retry"] },
  BudgetError: { title: "The privacy budget for this is spent", advice: "Nothing was sent. Choose a way to ask with ε = 0 in the settings, or draw on this device alone.", remedies: ["settings", "alone"] },
  LexiconError: { title: "The word lists cannot be used", advice: "Nothing was sent. Load the page again; if it stays, remove this site’s data in the browser’s settings.", remedies: ["reload"] },
  BundleError: { title: "The models do not fit", advice: "Load the page again. If it stays, this page and that cloud run different models: ask whoever runs them, or choose another cloud.", remedies: ["reload", "settings", "alone"] },
  CloudError: { title: "The cloud did not do it", advice: "Try again in a moment. If it stays, look at the address and the token in the settings.", remedies: ["retry", "settings", "alone"] },
  UnreachableError: { title: "The cloud cannot be reached", advice: "Look at your connection and at the address in the settings, or draw on this device alone.", remedies: ["retry", "alone", "settings"] },
  DeadlineError: { title: "The cloud took too long", advice: "It may be busy: try again in a moment, or draw on this device alone.", remedies: ["retry", "alone"] },
  LatentError: { title: "The cloud’s answer cannot be used", advice: "All of it was thrown away. Try again; if it stays, do not use this cloud.", remedies: ["retry", "settings", "alone"] },
  RuntimeFault: { title: "This device could not finish the picture", advice: "Close other tabs and apps to free memory, then try again; if it stays, load the page again.", remedies: ["retry", "reload"] },
  Cancelled: { title: "Cancelled", advice: "", remedies: [] },
  Unexpected: { title: "Something went wrong that should not have", advice: "Try again; if it stays, load the page again.", remedies: ["retry", "reload"] },
};

/** Descriptions to tap: what the default pair can draw. */
export const EXAMPLES: readonly string[] = [
  "a woman firefighter with dark skin",
  "an old man with light skin",
  "a girl with medium skin",
  "a woman judge with medium-dark skin",
];
