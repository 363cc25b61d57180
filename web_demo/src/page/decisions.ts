// What the person decided about words that say who somebody is: for this prompt, in memory alone.
import type { Decision, Finding } from "../sdk/index.js";

export type Decisions = ReadonlyMap<string, Decision>;

export const UNDECIDED: Decisions = new Map();

function nameFinding(finding: Finding): string {
  return `${finding.axis}\n${finding.surface.toLowerCase()}`;
}

/** One decision for each; what was not decided is refused. */
export function settled(decisions: Decisions, findings: readonly Finding[]): Decision[] {
  return findings.map((finding) => decisions.get(nameFinding(finding)) ?? "refuse");
}

export function isSettled(decisions: Decisions, findings: readonly Finding[]): boolean {
  return findings.every((finding) => decisions.has(nameFinding(finding)));
}

/** What the dialog answered. A refusal is not kept: the person is asked again. */
export function keep(decisions: Decisions, findings: readonly Finding[], chosen: readonly Decision[]): Decisions {
  const kept = new Map(decisions);
  findings.forEach((finding, i) => {
    const decision = chosen[i];
    if (decision === undefined || decision === "refuse") kept.delete(nameFinding(finding));
    else kept.set(nameFinding(finding), decision);
  });
  return kept;
}
