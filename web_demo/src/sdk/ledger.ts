// The ledger's bytes and this device's key, in IndexedDB: what k-subset has drawn and spent (edge_sdk/ledger).
//
// The core says what is in it; here it is kept. A draw is on disk before anything is sent, and two tabs take turns.
import { ObclipError } from "./errors.js";

const DATABASE = "obclip";
const STORE = "ledger";
const LOCK = "obclip ledger";
const KEY_BYTES = 32;

export interface Stored {
  /** Empty: a new ledger. */
  readonly bytes: Uint8Array;
  /** 32 random bytes of this device. */
  readonly key: Uint8Array;
}

/**
 * Read the ledger, decide and store, with no other tab in between.
 * @throws ObclipError LedgerError: this browser cannot keep one, or what it kept is damaged. Nothing was sent.
 */
export async function withLedger<T>(use: (ledger: OpenLedger) => Promise<T>, signal?: AbortSignal): Promise<T> {
  const locks = (globalThis.navigator as Navigator | undefined)?.locks;
  if (locks === undefined || globalThis.indexedDB === undefined) throw refusal("it has no IndexedDB or no locks: take a newer one, and https");
  return locks.request(LOCK, signal === undefined ? {} : { signal }, async () => {
    const database = await open();
    try {
      return await use(new OpenLedger(database));
    } finally {
      database.close();
    }
  });
}

/** What is only looked at: a dry run. Without a ledger there is no key yet, and none is made for good. */
export async function peekLedger(): Promise<Stored> {
  return withLedger(async (ledger) => await ledger.peek() ?? { bytes: new Uint8Array(), key: makeKey() });
}

export class OpenLedger {
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
  }

  /** The key is made, and kept, when it is first asked for. */
  async read(): Promise<Stored> {
    const found = await this.peek();
    if (found !== null) return found;
    const key = makeKey();
    await this.#write("key", key);
    return { bytes: new Uint8Array(), key };
  }

  /** Null: there is none yet. */
  async peek(): Promise<Stored | null> {
    const store = this.#database.transaction(STORE).objectStore(STORE);
    const [bytes, key] = await Promise.all([done(store.get("bytes")), done(store.get("key"))]);
    if (bytes === undefined && key === undefined) return null;
    const isWhole = key instanceof Uint8Array && key.length === KEY_BYTES && (bytes === undefined || bytes instanceof Uint8Array);
    if (!isWhole) throw damaged();
    return { bytes: bytes ?? new Uint8Array(), key };
  }

  /** On disk when it resolves; false: it could not be stored. */
  async store(bytes: Uint8Array): Promise<boolean> {
    try {
      await this.#write("bytes", bytes);
      return true;
    } catch {
      return false;
    }
  }

  #write(name: string, value: Uint8Array): Promise<void> {
    return new Promise((resolve, reject) => {
      const transaction = this.#database.transaction(STORE, "readwrite", { durability: "strict" });
      transaction.oncomplete = () => resolve();
      transaction.onerror = transaction.onabort = () => reject(refusal(transaction.error?.message ?? "it has no room for it"));
      transaction.objectStore(STORE).put(value, name);
    });
  }
}

function makeKey(): Uint8Array {
  return crypto.getRandomValues(new Uint8Array(KEY_BYTES));
}

function open(): Promise<IDBDatabase> {
  return new Promise((resolve, reject) => {
    const request = indexedDB.open(DATABASE, 1);
    request.onupgradeneeded = () => request.result.createObjectStore(STORE);
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(refusal(request.error?.message ?? "it is switched off"));
  });
}

function done(request: IDBRequest): Promise<unknown> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(refusal(request.error?.message ?? "it cannot be read"));
  });
}

function refusal(why: string): ObclipError {
  return new ObclipError("LedgerError", `this browser cannot keep the ledger (${why}): take another mechanism than k-subset, or a window that is not private. Nothing was sent`);
}

function damaged(): ObclipError {
  return new ObclipError("LedgerError", "the ledger in this browser is damaged: clear this site's data to begin a new one (what was spent is forgotten). Nothing was sent");
}
