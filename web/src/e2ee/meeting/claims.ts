/** How long sightings count together, ms. */
const windowMs = 5000;
/** So many sightings of one, over so long (ms), are more than frames that crossed a commit. */
const enough = 3;
const overMs = 500;
/** Somebody is still ahead who was seen so lately, ms: the worker tells at least once a second. */
const lateMs = 1500;

/** Ahead is who seems to be: a leaf, by its frames; or whoever wrote the messages that the service passes on, which does not show. */
export type Ahead = number | 'messages';

interface Sighting {
  /** The lowest epoch that was sighted, and the one that we were in. */
  readonly epoch: bigint;
  readonly ours: bigint;
  readonly first: number;
  readonly last: number;
  readonly times: number;
}

/**
 * Claims weighs signs that others are in an epoch that we are not in. They are headers, which nobody proves: all that they are good
 * for is a question. Who is heard under keys that we have was not ahead.
 */
export class Claims {
  /** By leaf, of which there are a thousand at most. */
  readonly #seen = new Map<Ahead, Sighting>();

  /** sighted adds one; ours is the epoch that we are in, now is ms. It gives the lowest epoch of that one once it is worth a question. */
  sighted(by: Ahead, epoch: bigint, ours: bigint, now: number): bigint | undefined {
    const known = this.#seen.get(by);
    const before = known !== undefined && now - known.last <= windowMs ? known : { epoch, ours, first: now, times: 0 };
    const seen = { ...before, epoch: epoch < before.epoch ? epoch : before.epoch, last: now, times: before.times + 1 };
    this.#seen.set(by, seen);
    return seen.times >= enough && now - seen.first >= overMs ? seen.epoch : undefined;
  }

  /** still says whether that one was seen ahead lately. */
  still(by: Ahead, now: number): boolean {
    const seen = this.#seen.get(by);
    return seen !== undefined && now - seen.last <= lateMs;
  }

  /** heard: something of that leaf was opened under keys of that epoch. It says whether that refutes what was sighted. */
  heard(leaf: number, epoch: bigint): boolean {
    const seen = this.#seen.get(leaf);
    return seen !== undefined && epoch >= seen.ours && this.#seen.delete(leaf);
  }

  /** reached forgets those who are not ahead of us any more. */
  reached(epoch: bigint): void {
    for (const [by, seen] of this.#seen) if (seen.epoch <= epoch) this.#seen.delete(by);
  }

  /** clear forgets all. */
  clear(): void {
    this.#seen.clear();
  }
}
