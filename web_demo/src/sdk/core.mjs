// The device core's C ABI (edge_core/include/obclip/core.h) for JavaScript: a module, its memory, and texts in and out.
// Browsers and Node alike. Objects are freed by their `free`; what is read is copied, so nothing outlives its memory.

/** What is to be done next: obclip_action. */
export const ACTION = Object.freeze({
  NEEDS_DECISION: 1, DETECTED: 2, STORE: 3, SEND: 4, ENCODE_TEXT: 5, DENOISE: 6, STEP: 7, DECODE: 8, DONE: 9, STOPPED: 10,
});
/** What can be asked for: obclip_field. */
export const FIELD = Object.freeze({
  TEMPLATE: 1, MEMBER: 2, AXIS: 3, ATTRIBUTE_AXIS: 4, ATTRIBUTE_SURFACE: 5, ATTRIBUTE_VALUE: 6, NOTE: 7, FINDING_AXIS: 8,
  FINDING_SURFACE: 9, FINDING_VALUE: 10, FINDING_INSTEAD: 11, FINDING_SLOT: 12, FINDING_WHY: 13, METHOD: 14, PATH: 15,
  HEADER_NAME: 16, HEADER_VALUE: 17, MESSAGE: 18, REQUEST_SHA256: 19, MECHANISM: 20, GUARANTEE: 21, HINT_AXIS: 22,
  HINT_WORDS: 23, LEXICON_VERSION: 24, TRUE_MEMBER: 25,
  BODY: 40, LEDGER_BYTES: 41, TOKENS: 42, SAMPLE: 43, LATENT_FLOATS: 44, PIXELS: 45,
  MEMBERS: 60, AXES: 61, ATTRIBUTES: 62, NOTES: 63, FINDINGS: 64, FINDING_START: 65, FINDING_END: 66, HEADERS: 67, ROWS: 68,
  LENGTH: 69, TIMESTEP: 70, STEP_INDEX: 71, STEPS: 72, WIDTH: 73, HEIGHT: 74, REFUSAL: 75, EXIT_CODE: 76, EPSILON: 77,
  EPSILON_SPENT: 78, EPSILON_TOTAL: 79, BITS: 80, HINTS: 81, ATTRIBUTE_START: 82, ATTRIBUTE_END: 83, INDEX: 84, EXACT: 85,
  BYTES_UP: 86, BYTES_DOWN: 87,
});
/** Why there is no picture: obclip_refusal. */
export const REFUSAL = Object.freeze({
  NOT_REFUSED: 0, INPUT: 1, PRIVACY: 2, IMPLIED: 3, LEDGER: 4, BUDGET: 5, LEXICON: 6, BUNDLE: 7, CLOUD: 8, UNREACHABLE: 9,
  DEADLINE: 10, LATENT: 11, RUNTIME: 12, CANCELLED: 13,
});
/** Random bytes that a k-subset session needs: OBCLIP_COINS. */
export const COINS = 4096;
export const ABI = 1;
const OK = 0, MISUSE = 1, NO_SUCH_CALL = 52;

/**
 * The exports of obclip.wasm: addresses and sizes are numbers, 64-bit integers are BigInts.
 * @typedef {Record<string, (...values: (number | bigint)[]) => number>} Calls
 * @typedef {{ at: number, size: number }} Lent
 */

/** The core refused a call, or it broke the rules of core.h. */
export class CoreError extends Error {
  /**
   * @param {number} status
   * @param {string} message
   */
  constructor(status, message) {
    super(message);
    this.name = "CoreError";
    this.isMisuse = status === MISUSE;
  }
}

/**
 * What the module may import of WASI is refused, whatever it is: it has nothing to do there.
 * @param {WebAssembly.Module} module
 */
function refusals(module) {
  /** @type {Record<string, Record<string, (code: number) => number>>} */
  const imports = {};
  for (const { module: from, name } of WebAssembly.Module.imports(module)) {
    const group = imports[from] ??= {};
    group[name] = name === "proc_exit"
      ? (code) => { throw new Error(`the core stopped with ${code}`); }
      : () => NO_SUCH_CALL;
  }
  return imports;
}

export class Core {
  /**
   * @param {BufferSource | WebAssembly.Module} module the bytes of obclip.wasm, or what was compiled of them
   * @param {Uint8Array} lexicon
   * @param {Uint8Array} secondLook
   */
  static async open(module, lexicon, secondLook) {
    const made = module instanceof WebAssembly.Module ? module : await WebAssembly.compile(module);
    const instance = await WebAssembly.instantiate(made, refusals(made));
    return new Core(instance.exports, lexicon, secondLook);
  }

