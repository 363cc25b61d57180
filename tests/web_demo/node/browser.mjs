// Runs the built SDK in a headless Chromium, as JSON on stdout, for the job in JSON on stdin: test_sdk.py compares it.
//
// The page is served with the strictest policy that the SDK works under. Everything that the page asks for is written
// down, so that a request to anywhere else shows.
import { createReadStream, existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join, normalize } from "node:path";

const job = JSON.parse(readFileSync(0, "utf-8"));
const { chromium } = createRequire(join(job.web_demo, "package.json"))("playwright-core");
const POLICY = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self'; connect-src 'self' ${job.connect ?? ""}; base-uri 'none'`;
const TYPES = { js: "text/javascript", mjs: "text/javascript", html: "text/html", wasm: "application/wasm", json: "application/json" };
const FOLDERS = { "/sdk/": join(job.web_demo, "dist/sdk"), "/core/": join(job.web_demo, "dist/core"), "/litert/": join(job.web_demo, "dist/litert"), "/bundle/": job.bundle };

function serve(request, response) {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
  const headers = { "content-security-policy": POLICY, "cache-control": "no-cache" };
  if (job.isolated) Object.assign(headers, { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" });
  if (path === "/") return response.writeHead(200, { ...headers, "content-type": "text/html" }).end("<!doctype html><title>SDK</title>");
  const [start, folder] = Object.entries(FOLDERS).find(([prefix]) => path.startsWith(prefix)) ?? [];
  const file = folder && join(folder, path.slice(start.length));
  if (!file || !existsSync(file) || !statSync(file).isFile()) return response.writeHead(404, headers).end();
  const size = statSync(file).size;
  const range = /^bytes=(\d+)-$/.exec(request.headers.range ?? "");
  const from = range ? Number(range[1]) : 0;
  const more = range ? { "content-range": `bytes ${from}-${size - 1}/${size}` } : {};
  response.writeHead(range ? 206 : 200, { ...headers, ...more, "content-type": TYPES[file.split(".").at(-1)] ?? "application/octet-stream", "content-length": size - from });
  createReadStream(file, { start: from }).pipe(response);
}

const server = createServer(serve);
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://127.0.0.1:${server.address().port}`;
const browser = await chromium.launch({ executablePath: job.chromium, args: ["--no-sandbox", ...(job.args ?? [])] });
const told = { console: [], requests: [] };
try {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.on("console", (message) => told.console.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => told.console.push(`error: ${error.message}`));
  context.on("request", (request) => told.requests.push(`${request.method()} ${request.url()}`));
  await page.goto(origin);
  told.result = await page.evaluate(`(${readFileSync(job.script, "utf-8")})(${JSON.stringify(job)})`);
} finally {
  await browser.close();
  server.close();
}
process.stdout.write(JSON.stringify(told));
