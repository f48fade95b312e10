/** How long sightings count together, ms. */
const windowMs = 5000;
/** So many sightings by one way, over so long (ms), tell what one header alone could be forged to tell. */
const enough = 3;
const overMs = 500;
/** Others are still ahead as long as one of them was seen so lately, ms: the worker tells at least once a second. */
const lateMs = 1500;
/** Most sightings that are kept. */
const mostKept = 16;

interface Sighting {
  readonly by: string;
  readonly epoch: bigint;
  readonly at: number;
}

/**
 * Ahead weighs signs that others are in an epoch that we are not in. Headers of frames and messages are proved by nobody, so that one
 * of them is no reason to stop: they have to come by two ways (two leaves, or a leaf and a message), or again and again by one.
 */
export class Ahead {
  #seen: readonly Sighting[] = [];

  /** sighted adds one, and gives the lowest epoch that was sighted once it is enough. now: ms. */
  sighted(by: string, epoch: bigint, now: number): bigint | undefined {
    this.#seen = [...this.#seen.filter(({ at }) => now - at <= windowMs), { by, epoch, at: now }].slice(-mostKept);
    const ways = new Set(this.#seen.map((sighting) => sighting.by));
    const first = this.#seen[0];
    const repeated = this.#seen.length >= enough && first !== undefined && now - first.at >= overMs;
    if (ways.size < 2 && !repeated) return undefined;
    return this.#seen.reduce((lowest, sighting) => (sighting.epoch < lowest ? sighting.epoch : lowest), epoch);
  }

  /** still says whether somebody was seen ahead lately. */
  still(now: number): boolean {
    return this.#seen.some(({ at }) => now - at <= lateMs);
  }

  /** reached forgets those that are behind us by now. */
  reached(epoch: bigint): void {
    this.#seen = this.#seen.filter((sighting) => sighting.epoch > epoch);
  }
}
