import { Refusal } from './refusal.ts';

/** The first value that is never used: then the sender stops. */
export const counterEnd = 2 ** 32;

/**
 * Counter numbers what is sealed under one base key and key id: all layers, slices and OBUs of a track together. There is one
 * for each (epoch, kind, track), and it is never made anew: a value that came twice would give away the difference of two
 * pictures.
 */
export class Counter {
  #next: number;

  constructor(first = 0) {
    this.#next = first;
  }

  /**
   * take reserves count values in a row and gives the first. It returns before anything is awaited, so that no two frames can
   * get the same. Errors: Refusal `exhausted`, and then for ever.
   */
  take(count: number): number {
    const first = this.#next;
    if (first + count > counterEnd) {
      this.#next = counterEnd;
      throw new Refusal('exhausted');
    }
    this.#next = first + count;
    return first;
  }
}
