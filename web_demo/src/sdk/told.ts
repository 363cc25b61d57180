// What the core says, as types.ts has it.
import { FIELD, REFUSAL, type Session } from "./core.mjs";
import { ObclipError } from "./errors.js";
import type { Candidates, ErrorKind, Finding, Picture, Receipt } from "./types.js";

const KINDS: Readonly<Record<number, ErrorKind>> = {
  [REFUSAL.INPUT]: "InputError", [REFUSAL.PRIVACY]: "PrivacyError", [REFUSAL.IMPLIED]: "ImpliedError",
  [REFUSAL.LEDGER]: "LedgerError", [REFUSAL.BUDGET]: "BudgetError", [REFUSAL.LEXICON]: "LexiconError",
  [REFUSAL.BUNDLE]: "BundleError", [REFUSAL.CLOUD]: "CloudError", [REFUSAL.UNREACHABLE]: "UnreachableError",
  [REFUSAL.DEADLINE]: "DeadlineError", [REFUSAL.LATENT]: "LatentError", [REFUSAL.RUNTIME]: "RuntimeFault",
  [REFUSAL.CANCELLED]: "Cancelled",
};

/** Why a session stopped. `findings`: what the person was asked about before. */
export function readRefusal(session: Session, findings: readonly Finding[] = []): ObclipError {
  const kind = KINDS[session.number(FIELD.REFUSAL)] ?? "InputError";
  return new ObclipError(kind, session.text(FIELD.MESSAGE), kind === "ImpliedError" ? findings : []);
}

/** What the person is to decide about. `prompt`: what was read. */
export function readFindings(session: Session, prompt: string): Finding[] {
  return Array.from({ length: session.number(FIELD.FINDINGS) }, (_, i) => {
    const surface = session.text(FIELD.FINDING_SURFACE, i);
    const [start, end] = locate(prompt, surface, session.number(FIELD.FINDING_START, i), session.number(FIELD.FINDING_END, i));
    return {
      axis: session.text(FIELD.FINDING_AXIS, i),
      surface,
      value: session.text(FIELD.FINDING_VALUE, i),
      instead: session.text(FIELD.FINDING_INSTEAD, i),
      slot: session.text(FIELD.FINDING_SLOT, i),
      why: session.text(FIELD.FINDING_WHY, i),
      start,
      end,
    };
  });
}

/** What the cloud will see, while a session waits in DETECTED. */
export function readCandidates(session: Session): Candidates {
  const isSent = session.number(FIELD.MEMBERS) > 0;
  return {
    template: session.text(FIELD.TEMPLATE),
    axes: session.texts(FIELD.AXIS, FIELD.AXES),
    members: session.texts(FIELD.MEMBER, FIELD.MEMBERS),
    trueMember: isSent ? session.text(FIELD.TRUE_MEMBER) : "",
    attributes: Array.from({ length: session.number(FIELD.ATTRIBUTES) }, (_, i) => ({
      axis: session.text(FIELD.ATTRIBUTE_AXIS, i),
      surface: session.text(FIELD.ATTRIBUTE_SURFACE, i),
      value: session.text(FIELD.ATTRIBUTE_VALUE, i),
    })),
    mechanism: session.text(FIELD.MECHANISM),
    guarantee: session.text(FIELD.GUARANTEE),
    hints: readHints(session),
    notes: session.texts(FIELD.NOTE, FIELD.NOTES),
    epsilon: orNull(session.number(FIELD.EPSILON)),
    body: isSent ? session.bytes(FIELD.BODY) : new Uint8Array(),
    requestSha256: session.text(FIELD.REQUEST_SHA256),
  };
}

/** The finished picture, as a canvas takes it. */
export function readPicture(session: Session): Picture {
  const rgb = session.bytes(FIELD.PIXELS), width = session.number(FIELD.WIDTH), height = session.number(FIELD.HEIGHT);
  const rgba = new Uint8ClampedArray(4 * width * height);
  for (let i = 0; i < width * height; ++i) {
    rgba[4 * i] = rgb[3 * i] ?? 0;
    rgba[4 * i + 1] = rgb[3 * i + 1] ?? 0;
    rgba[4 * i + 2] = rgb[3 * i + 2] ?? 0;
    rgba[4 * i + 3] = 255;
  }
  return { width, height, rgba };
}

/** A decoder's numbers `[3, S, S]` in [-1, 1] as a preview; not finite ones give null, and are told when the run ends. */
export function toPreview(values: Float32Array, size: number): Picture | null {
  const rgba = new Uint8ClampedArray(4 * size * size), plane = size * size;
  for (let i = 0; i < plane; ++i) {
    for (let colour = 0; colour < 3; ++colour) {
      const value = values[colour * plane + i] ?? NaN;
      if (!Number.isFinite(value)) return null;
      rgba[4 * i + colour] = 127.5 * value + 127.5;
    }
    rgba[4 * i + 3] = 255;
  }
  return { width: size, height: size, rgba };
}

/** What only the shell knows of a receipt. */
export type ReceiptRest = Pick<Receipt, "steps" | "cloudSteps" | "seed" | "cloud" | "accelerator" | "ms">;

export function readReceipt(session: Session, rest: ReceiptRest): Receipt {
  return {
    mechanism: session.text(FIELD.MECHANISM),
    epsilon: orNull(session.number(FIELD.EPSILON)),
    epsilonSpent: session.number(FIELD.EPSILON_SPENT),
    epsilonTotal: orNull(session.number(FIELD.EPSILON_TOTAL)),
    bits: session.number(FIELD.BITS),
    guarantee: session.text(FIELD.GUARANTEE),
    hints: readHints(session),
    n: session.number(FIELD.MEMBERS),
    template: session.text(FIELD.TEMPLATE),
    axes: session.texts(FIELD.AXIS, FIELD.AXES),
    lexicon: session.text(FIELD.LEXICON_VERSION),
    bytesUp: session.number(FIELD.BYTES_UP),
    bytesDown: session.number(FIELD.BYTES_DOWN),
    requestSha256: session.text(FIELD.REQUEST_SHA256),
    notes: session.texts(FIELD.NOTE, FIELD.NOTES),
    ...rest,
  };
}

function readHints(session: Session): { axis: string; words: string }[] {
  return Array.from({ length: session.number(FIELD.HINTS) }, (_, i) => ({
    axis: session.text(FIELD.HINT_AXIS, i),
    words: session.text(FIELD.HINT_WORDS, i),
  }));
}

/** Code points of the prompt as it was read to UTF-16 of what was typed: composed letters can move them. */
function locate(prompt: string, surface: string, start: number, end: number): [number, number] {
  const letters = Array.from(prompt);
  const from = letters.slice(0, start).join("").length, to = from + letters.slice(start, end).join("").length;
  if (prompt.slice(from, to) === surface) return [from, to];
  const found = [prompt.indexOf(surface, Math.max(0, from - surface.length)), prompt.indexOf(surface)].find((at) => at >= 0);
  return found === undefined ? [from, Math.max(from, to)] : [found, found + surface.length];
}

function orNull(value: number): number | null {
  return Number.isNaN(value) ? null : value;
}
