// What the person set: checked, kept in localStorage, and turned into the SDK's settings. Never the prompt.
import type { Mechanism, Settings } from "../sdk/index.js";

export interface Preferences {
  /** "" takes the host's. */
  readonly cloud: string;
  readonly steps: number;
  readonly cloudSteps: number;
  readonly mechanism: "auto" | Mechanism;
  readonly epsilon: number;
  readonly strict: boolean;
  readonly preview: boolean;
  /** The own candidate is marked in the list. */
  readonly marksMine: boolean;
  readonly keepsToken: boolean;
}

/** The reference's (obclip_contract/defaults.py). */
export const DEFAULTS: Preferences = {
  cloud: "", steps: 25, cloudSteps: 10, mechanism: "auto", epsilon: 1, strict: false, preview: true, marksMine: true, keepsToken: false,
};
/** The contract's limits (obclip_contract/limits.py, edge_sdk/mechanisms/k_subset.py). */
const MAX_STEPS = 200;
const MAX_EPSILON = 16;
const PLACE = "obclip.preferences";
const TOKEN_PLACE = "obclip.token";
const MECHANISMS = ["auto", "closed", "cover", "cells", "k-subset", "neutral", "local"] as const;
const LOCAL_HOSTS = ["localhost", "127.0.0.1"];

/** What is wrong with a value, in words for the person; "" where nothing is. */
export function checkPreference<K extends keyof Preferences>(name: K, value: unknown, others: Preferences): string {
  switch (name) {
    case "cloud": return value === "" ? "" : checkCloud(value);
    case "steps":
      if (!isWhole(value, 1, MAX_STEPS)) return `Steps are a whole number from 1 to ${MAX_STEPS}.`;
      return value < others.cloudSteps ? `The cloud does ${others.cloudSteps} steps; set at least as many here, or fewer there.` : "";
    case "cloudSteps":
      return isWhole(value, 0, others.steps) ? "" : `Cloud steps are a whole number from 0 (nothing is sent) to ${others.steps}, the steps in all.`;
    case "epsilon":
      return typeof value === "number" && value > 0 && value <= MAX_EPSILON ? "" : `Epsilon is a number above 0 and at most ${MAX_EPSILON}; less is more private.`;
    case "mechanism": return MECHANISMS.some((known) => known === value) ? "" : "There is no such way to ask the cloud.";
    default: return typeof value === "boolean" ? "" : "This is on or off.";
  }
}

/** What is wrong with a cloud's address; "" where nothing is. */
export function checkCloud(value: unknown): string {
  let url: URL;
  try {
    url = new URL(String(value));
  } catch {
    return "This is no web address; it looks like https://cloud.example.";
  }
  if (url.username || url.password) return "Leave name and password out of the address; the token has a field of its own.";
  if (url.search || url.hash) return "Leave out what follows “?” or “#”.";
  if (url.protocol === "https:") return "";
  if (url.protocol === "http:" && LOCAL_HOSTS.includes(url.hostname)) return "";
  return "The address begins with https://, so that nobody on the way can read or change what is sent (http:// is for this machine alone).";
}

/** What was kept; a value that cannot be used is the default. */
export function loadPreferences(): { preferences: Preferences; token: string } {
  let preferences = DEFAULTS;
  const kept = readPlace(PLACE);
  try {
    const found: unknown = JSON.parse(kept ?? "{}");
    if (typeof found === "object" && found !== null) {
      const merged = { ...DEFAULTS, ...found };
      for (const name of Object.keys(DEFAULTS) as (keyof Preferences)[]) {
        if (checkPreference(name, merged[name], merged) === "") preferences = { ...preferences, [name]: merged[name] };
      }
      if (preferences.cloudSteps > preferences.steps) preferences = { ...preferences, steps: DEFAULTS.steps, cloudSteps: DEFAULTS.cloudSteps };
    }
  } catch {
    // Not ours, or damaged: the defaults hold, and the next change writes it anew.
  }
  return { preferences, token: preferences.keepsToken ? readPlace(TOKEN_PLACE) ?? "" : "" };
}

export function keepPreferences(preferences: Preferences, token: string): void {
  writePlace(PLACE, JSON.stringify(preferences));
  writePlace(TOKEN_PLACE, preferences.keepsToken && token !== "" ? token : null);
}

/** The SDK's settings; `isLocal` where nothing is to be sent. */
export function asSettings(preferences: Preferences, isLocal: boolean): Settings {
  const { steps, cloudSteps, mechanism, epsilon, strict } = preferences;
  const common: Settings = { steps, strict, onImplied: "ask" };
  if (isLocal) return { ...common, cloudSteps: 0, mechanism: "local" };
  return {
    ...common,
    cloudSteps,
    ...(mechanism !== "auto" && { mechanism }),
    ...(mechanism === "k-subset" && { epsilon }),
  };
}

function isWhole(value: unknown, least: number, most: number): value is number {
  return typeof value === "number" && Number.isInteger(value) && value >= least && value <= most;
}

// Storage can be switched off; the page works without, and forgets.
export function readPlace(place: string): string | null {
  try {
    return localStorage.getItem(place);
  } catch {
    return null;
  }
}

export function writePlace(place: string, value: string | null): void {
  try {
    if (value === null) localStorage.removeItem(place);
    else localStorage.setItem(place, value);
  } catch {
    // The settings hold until the page is closed.
  }
}
