// Numbers and bytes as people read them.

const KILO = 1000;
/** A phone shows so many with their letters. */
const BYTES_A_LINE = 8;

/** "812 bytes", "4.1 kB", "13.6 MB". */
export function formatBytes(bytes: number): string {
  if (bytes < KILO) return `${bytes} bytes`;
  if (bytes < KILO * KILO) return `${(bytes / KILO).toFixed(1)} kB`;
  return `${(bytes / KILO / KILO).toFixed(1)} MB`;
}

/** "84 ms", "3.2 s", "2 min 5 s". */
export function formatTime(ms: number): string {
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 60_000) return `${(ms / 1000).toFixed(1)} s`;
  const seconds = Math.round(ms / 1000);
  return `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}

/** "ε = 0"; `null` is no number. */
export function formatEpsilon(epsilon: number | null): string {
  return epsilon === null ? "no ε" : `ε = ${Number(epsilon.toPrecision(4))}`;
}

/** "gender.2" -> "gender (2nd person)", "skin_tone" -> "skin tone". */
export function nameAxis(axis: string): string {
  const [name = axis, person] = axis.split(".");
  const words = name.replaceAll("_", " ");
  return person === undefined ? words : `${words} (${person})`;
}

/** What a word gives away: "the skin tone", "who it is". */
export function nameSecret(axis: string): string {
  return axis === "identity" ? "who it is" : `the ${nameAxis(axis)}`;
}

/** Offset, hexadecimal and ASCII, as hexdump prints it: rows that are as the one before are a star, and the size ends it. */
export function dumpHex(bytes: Uint8Array): string {
  const lines: string[] = [];
  let before = "";
  for (let at = 0; at < bytes.length; at += BYTES_A_LINE) {
    const row = [...bytes.subarray(at, at + BYTES_A_LINE)];
    const hex = row.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const ascii = row.map((byte) => (byte >= 0x20 && byte < 0x7f ? String.fromCharCode(byte) : ".")).join("");
    if (hex === before && at + BYTES_A_LINE < bytes.length) {
      if (lines.at(-1) !== "*") lines.push("*");
      continue;
    }
    before = hex;
    lines.push(`${at.toString(16).padStart(5, "0")}  ${hex.padEnd(BYTES_A_LINE * 3)} ${ascii}`);
  }
  lines.push(bytes.length.toString(16).padStart(5, "0"));
  return lines.join("\n");
}

/** The request's JSON, indented; its padding as a count, since it is nothing but spaces. */
export function printRequest(body: Uint8Array): string {
  const parsed: unknown = JSON.parse(new TextDecoder().decode(body));
  return JSON.stringify(parsed, (key, value: unknown) => (
    key === "pad" && typeof value === "string" && value.trim() === "" ? `(${value.length} spaces, so that lengths tell nothing)` : value
  ), 2);
}
