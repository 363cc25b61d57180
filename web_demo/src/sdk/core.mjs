// The device core's C ABI (edge_core/include/obclip/core.h) for JavaScript: a module, its memory, and texts in and out.
// Browsers and Node alike. Objects are freed by their `free`; what is read is copied, so nothing outlives its memory.

export const ACTION = {
  NEEDS_DECISION: 1, DETECTED: 2, STORE: 3, SEND: 4, ENCODE_TEXT: 5, DENOISE: 6, STEP: 7, DECODE: 8, DONE: 9, STOPPED: 10,
};
export const FIELD = {
  TEMPLATE: 1, MEMBER: 2, AXIS: 3, NOTE: 7, FINDING_AXIS: 8, FINDING_SURFACE: 9, METHOD: 14, PATH: 15, HEADER_NAME: 16,
  HEADER_VALUE: 17, MESSAGE: 18, REQUEST_SHA256: 19, BODY: 40, TOKENS: 42, SAMPLE: 43, LATENT_FLOATS: 44, PIXELS: 45,
  MEMBERS: 60, AXES: 61, NOTES: 63, FINDINGS: 64, HEADERS: 67, ROWS: 68, TIMESTEP: 70, REFUSAL: 75, EXIT_CODE: 76,
};
const ABI = 1, OK = 0, MISUSE = 1, NO_SUCH_CALL = 52;

export class CoreError extends Error {
  constructor(status, message) {
    super(message);
    this.isMisuse = status === MISUSE;
  }
}

// What the module may import of WASI is refused, whatever it is: it has nothing to do there.
function refusals(module) {
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    imports[from] ??= {};
    imports[from][name] = name === "proc_exit"
      ? (code) => { throw new Error(`the core stopped with ${code}`); }
      : () => NO_SUCH_CALL;
  }
  return imports;
}

export class Core {
  // `module`: the bytes of obclip.wasm, or a WebAssembly.Module.
  static async open(module, lexicon, secondLook) {
    const made = module instanceof WebAssembly.Module ? module : await WebAssembly.compile(module);
    const instance = await WebAssembly.instantiate(made, refusals(made));
    return new Core(instance.exports, lexicon, secondLook);
  }

  constructor(exports, lexicon, secondLook) {
    this.calls = exports;
    this.handle = 0;
    exports._initialize?.();
    if (exports.obclip_abi() !== ABI) throw new Error(`this is ABI ${exports.obclip_abi()} of the core, not ${ABI}`);
    this.handle = this.made(lexicon, secondLook, (a, b, out) => exports.obclip_core_new(a.at, a.size, b.at, b.size, out));
  }

  get lexicon() {
    return text(this.read((at, size) => this.calls.obclip_core_lexicon(this.handle, at, size)));
  }

  options(values, tokenizer) {
    return new Options(this, values, tokenizer);
  }

  // `seed`: a BigInt, 0 to 2^64 - 1.
  session(options, prompt, seed, coins = new Uint8Array()) {
    const handle = this.made(bytes(prompt), coins, (a, b, out) => this.calls.obclip_session_new(
      this.handle, options.handle, a.at, a.size, BigInt.asIntN(64, seed), b.at, b.size, out));
    return new Session(this, handle);
  }

  free() {
    this.calls.obclip_core_free(this.handle);
    this.handle = 0;
  }

  // -- memory; a view of it is made anew for every use, because it moves when it grows

  // Copies of `buffers` while `use` runs. The last byte is a zero, so that a name is a C string too.
  lend(buffers, use) {
    const lent = [];
    try {
      for (const buffer of buffers) {
        const at = this.calls.obclip_alloc(buffer.length + 1) >>> 0;
        if (at === 0) throw new CoreError(OK, "no memory is left, or a buffer is too large");
        lent.push({ at, size: buffer.length });
        const to = new Uint8Array(this.calls.memory.buffer, at, buffer.length + 1);
        to.set(buffer);
        to[buffer.length] = 0;
      }
      return use(...lent);
    } finally {
      for (const { at } of lent) this.calls.obclip_release(at);
    }
  }

