// What the core in WebAssembly says, as JSON on stdout, for the job in JSON on stdin: test_wasm.py compares it.
import { readFileSync } from "node:fs";
import { ABI, ACTION, COINS, Core, FIELD, REFUSAL } from "../../../web_demo/src/sdk/core.mjs";

const base64 = (raw) => Buffer.from(raw).toString("base64");

// A prompt up to the first thing that the person or the cloud has to answer.
function read(core, options, { prompt, seed }) {
  const began = performance.now();
  const session = core.session(options, prompt, BigInt(seed));
  const action = session.next();
  const told = { action, ms: performance.now() - began };
  if (action === ACTION.DETECTED) {
    told.body = base64(session.bytes(FIELD.BODY));
    told.members = session.texts(FIELD.MEMBER, FIELD.MEMBERS);
    told.notes = session.texts(FIELD.NOTE, FIELD.NOTES);
  } else if (action === ACTION.STOPPED) {
    told.message = session.text(FIELD.MESSAGE);
    told.exit_code = session.number(FIELD.EXIT_CODE);
  }
  session.free();
  return told;
}

// A picture that the device makes alone, with graphs that any language can do: half the sample, and nothing.
function draw(core, options, { prompt, seed, size }) {
  const session = core.session(options, prompt, BigInt(seed));
  const told = { timesteps: [], actions: [] };
  for (;;) {
    const action = session.next();
    if (action !== told.actions.at(-1)) told.actions.push(action);
    if (action === ACTION.ENCODE_TEXT) {
      told.tokens = base64(session.bytes(FIELD.TOKENS));
      session.floats(new Float32Array(8));
    } else if (action === ACTION.DENOISE) {
      const raw = session.bytes(FIELD.SAMPLE), rows = session.number(FIELD.ROWS);
      told.noise ??= base64(raw);
      told.timesteps.push(session.number(FIELD.TIMESTEP));
      const sample = new Float32Array(raw.buffer), answer = new Float32Array(rows * sample.length);
      for (let row = 0; row < rows; ++row) sample.forEach((value, i) => (answer[row * sample.length + i] = (row + 1) * value / 2));
      session.floats(answer);
    } else if (action === ACTION.DECODE) {
      told.latent = base64(session.bytes(FIELD.LATENT_FLOATS));
      session.floats(Float32Array.from({ length: 3 * size * size }, (_, i) => (i % 511) / 255 - 1));
    } else if (action === ACTION.DONE) {
      told.pixels = base64(session.bytes(FIELD.PIXELS));
      session.free();
      return told;
    } else if (action !== ACTION.DETECTED && action !== ACTION.STEP) {
      throw new Error(`action ${action} was not expected`);
    }
  }
}

// Up to the request, which the cloud then does not answer.
function send(core, options, { prompt, seed }) {
  const session = core.session(options, prompt, BigInt(seed));
  const told = { actions: [session.next(), session.next()], due: session.next(), error: core.lastError() };
  told.method = session.text(FIELD.METHOD);
  told.path = session.text(FIELD.PATH);
  told.headers = session.texts(FIELD.HEADER_NAME, FIELD.HEADERS);
  session.failure(9, "no way there: ünreachable");
  told.actions.push(session.next());
  told.message = session.text(FIELD.MESSAGE);
  told.exit_code = session.number(FIELD.EXIT_CODE);
  session.free();
  return told;
}

// Calls that have to be refused: the message, by name.
async function refused(module, core, options, job) {
  const lexicon = readFileSync(job.lexicon), look = readFileSync(job.second_look);
  const damaged = Uint8Array.from(lexicon);
  damaged[damaged.length >> 1] ^= 1;
  const cases = {
    lexicon: () => Core.open(module, damaged, look),
    second_look: () => Core.open(module, lexicon, look.subarray(0, -1)),
    option: () => options.set("no_such", "1"),
    value: () => options.set("steps", "many"),
    bundle: () => core.session(core.options({}), "a woman", 1n),
    decision: () => core.session(options, "a woman", 1n).decide(0, "slot"),
  };
  const told = {};
  for (const [name, use] of Object.entries(cases)) {
    try {
      await use();
      told[name] = null;
    } catch (error) {
      told[name] = error.message;
    }
  }
  return told;
}

const job = JSON.parse(readFileSync(0, "utf-8"));
const module = new WebAssembly.Module(readFileSync(job.wasm));
const began = performance.now();
const core = await Core.open(module, readFileSync(job.lexicon), readFileSync(job.second_look));
const told = { open_ms: performance.now() - began, lexicon: core.lexicon };
told.numbers = { ...ACTION, ...FIELD, ...REFUSAL, ABI, COINS };
told.imports = WebAssembly.Module.imports(module).map(({ name }) => name);
told.exports = WebAssembly.Module.exports(module).map(({ name }) => name);
const tokenizer = readFileSync(job.tokenizer), options = core.options(job.options, tokenizer);
told.read = job.prompts.map((prompt) => read(core, options, prompt));
told.memory = core.memory.buffer.byteLength;
if (job.draw) told.draw = draw(core, core.options({ ...job.options, ...job.draw.options }, tokenizer), job.draw);
if (job.send) told.send = send(core, options, job.send);
if (job.refused) told.refused = await refused(module, core, options, job);
options.free();
core.free();
process.stdout.write(JSON.stringify(told));
