// @ts-nocheck: a program for Node, whose types the page does without.
// Writes build/web/sw.js and files.json: the last step of a build, when every file is in its place.
//
//     node web_demo/src/worker/build.mjs build/web
import { createHash } from "node:crypto";
import { readFile, readdir, writeFile } from "node:fs/promises";
import { join, relative, sep } from "node:path";
import { fileURLToPath } from "node:url";
import { transformWithOxc } from "vite";

const SOURCE = fileURLToPath(new URL("sw.ts", import.meta.url));
/** What is written here, what the host writes, and what the SDK keeps itself. */
const APART = /^(sw\.js|files\.json|config\.json|bundle\/.*|.*\.map)$/;

async function listFiles(folder) {
  const found = await readdir(folder, { recursive: true, withFileTypes: true });
  return found
    .filter((file) => file.isFile() || file.isSymbolicLink())
    .map((file) => relative(folder, join(file.parentPath, file.name)).split(sep).join("/"))
    .filter((path) => !APART.test(path))
    .sort();
}

async function describe(folder) {
  const files = {};
  for (const path of await listFiles(folder)) {
    const content = await readFile(join(folder, path));
    files[path] = { bytes: content.length, sha256: createHash("sha256").update(content).digest("hex") };
  }
  if (files["index.html"] === undefined) throw new Error(`${folder} holds no index.html: build the page first (scripts/build_web)`);
  return { version: createHash("sha256").update(JSON.stringify(files)).digest("hex").slice(0, 16), files };
}

const [folder] = process.argv.slice(2);
if (folder === undefined) throw new Error("say which folder holds the built page: build.mjs build/web");
const build = await describe(folder);
const { code } = await transformWithOxc(await readFile(SOURCE, "utf8"), SOURCE, { sourcemap: false });
const list = JSON.stringify(build);
await writeFile(join(folder, "files.json"), list);
// A module's "export {}" would be no classic worker.
await writeFile(join(folder, "sw.js"), `const BUILD = ${list};\n${code.replace(/export\s*\{\s*\};?/g, "")}`);
console.log(`sw.js: build ${build.version}, ${Object.keys(build.files).length} files`);
