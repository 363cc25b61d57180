// @ts-nocheck: a program for Node, whose types the page does without.
// Two builds: the page (../build/web) and the library (dist/sdk, `vite build --mode library`, after tsc has written the rest).
//
// The core's files and LiteRT's are copied as they are, into core/ and litert/: the page fetches them when it needs them.
import { copyFileSync, mkdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import { defineConfig, type Plugin } from "vite";

const HERE = fileURLToPath(new URL(".", import.meta.url));
const ROOT = join(HERE, "..");
const CORE = ["build/wasm/obclip.wasm", "edge_sdk/attributes/lexicon.bin", "edge_sdk/second_look/data/second_look.bin"];
/** One with threads for pages that are cross-origin isolated, one for browsers without relaxed SIMD; no JSPI (docs/WEB.md). */
const BUILDS = ["litert_wasm_internal", "litert_wasm_compat_internal", "litert_wasm_threaded_internal"];
const LITERT = BUILDS.flatMap((name) => [`${name}.js`, `${name}.wasm`]).map((name) => join("web_demo/node_modules/@litertjs/core/wasm", name));

const sizes = (): Record<string, number> => Object.fromEntries([...CORE, ...LITERT].map((file) => [basename(file), statSync(join(ROOT, file)).size]));

function litertVersion(): string {
  const { version } = JSON.parse(readFileSync(join(HERE, "node_modules/@litertjs/core/package.json"), "utf-8")) as { version: string };
  return version;
}

function copyTo(folder: string): Plugin {
  return {
    name: "obclip-files",
    apply: "build",
    closeBundle() {
      for (const [place, files] of [["core", CORE], ["litert", LITERT]] as const) {
        mkdirSync(join(folder, place), { recursive: true });
        for (const file of files) copyFileSync(join(ROOT, file), join(folder, place, basename(file)));
      }
      // LiteRT's licence is the project's too, and goes with it.
      copyFileSync(join(ROOT, "LICENSE"), join(folder, "litert/LICENSE"));
    },
  };
}

/** The SDK's worker is a file beside it; the page's is what its build made of it. */
const ownWorker: Plugin = {
  name: "obclip-worker",
  enforce: "pre",
  resolveId: (source) => (source === "./worker-address.js" ? join(HERE, "src/page/worker-address.ts") : null),
};

export default defineConfig(({ mode, command }) => {
  const common = {
    base: "./",
    define: { OBCLIP_SIZES: command === "build" ? JSON.stringify(sizes()) : "{}", OBCLIP_LITERT: JSON.stringify(litertVersion()) },
    // Newer syntax would be refused by browsers that have WebAssembly SIMD; modulepreload's helper is an inline script's.
    build: { target: "es2022", reportCompressedSize: false, modulePreload: false } as const,
  };
  if (mode === "library") {
    return {
      ...common,
      publicDir: false as const,
      build: {
        ...common.build,
        outDir: join(HERE, "dist/sdk"),
        emptyOutDir: false,
        lib: { entry: join(HERE, "src/sdk/worker.ts"), formats: ["iife" as const], name: "obclip", fileName: () => "worker.js" },
      },
      plugins: [copyTo(join(HERE, "dist"))],
    };
  }
  return {
    ...common,
    build: { ...common.build, outDir: join(ROOT, "build/web"), emptyOutDir: true },
    worker: { format: "iife" as const },
    plugins: [ownWorker, copyTo(join(ROOT, "build/web"))],
  };
});
