// The request as it travels: its size, its hash, and its bytes.
import { byId, copyFrom, setText } from "../dom.js";
import { dumpHex, formatBytes, printRequest } from "../format.js";
import type { Candidates } from "../../sdk/index.js";
import type { Store } from "../state.js";

export function showRequest(store: Store): void {
  const facts = byId("request-facts", HTMLElement);
  const code = byId("request", HTMLElement);
  const asText = byId("as-text", HTMLButtonElement);
  const asBytes = byId("as-bytes", HTMLButtonElement);
  const copy = byId("copy-request", HTMLButtonElement);
  const details = byId("cloud", HTMLDetailsElement);
  let showsBytes = false;

  const find = (): Candidates | null => {
    const { reading } = store.state;
    return reading.kind === "known" && reading.candidates.members.length > 0 ? reading.candidates : null;
  };
  // Kilobytes of text are laid out only where somebody looks at them.
  const show = () => {
    const candidates = find();
    if (candidates === null || !details.open) return;
    setText(facts, `${formatBytes(candidates.body.length)}, SHA-256 ${candidates.requestSha256}`);
    setText(code, showsBytes ? dumpHex(candidates.body) : printRequest(candidates.body));
    asText.setAttribute("aria-pressed", String(!showsBytes));
    asBytes.setAttribute("aria-pressed", String(showsBytes));
  };
  asText.addEventListener("click", () => { showsBytes = false; show(); });
  asBytes.addEventListener("click", () => { showsBytes = true; show(); });
  details.addEventListener("toggle", show);
  copy.addEventListener("click", () => {
    const candidates = find();
    if (candidates !== null) void copyFrom(copy, new TextDecoder().decode(candidates.body));
  });
  store.watch((state, before) => { if (state.reading !== before.reading) show(); });
}
