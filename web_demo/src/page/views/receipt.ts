// The receipt: what one picture disclosed and took.
import type { Receipt } from "../../sdk/index.js";
import { byId, copyFrom, fill, make, setText } from "../dom.js";
import { formatBytes, formatEpsilon, formatTime, nameAxis } from "../format.js";
import type { Store } from "../state.js";
import { nameMechanism } from "../words.js";

const PHASES = { detect: "Reading", cloud: "Cloud", finish: "Finishing", decode: "Decoding", total: "In all" } as const;
const ACCELERATORS = { webgpu: "graphics processor (WebGPU)", wasm: "processor (WebAssembly)" } as const;

export function showReceipt(store: Store): void {
  const copy = byId("copy-receipt", HTMLButtonElement);
  copy.addEventListener("click", () => {
    const { result } = store.state;
    if (result !== null) void copyFrom(copy, JSON.stringify(result.receipt, null, 2));
  });
  store.watch(({ result }, before) => {
    if (result === null || result === before.result) return;
    const { receipt } = result;
    setText(byId("receipt-brief", HTMLElement), receipt.n === 0 ? "nothing was sent" : `${formatBytes(receipt.bytesUp)} sent, ${formatEpsilon(receipt.epsilon)}`);
    fill(byId("receipt-list", HTMLElement), ...describe(receipt).map(([name, value]) =>
      make("div", {}, make("dt", {}, name), make("dd", { translate: "no" }, value))));
    fill(byId("receipt-notes", HTMLElement), ...receipt.notes.map((note) => make("p", { class: "small" }, note)));
  });
}

function describe(receipt: Receipt): (readonly [string, string])[] {
  const phases = Object.entries(PHASES).map(([phase, name]) => [name, formatTime(receipt.ms[phase as keyof typeof PHASES])] as const);
  const sent = receipt.n === 0 ? [["Sent", "nothing"] as const] : [
    ["Privacy loss", tellLoss(receipt)],
    ["Candidates", String(receipt.n)],
    ["Hidden", receipt.axes.map(nameAxis).join(", ") || "nothing"],
    ["Still readable", receipt.hints.map((hint) => `${hint.words} (${nameAxis(hint.axis)})`).join(", ") || "no hint that is known"],
    ["Cloud", receipt.cloud],
    ["Sent", formatBytes(receipt.bytesUp)],
    ["Received", formatBytes(receipt.bytesDown)],
    ["SHA-256 of the request", receipt.requestSha256],
  ] as const;
  return [
    ["Way of asking", nameMechanism(receipt.mechanism)],
    ["Promise", receipt.guarantee],
    ...sent,
    ["Steps", `${receipt.cloudSteps} in the cloud, ${receipt.steps - receipt.cloudSteps} here`],
    ["Ran on", ACCELERATORS[receipt.accelerator]],
    ...phases,
    ["Word lists", receipt.lexicon],
    ["Seed", receipt.seed],
  ].filter((line): line is [string, string] => line[1] !== "");
}

function tellLoss(receipt: Receipt): string {
  const total = receipt.epsilonTotal === null ? "" : `, ${Number(receipt.epsilonTotal.toPrecision(4))} in all so far`;
  const bits = receipt.bits > 0 ? `, at most ${receipt.bits.toFixed(2)} bits` : "";
  return `${formatEpsilon(receipt.epsilon)}${bits}${receipt.epsilonSpent > 0 ? `, newly spent ${Number(receipt.epsilonSpent.toPrecision(4))}${total}` : ""}`;
}
