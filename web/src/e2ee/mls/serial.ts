/** Serial runs pieces of work one after another, in the order in which they were given: what one begins, no other sees half done. */
export class Serial {
  #last: Promise<unknown> = Promise.resolve();

  /** run gives the result of work, which begins when everything given before has ended, well or badly. */
  run<T>(work: () => Promise<T>): Promise<T> {
    const result = this.#last.then(work, work);
    this.#last = result.catch(() => undefined);
    return result;
  }
}