  // A pair of a pointer and a size that a call hands out, copied.
  read(call) {
    return this.lend([new Uint8Array(8)], (out) => {
      this.check(call(out.at, out.at + 4));
      const view = new DataView(this.calls.memory.buffer);
      const at = view.getUint32(out.at, true), size = view.getUint32(out.at + 4, true);
      return new Uint8Array(this.calls.memory.buffer, at, size).slice();
    });
  }

  number(call) {
    return this.lend([new Uint8Array(8)], (out) => {
      this.check(call(out.at));
      return new DataView(this.calls.memory.buffer).getFloat64(out.at, true);
    });
  }

  // An object of two buffers.
  made(first, second, call) {
    return this.lend([first, second, new Uint8Array(4)], (a, b, out) => {
      this.check(call(a, b, out.at));
      return new DataView(this.calls.memory.buffer).getUint32(out.at, true);
    });
  }

  check(status) {
    if (status !== OK) throw new CoreError(status, this.lastError());
  }

  lastError() {
    return this.lend([new Uint8Array(8)], (out) => {
      if (this.calls.obclip_last_error(this.handle, out.at, out.at + 4) !== OK) return "";
      const view = new DataView(this.calls.memory.buffer);
      return text(new Uint8Array(this.calls.memory.buffer, view.getUint32(out.at, true), view.getUint32(out.at + 4, true)));
    });
  }
}

class Options {
  // `values`: texts by name. `tokenizer`: the bytes of tokenizer.json.
  constructor(core, values, tokenizer) {
    this.core = core;
    this.handle = core.made(new Uint8Array(), new Uint8Array(), (_a, _b, out) => core.calls.obclip_options_new(core.handle, out));
    for (const [name, value] of Object.entries(values)) this.set(name, value);
    if (tokenizer) {
      core.lend([tokenizer], (a) => core.check(core.calls.obclip_set_tokenizer(this.handle, a.at, a.size)));
    }
  }

  set(name, value) {
    const { core } = this;
    core.lend([bytes(name), bytes(value)], (a, b) => core.check(core.calls.obclip_set(this.handle, a.at, b.at, b.size)));
  }

  free() {
    this.core.calls.obclip_options_free(this.handle);
    this.handle = 0;
  }
}

class Session {
  constructor(core, handle) {
    this.core = core;
    this.handle = handle;
  }

  // The next action; 0 while an answer is due.
  next() {
    return this.core.calls.obclip_next(this.handle);
  }

  text(field, index = 0) {
    return text(this.core.read((at, size) => this.core.calls.obclip_get_text(this.handle, field, index, at, size)));
  }

  bytes(field) {
    return this.core.read((at, size) => this.core.calls.obclip_get_bytes(this.handle, field, at, size));
  }

  number(field, index = 0) {
    return this.core.number((at) => this.core.calls.obclip_get_number(this.handle, field, index, at));
  }

  // All texts of a field by index.
  texts(field, count) {
    return Array.from({ length: this.number(count) }, (_, i) => this.text(field, i));
  }

  decide(finding, decision) {
    this.core.lend([bytes(decision)], (a) => this.#give("decision", finding, a.at));
  }

  stored(isStored) {
    this.#give("stored", isStored ? 1 : 0);
  }

  response(status, body) {
    this.core.lend([body], (a) => this.#give("response", status, a.at, a.size));
  }

  failure(refusal, message) {
    this.core.lend([bytes(message)], (a) => this.#give("failure", refusal, a.at, a.size));
  }

  // `values`: a Float32Array.
  floats(values) {
    const raw = new Uint8Array(values.buffer, values.byteOffset, values.byteLength);
    this.core.lend([raw], (a) => this.#give("floats", a.at, values.length));
  }

  cancel() {
    this.core.check(this.core.calls.obclip_cancel(this.handle));
  }

  free() {
    this.core.calls.obclip_session_free(this.handle);
    this.handle = 0;
  }

  #give(what, ...values) {
    this.core.check(this.core.calls[`obclip_give_${what}`](this.handle, ...values));
  }
}

function bytes(words) {
  return new TextEncoder().encode(words);
}

function text(raw) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
}
