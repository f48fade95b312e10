import { PageRecords } from './page_records.ts';
import { tables, type Records, type Table, type Tables } from './tables.ts';

const databaseName = 'legroom';
const version = 1;
/** How long another tab may keep the database from opening, ms. */
const patienceMs = 2000;

/** openRecords opens what this browser keeps; where it keeps nothing (IndexedDB is off, full or broken), records that end with the page. */
export async function openRecords(): Promise<Records> {
  try {
    return new DatabaseRecords(await openDatabase());
  } catch {
    return new PageRecords();
  }
}

/** DatabaseRecords lie in IndexedDB. A CryptoKey in it stays what it is: one that cannot be read out cannot be read out of there. */
class DatabaseRecords implements Records {
  readonly kept = true;
  readonly #database: IDBDatabase;

  constructor(database: IDBDatabase) {
    this.#database = database;
    // Another tab has a newer version of us: it must not wait for this one.
    database.onversionchange = () => database.close();
  }

  get<T extends Table>(table: T, key: string): Promise<Tables[T] | undefined> {
    return this.#step(table, 'readonly', async (store) => read(store, table, key));
  }

  put<T extends Table>(table: T, key: string, value: Tables[T]): Promise<void> {
    return this.#step(table, 'readwrite', async (store) => {
      await done(store.put(value, key));
    });
  }

  add<T extends Table>(table: T, key: string, value: Tables[T]): Promise<Tables[T]> {
    return this.#step(table, 'readwrite', async (store) => {
      const there = await read(store, table, key);
      if (there === undefined) await done(store.put(value, key));
      return there ?? value;
    });
  }

  remove<T extends Table>(table: T, key: string, unwanted: (value: Tables[T]) => boolean): Promise<void> {
    return this.#step(table, 'readwrite', async (store) => {
      const there = await read(store, table, key);
      if (there !== undefined && unwanted(there)) await done(store.delete(key));
    });
  }

  all<T extends Table>(table: T): Promise<ReadonlyMap<string, Tables[T]>> {
    return this.#step(table, 'readonly', async (store) => {
      const [keys, values] = await Promise.all([done(store.getAllKeys()), done(store.getAll())]);
      return new Map(keys.flatMap((key, i) => (typeof key === 'string' ? [[key, values[i] as Tables[T]]] : [])));
    });
  }

  /** step runs within one transaction. Work may wait for its own requests only, or the transaction ends meanwhile. */
  async #step<R>(table: Table, mode: IDBTransactionMode, work: (store: IDBObjectStore) => Promise<R>): Promise<R> {
    const transaction = this.#database.transaction(table, mode);
    const ended = new Promise<void>((resolve, reject) => {
      transaction.oncomplete = () => resolve();
      transaction.onabort = () => reject(transaction.error ?? new DOMException('', 'AbortError'));
    });
    const [result] = await Promise.all([work(transaction.objectStore(table)), ended]);
    return result;
  }
}

async function read<T extends Table>(store: IDBObjectStore, _: T, key: string): Promise<Tables[T] | undefined> {
  return (await done(store.get(key))) as Tables[T] | undefined; // only our own version writes this table
}

function openDatabase(): Promise<IDBDatabase> {
  const request = indexedDB.open(databaseName, version);
  request.onupgradeneeded = () => {
    for (const table of tables) request.result.createObjectStore(table);
  };
  return new Promise((resolve, reject) => {
    setTimeout(reject, patienceMs, new DOMException('', 'TimeoutError'));
    done(request).then(resolve, reject);
  });
}

function done<R>(request: IDBRequest<R>): Promise<R> {
  return new Promise((resolve, reject) => {
    request.onsuccess = () => resolve(request.result);
    request.onerror = () => reject(request.error ?? new DOMException('', 'UnknownError'));
  });
}