  /**
   * @param {WebAssembly.Exports} exports
   * @param {Uint8Array} lexicon
   * @param {Uint8Array} secondLook
   */
  constructor(exports, lexicon, secondLook) {
    this.calls = /** @type {Calls} */ (/** @type {unknown} */ (exports));
    this.memory = /** @type {WebAssembly.Memory} */ (exports.memory);
    this.handle = 0;
    this.calls._initialize?.();
    if (this.call("abi") !== ABI) throw new CoreError(OK, `this is ABI ${this.call("abi")} of the core, not ${ABI}`);
    this.handle = this.made([lexicon, secondLook], ([a, b], out) => this.call("core_new", a.at, a.size, b.at, b.size, out));
  }

  get lexicon() {
    return text(this.read((at, size) => this.call("core_lexicon", this.handle, at, size)));
  }

  /**
   * @param {Readonly<Record<string, string>>} values texts by name (docs/CORE.md)
   * @param {Uint8Array} [tokenizer] the bytes of tokenizer.json
   */
  options(values, tokenizer) {
    return new Options(this, values, tokenizer);
  }

  /**
   * @param {Options} options
   * @param {string} prompt
   * @param {bigint} seed 0 to 2^64 - 1
   * @param {Uint8Array} [coins] random bytes: {@link COINS} of them for k-subset, else none
   */
  session(options, prompt, seed, coins = new Uint8Array()) {
    const handle = this.made([bytes(prompt), coins], ([a, b], out) => this.call(
      "session_new", this.handle, options.handle, a.at, a.size, BigInt.asIntN(64, seed), b.at, b.size, out));
    return new Session(this, handle);
  }

  free() {
    this.call("core_free", this.handle);
    this.handle = 0;
  }

  /**
   * @param {string} name of the function, without "obclip_"
   * @param {(number | bigint)[]} values
   */
  call(name, ...values) {
    const found = this.calls[`obclip_${name}`];
    if (found === undefined) throw new CoreError(MISUSE, `this core has no obclip_${name}`);
    return found(...values);
  }

  // -- memory; a view of it is made anew for every use, because it moves when it grows

  /**
   * Copies of `buffers` while `use` runs. The last byte is a zero, so that a name is a C string too.
   * @template T
   * @param {readonly Uint8Array[]} buffers
   * @param {(...lent: Lent[]) => T} use
   * @returns {T}
   */
  lend(buffers, use) {
    /** @type {Lent[]} */
    const lent = [];
    try {
      for (const buffer of buffers) {
        const at = this.call("alloc", buffer.length + 1) >>> 0;
        if (at === 0) throw new CoreError(OK, "no memory is left, or a buffer is too large");
        lent.push({ at, size: buffer.length });
        const to = new Uint8Array(this.memory.buffer, at, buffer.length + 1);
        to.set(buffer);
        to[buffer.length] = 0;
      }
      return use(...lent);
    } finally {
      for (const { at } of lent) this.call("release", at);
    }
  }

  /**
   * A pair of a pointer and a size that a call hands out, copied.
   * @param {(at: number, size: number) => number} call
   * @returns {Uint8Array<ArrayBuffer>}
   */
  read(call) {
    return this.lend([new Uint8Array(8)], (out) => {
      const { at } = /** @type {Lent} */ (out);
      this.check(call(at, at + 4));
      return this.copy(at);
    });
  }

  /**
   * What the pointer and the size at `pair` point to.
   * @param {number} pair
   * @returns {Uint8Array<ArrayBuffer>}
   */
  copy(pair) {
    const view = new DataView(this.memory.buffer);
    const raw = new Uint8Array(this.memory.buffer, view.getUint32(pair, true), view.getUint32(pair + 4, true));
    return new Uint8Array(raw);
  }

  /** @param {(at: number) => number} call */
  number(call) {
    return this.lend([new Uint8Array(8)], (out) => {
      const { at } = /** @type {Lent} */ (out);
      this.check(call(at));
      return new DataView(this.memory.buffer).getFloat64(at, true);
    });
  }

  /**
   * An object of two buffers.
   * @param {readonly [Uint8Array, Uint8Array]} buffers
   * @param {(given: [Lent, Lent], out: number) => number} call
   */
  made(buffers, call) {
    return this.lend([...buffers, new Uint8Array(4)], (...lent) => {
      const [a, b, out] = /** @type {[Lent, Lent, Lent]} */ (lent);
      this.check(call([a, b], out.at));
      return new DataView(this.memory.buffer).getUint32(out.at, true);
    });
  }

  /** @param {number} status */
  check(status) {
    if (status !== OK) throw new CoreError(status, this.lastError());
  }

