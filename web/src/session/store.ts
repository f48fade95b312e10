import type { SessionEvent } from './event.ts';
import { reduce } from './reduce.ts';
import { initial, type State } from './state.ts';

/** Holds the one state and tells who subscribed when it changed. */
export class Store {
  #state: State = initial;
  readonly #listeners = new Set<() => void>();

  get state(): State {
    return this.#state;
  }

  dispatch(event: SessionEvent): void {
    const next = reduce(this.#state, event);
    if (next === this.#state) return;
    this.#state = next;
    for (const listener of [...this.#listeners]) listener();
  }

  /** subscribe calls listener after every change until the returned function is called. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  }
}
