// config.json beside the page: what its host configured.
import { checkCloud } from "./preferences.js";

export interface Config {
  /** The cloud's address; `null`: the host names none. */
  readonly cloud: string | null;
  /** Folder of the bundle. */
  readonly bundle: string;
}

/** @throws Error with a text for the person */
export async function readConfig(signal?: AbortSignal): Promise<Config> {
  const response = await fetch("config.json", { cache: "no-cache", ...(signal && { signal }) });
  if (!response.ok) throw new Error(`config.json is missing beside this page (HTTP ${response.status}): ask whoever runs this site`);
  const found: unknown = await response.json().catch(() => null);
  if (typeof found !== "object" || found === null) throw new Error("config.json beside this page is no JSON object: ask whoever runs this site");
  const { cloud = null, bundle = "bundle/" } = found as Record<string, unknown>;
  if (cloud !== null && (typeof cloud !== "string" || checkCloud(cloud) !== "")) {
    throw new Error("the cloud's address in config.json cannot be used: it is null, or an https address (http on this machine alone)");
  }
  if (typeof bundle !== "string" || new URL(bundle, location.href).origin !== location.origin) {
    throw new Error("the bundle in config.json is not a folder of this site");
  }
  return { cloud, bundle: bundle.endsWith("/") ? bundle : `${bundle}/` };
}