  lastError() {
    return this.lend([new Uint8Array(8)], (out) => {
      const { at } = /** @type {Lent} */ (out);
      return this.call("last_error", this.handle, at, at + 4) === OK ? text(this.copy(at)) : "";
    });
  }
}

/** What the bundle, the person and the app chose. */
export class Options {
  /**
   * @param {Core} core
   * @param {Readonly<Record<string, string>>} values
   * @param {Uint8Array} [tokenizer]
   */
  constructor(core, values, tokenizer) {
    this.core = core;
    const nothing = new Uint8Array();
    this.handle = core.made([nothing, nothing], (_given, out) => core.call("options_new", core.handle, out));
    try {
      for (const [name, value] of Object.entries(values)) this.set(name, value);
      if (tokenizer) this.#lend([tokenizer], (a) => core.call("set_tokenizer", this.handle, a.at, a.size));
    } catch (error) {
      this.free();
      throw error;
    }
  }

  /**
   * @param {string} name
   * @param {string} value
   */
  set(name, value) {
    this.#lend([bytes(name), bytes(value)], (a, b) => this.core.call("set", this.handle, a.at, b.at, b.size));
  }

  /**
   * @param {Uint8Array} stored the ledger's bytes as they were stored last; none: a new ledger
   * @param {Uint8Array} key 32 random bytes of this device
   * @param {number} now seconds since 1970
   */
  setLedger(stored, key, now) {
    this.#lend([stored, key], (a, b) => this.core.call("set_ledger", this.handle, a.at, a.size, b.at, b.size, BigInt(now)));
  }

  free() {
    this.core.call("options_free", this.handle);
    this.handle = 0;
  }

  /**
   * @param {readonly Uint8Array[]} buffers
   * @param {(a: Lent, b: Lent) => number} call
   */
  #lend(buffers, call) {
    this.core.lend(buffers, (...lent) => {
      const [a, b] = /** @type {[Lent, Lent]} */ (lent);
      this.core.check(call(a, b));
    });
  }
}

/** One picture. */
export class Session {
  /**
   * @param {Core} core
   * @param {number} handle
   */
  constructor(core, handle) {
    this.core = core;
    this.handle = handle;
  }

  /** The next action; 0 while an answer is due. */
  next() {
    return this.core.call("next", this.handle);
  }

  /**
   * @param {number} field
   * @param {number} [index]
   */
  text(field, index = 0) {
    return text(this.core.read((at, size) => this.core.call("get_text", this.handle, field, index, at, size)));
  }

  /** @param {number} field */
  bytes(field) {
    return this.core.read((at, size) => this.core.call("get_bytes", this.handle, field, at, size));
  }

  /**
   * @param {number} field
   * @param {number} [index]
   */
  number(field, index = 0) {
    return this.core.number((at) => this.core.call("get_number", this.handle, field, index, at));
  }

  /**
   * All texts of a field by index.
   * @param {number} field
   * @param {number} count the field that says how many there are
   */
  texts(field, count) {
    return Array.from({ length: this.number(count) }, (_, i) => this.text(field, i));
  }

  /**
   * @param {number} finding its index
   * @param {string} decision slot, generalise, allow or refuse
   */
  decide(finding, decision) {
    this.#give("decision", bytes(decision), (a) => [finding, a.at]);
  }

  /** @param {boolean} isStored */
  stored(isStored) {
    this.core.check(this.core.call("give_stored", this.handle, isStored ? 1 : 0));
  }

  /**
   * @param {number} status
   * @param {Uint8Array} body
   */
  response(status, body) {
    this.#give("response", body, (a) => [status, a.at, a.size]);
  }

  /**
   * @param {number} refusal REFUSAL.UNREACHABLE or REFUSAL.DEADLINE
   * @param {string} message
   */
  failure(refusal, message) {
    this.#give("failure", bytes(message), (a) => [refusal, a.at, a.size]);
  }

  /** @param {Float32Array} values what a graph gave */
  floats(values) {
    this.#give("floats", new Uint8Array(values.buffer, values.byteOffset, values.byteLength), (a) => [a.at, values.length]);
  }

  cancel() {
    this.core.check(this.core.call("cancel", this.handle));
  }

  free() {
    this.core.call("session_free", this.handle);
    this.handle = 0;
  }

  /**
   * @param {string} what
   * @param {Uint8Array} buffer
   * @param {(lent: Lent) => number[]} values
   */
  #give(what, buffer, values) {
    this.core.lend([buffer], (lent) => {
      this.core.check(this.core.call(`give_${what}`, this.handle, ...values(/** @type {Lent} */ (lent))));
    });
  }
}

/** @param {string} words */
function bytes(words) {
  return new TextEncoder().encode(words);
}

/** @param {Uint8Array} raw */
function text(raw) {
  return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(raw);
}
