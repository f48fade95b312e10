import { tables, type Records, type Table, type Tables } from './tables.ts';

/** PageRecords end with the page: for a browser that keeps nothing, and for tests. */
export class PageRecords implements Records {
  readonly kept = false;
  readonly #tables = new Map<Table, Map<string, unknown>>(tables.map((table) => [table, new Map<string, unknown>()]));

  get<T extends Table>(table: T, key: string): Promise<Tables[T] | undefined> {
    return Promise.resolve(this.#look(table, key));
  }

  put<T extends Table>(table: T, key: string, value: Tables[T]): Promise<void> {
    this.#tables.get(table)?.set(key, value);
    return Promise.resolve();
  }

  async add<T extends Table>(table: T, key: string, value: Tables[T]): Promise<Tables[T]> {
    const there = this.#look(table, key);
    if (there !== undefined) return there;
    await this.put(table, key, value);
    return value;
  }

  remove<T extends Table>(table: T, key: string, unwanted: (value: Tables[T]) => boolean): Promise<void> {
    const there = this.#look(table, key);
    if (there !== undefined && unwanted(there)) this.#tables.get(table)?.delete(key);
    return Promise.resolve();
  }

  all<T extends Table>(table: T): Promise<ReadonlyMap<string, Tables[T]>> {
    return Promise.resolve(new Map(this.#tables.get(table)) as Map<string, Tables[T]>);
  }

  #look<T extends Table>(table: T, key: string): Tables[T] | undefined {
    return this.#tables.get(table)?.get(key) as Tables[T] | undefined; // what put and add took, and nothing else
  }
}
