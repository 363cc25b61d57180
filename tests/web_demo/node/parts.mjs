// Parts of the built SDK in Node, as JSON on stdout, for the job in JSON on stdin: test_sdk.py compares them.
import { readFileSync } from "node:fs";
import { join } from "node:path";

const job = JSON.parse(readFileSync(0, "utf-8"));
const load = (name) => import(join(job.sdk, name));

// What a call gives, or the kind and message of its refusal; anything else is a mistake.
async function outcome(use) {
  const { ObclipError } = await load("errors.js");
  try {
    return { value: await use() };
  } catch (error) {
    if (!(error instanceof ObclipError)) throw error;
    return { kind: error.kind, message: error.message };
  }
}

const CALLS = {
  async manifests({ texts }) {
    const { parseManifest } = await load("manifest.js");
    return Promise.all(texts.map((text) => outcome(() => parseManifest(Buffer.from(text, "base64"), "bundle.json"))));
  },

  async waits({ told, now }) {
    const { AGAIN, toldWait, waitBefore, WAITS } = await load("retries.js");
    return { again: [...AGAIN], waits: WAITS, told: told.map((text) => String(toldWait(text, now))), before: [0, 1].map((again) => waitBefore(again, "")) };
  },

  async send({ exchanges }) {
    const { Cloud, MAX_RESPONSE_BYTES, SMALL_ANSWER } = await load("cloud.js");
    const results = [];
    for (const { address, token, body, method = "POST", deadline, abortAfter } of exchanges) {
      const attempts = [], stop = new AbortController();
      if (abortAfter !== undefined) setTimeout(() => stop.abort(), abortAfter);
      const told = await outcome(async () => {
        const exchange = { method, path: "/v1/latents", headers: { "content-type": "application/json" }, body: body === undefined ? null : Buffer.from(body) };
        const answer = await new Cloud(address, token).send(exchange, { onAttempt: (n) => attempts.push(n), signal: stop.signal, deadline });
        return { status: answer.status, size: answer.body.length, body: Buffer.from(answer.body.subarray(0, 200)).toString() };
      });
      results.push({ ...told, attempts });
    }
    return { results, limits: [MAX_RESPONSE_BYTES, SMALL_ANSWER] };
  },

  // A k-subset drawn twice, with the ledger that the first draw gave to be stored.
  async ledger({ options, tokenizer, prompts, key }) {
    const { ACTION, COINS, Core, FIELD } = await load("core.mjs");
    const [module, lexicon, look] = ["obclip.wasm", "lexicon.bin", "second_look.bin"].map((name) => readFileSync(join(job.core, name)));
    const core = await Core.open(module, lexicon, look);
    const told = [];
    let stored = new Uint8Array();
    for (const { prompt, isStored, coin } of prompts) {
      const chosen = core.options(options, readFileSync(tokenizer));
      chosen.setLedger(stored, Buffer.from(key, "hex"), 1_700_000_000);
      const session = core.session(chosen, prompt, 7n, Uint8Array.from({ length: COINS }, (_, i) => (coin * 7919 + i * 2654435761) >>> 11));
      const one = { actions: [session.next()] };
      if (one.actions[0] === ACTION.STORE) {
        const bytes = session.bytes(FIELD.LEDGER_BYTES);
        if (isStored) stored = bytes;
        session.stored(isStored);
        one.actions.push(session.next());
      }
      const last = one.actions.at(-1);
      if (last === ACTION.DETECTED) {
        one.members = session.texts(FIELD.MEMBER, FIELD.MEMBERS);
        one.spent = session.number(FIELD.EPSILON_SPENT);
        one.total = session.number(FIELD.EPSILON_TOTAL);
      } else {
        one.message = session.text(FIELD.MESSAGE);
        one.refusal = session.number(FIELD.REFUSAL);
      }
      told.push(one);
      session.free();
      chosen.free();
    }
    core.free();
    return told;
  },

  async settings({ given }) {
    const { runOptions } = await load("settings.js");
    return Promise.all(given.map((settings) => outcome(() => runOptions(settings))));
  },
};

process.stdout.write(JSON.stringify(await CALLS[job.call](job)));
