// A phone's browser at the end of a pipe: each line of stdin is one order in JSON, each line of stdout its answer.
//
// It is a Chromium of its own with a profile on disk and a network log, so that what it keeps and whom it asks can be
// looked at when it has ended. Chromium's own traffic is switched off.
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { createInterface } from "node:readline";

const job = JSON.parse(process.argv[2]);
const load = createRequire(join(job.web_demo, "package.json"));
const { chromium } = load("playwright-core");
const axe = readFileSync(load.resolve("axe-core/axe.min.js"), "utf-8");
// What no switch stops (updates, the list of accounts) goes to a name that is none, and shows as that in the log.
const QUIET = ["--gaia-url=https://browser-itself.invalid", "--component-updater=url-source=https://browser-itself.invalid/", "--host-resolver-rules=MAP browser-itself.invalid ~NOTFOUND"];

const context = await chromium.launchPersistentContext(job.profile, {
  executablePath: job.chromium,
  args: [...(job.root ? ["--no-sandbox"] : []), ...QUIET, `--log-net-log=${job.net_log}`, ...job.args],
  viewport: { width: 390, height: 844 }, deviceScaleFactor: 1, isMobile: true, hasTouch: true, acceptDownloads: true,
  permissions: job.permissions, reducedMotion: "reduce",
});
context.setDefaultTimeout(job.patience);
const told = { requests: [], console: [], dialogs: [], downloads: [] };
context.on("request", (request) => told.requests.push(`${request.method()} ${request.url()}`));
context.on("console", (message) => told.console.push(`${message.type()}: ${message.text()}`));
context.on("weberror", (error) => told.console.push(`error: ${error.error().message}`));
context.on("dialog", (dialog) => { told.dialogs.push(dialog.message()); void dialog.dismiss(); });
const page = context.pages()[0] ?? await context.newPage();
page.on("download", (download) => told.downloads.push(download));

const orders = {
  goto: async ({ url }) => void await page.goto(url, { waitUntil: "domcontentloaded" }),
  reload: async () => void await page.reload({ waitUntil: "domcontentloaded" }),
  before: ({ script }) => context.addInitScript(script),
  click: ({ at }) => page.click(at),
  fill: ({ at, text }) => page.fill(at, text),
  press: async ({ keys }) => { for (const key of keys) await page.keyboard.press(key); },
  type: ({ text }) => page.keyboard.type(text),
  // An expression in the page that becomes true, and its value.
  // (Playwright's own waitForFunction compiles text, which the page's policy forbids.)
  wait: async ({ until, patience }) => {
    for (const over = Date.now() + (patience ?? job.patience); ; await new Promise((resolve) => { setTimeout(resolve, 20); })) {
      const value = await page.evaluate(until).catch((error) => { if (/context was destroyed|navigating/.test(error.message)) return null; throw error; });
      if (value) return value;
      if (Date.now() > over) throw new Error("it did not come to that");
    }
  },
  look: ({ at }) => page.evaluate(at),
  offline: ({ off }) => context.setOffline(off),
  scheme: ({ dark }) => page.emulateMedia({ colorScheme: dark ? "dark" : "light" }),
  shot: async ({ file, whole }) => void await page.screenshot({ path: file, fullPage: whole === true }),
  workers: () => [...page.workers(), ...context.serviceWorkers()].map((worker) => worker.url()),
  // In the device's worker; those of its threads wait for work and answer nothing.
  inside: ({ script }) => Promise.all(page.workers().filter((worker) => worker.url().startsWith("blob:")).map((worker) => worker.evaluate(script))),
  axe: async ({ rules }) => {
    await page.evaluate(axe);
    const { violations, passes } = await page.evaluate((only) => globalThis.axe.run(document, only === null ? {} : { runOnly: { type: "rule", values: only } }), rules ?? null);
    return { passes: passes.length, violations: violations.map((v) => `${v.id}: ${v.nodes.map((n) => `${n.target.join(" ")} (${n.any[0]?.message ?? n.failureSummary})`).join("; ")}`) };
  },
  saved: async ({ file }) => { await told.downloads.at(-1).saveAs(file); return told.downloads.at(-1).suggestedFilename(); },
  told: () => ({ ...told, downloads: told.downloads.length }),
};

for await (const line of createInterface({ input: process.stdin })) {
  const { order, ...given } = JSON.parse(line);
  if (order === "close") break;
  let answer;
  try {
    answer = { value: await orders[order](given) ?? null };
  } catch (error) {
    answer = { error: String(error instanceof Error ? error.message : error), at: page.url(), text: await page.evaluate("document.body.innerText").catch(() => "") };
  }
  process.stdout.write(`${JSON.stringify(answer)}\n`);
}
await context.close();
