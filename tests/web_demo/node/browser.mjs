// Runs calls of pages/sdk.mjs in a headless Chromium, as JSON on stdout, for the job in JSON on stdin: building.py.
//
// The page is served under the strictest policy that the SDK works with. Everything that it asks for is written down, so
// that a request to anywhere else shows. A call's `faults` spoil answers by path, one for each request:
// {cut: bytes}, {flip: byte}, {status: number}, {drop: true} or {} for none.
import { existsSync, readFileSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { createRequire } from "node:module";
import { join, normalize } from "node:path";

const job = JSON.parse(readFileSync(0, "utf-8"));
const { chromium } = createRequire(join(job.web_demo, "package.json"))("playwright-core");
const POLICY = `default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; worker-src 'self' blob:; connect-src 'self' ${job.cloud ?? ""}; base-uri 'none'`;
const ISOLATED = { "cross-origin-opener-policy": "same-origin", "cross-origin-embedder-policy": "require-corp" };
const TYPES = { js: "text/javascript", mjs: "text/javascript", wasm: "application/wasm", json: "application/json" };
const FOLDERS = { "/sdk/": join(job.dist, "sdk"), "/core/": join(job.dist, "core"), "/litert/": join(job.dist, "litert"), "/bundle/": job.bundle, "/pages/": job.pages };
let faults = new Map();
const told = { results: [], served: [], requests: [], console: [] };

function find(path) {
  const [start, folder] = Object.entries(FOLDERS).find(([prefix]) => path.startsWith(prefix)) ?? [];
  const file = folder && join(folder, path.slice(start.length));
  return file && existsSync(file) && statSync(file).isFile() ? file : null;
}

function serve(request, response) {
  const path = normalize(decodeURIComponent(new URL(request.url, "http://x").pathname));
  const from = Number(/^bytes=(\d+)-$/.exec(request.headers.range ?? "")?.[1] ?? 0);
  told.served.push(from > 0 ? `${path} from ${from}` : path);
  const headers = { "content-security-policy": POLICY, "cache-control": "no-cache", ...(job.isolated ? ISOLATED : {}) };
  if (path === "/") return response.writeHead(200, { ...headers, "content-type": "text/html" }).end("<!doctype html><title>SDK</title>");
  const fault = faults.get(path)?.shift() ?? {}, file = find(path);
  if (fault.drop) return response.destroy();
  if (file === null || fault.status) return response.writeHead(fault.status ?? 404, headers).end();
  const content = readFileSync(file);
  if (fault.flip !== undefined) content[fault.flip] ^= 1;
  const isPart = from > 0 && !job.no_range;
  const body = isPart ? content.subarray(from) : content;
  const range = isPart ? { "content-range": `bytes ${from}-${content.length - 1}/${content.length}` } : {};
  response.writeHead(isPart ? 206 : 200, { ...headers, ...range, "content-type": TYPES[file.split(".").at(-1)] ?? "application/octet-stream", "content-length": body.length });
  if (fault.cut === undefined) return response.end(body);
  // Behind what was sent, so that the browser has it before the connection ends.
  response.write(body.subarray(0, fault.cut), () => setTimeout(() => response.destroy(), 200));
}

const server = createServer(serve);
await new Promise((resolve) => server.listen(0, "127.0.0.1", resolve));
const origin = `http://${job.host ?? "127.0.0.1"}:${server.address().port}`;
const browser = await chromium.launch({
  executablePath: job.chromium,
  args: ["--no-sandbox", "--host-resolver-rules=MAP *.test 127.0.0.1", ...(job.args ?? [])],
});

async function call(context, { name, quota, ...given }) {
  const page = await context.newPage();
  page.on("console", (message) => told.console.push(`${message.type()}: ${message.text()}`));
  page.on("pageerror", (error) => told.console.push(`error: ${error.message}`));
  await page.goto(origin);
  if (quota !== undefined) await (await context.newCDPSession(page)).send("Storage.overrideQuotaForOrigin", { origin, quotaSize: quota });
  const result = await page.evaluate(async ([call, values]) => (await import("/pages/sdk.mjs"))[call](values), [name, { cloud: job.cloud, ...given }]);
  await page.close();
  return result;
}

try {
  const context = await browser.newContext();
  // A blob is this page's own memory: nobody is asked.
  context.on("request", (request) => request.url().startsWith("blob:") || told.requests.push(`${request.method()} ${request.url().replace(origin, "")}`));
  for (const { faults: spoiled = {}, ...one } of job.calls) {
    faults = new Map(Object.entries(spoiled));
    // `tabs`: so many at the same time.
    told.results.push(one.tabs ? await Promise.all(Array.from({ length: one.tabs }, () => call(context, one))) : await call(context, one));
  }
} finally {
  await browser.close();
  server.close();
  server.closeAllConnections();
}
process.stdout.write(JSON.stringify(told));
