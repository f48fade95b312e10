const size = 1024;

/** How far below the highest counter a frame may come, in frames sealed: pictures are bound by the window alone. */
export const replayDepth = { audio: 64, video: size } as const;

/** ReplayWindow remembers which of the last 1,024 counters of one key id were here. It belongs to all receivers together. */
export class ReplayWindow {
  readonly #seen = new Uint8Array(size);
  #highest = -1;

  /** fresh tells whether a counter is new and less than depth below the highest. It remembers nothing. */
  fresh(counter: number, depth: number): boolean {
    if (counter > this.#highest) return true;
    return this.#highest - counter < depth && this.#seen[counter % size] === 0;
  }

  /** accept is fresh, and from then on the counter is not. For counters that were authenticated. */
  accept(counter: number, depth: number): boolean {
    if (!this.fresh(counter, depth)) return false;
    if (counter - this.#highest >= size) this.#seen.fill(0);
    else for (let skipped = this.#highest + 1; skipped <= counter; skipped++) this.#seen[skipped % size] = 0;
    this.#seen[counter % size] = 1;
    this.#highest = Math.max(this.#highest, counter);
    return true;
  }
}
