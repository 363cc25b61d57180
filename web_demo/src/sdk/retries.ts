// When the same bytes are sent again (edge_sdk/cloud/retries.py): by status and transport alone, never by what the latents are.

/** Answers that a later try may change (RFC 9110, sections 15.5.9 and 15.6; RFC 6585; RFC 8470). */
export const AGAIN: ReadonlySet<number> = new Set([408, 425, 429, 502, 503, 504]);
/** Milliseconds before the second and the third try, where the cloud does not say; three tries in all. */
export const WAITS: readonly number[] = [500, 2000];
/** Jitter, as a share of the wait, so that devices that were told the same do not all come back at once. */
const JITTER = 0.25;

/** Milliseconds before try `again` + 2 (`again` counts from 0): never less than the cloud's `Retry-After`. */
export function waitBefore(again: number, told: string): number {
  return Math.max(toldWait(told, Date.now()), WAITS[again] ?? 0) * (1 + JITTER * random());
}

/** The milliseconds of a `Retry-After` header (RFC 9110, section 10.2.3): a number of seconds, or a date; 0 for neither. */
export function toldWait(told: string, now: number): number {
  const text = told.trim();
  if (/^[0-9]+$/.test(text)) return text.length <= 9 ? 1000 * Number(text) : Infinity;
  // Date.parse alone would take "2" or "may" for a date.
  const date = /^[A-Za-z]{3,9},? .*\d\d:\d\d/.test(text) ? Date.parse(text) : NaN;
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

function random(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}
