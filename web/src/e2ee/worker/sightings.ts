import type { Clock } from '../frame/epochs.ts';

/** While a leaf stays where it is it is told again after so long, ms: a laggard is one who goes on, not one who once was late. */
const againMs = 1000;
/** For so long somebody may be ahead of us without a word, ms: commits do not reach all at one moment. */
const aheadMs = 500;
/** Then it is told so often, ms: the meeting wants more than one sign (see Ahead). */
const aheadAgainMs = 250;

interface Sighting {
  readonly epochByte: number;
  readonly since: number;
  told: number | undefined;
}

/** Sightings chooses which frames are worth a word about the epoch that their leaf sends under. */
export class Sightings {
  readonly #now: Clock;
  /** By leaf, of which there are a thousand at most. */
  readonly #last = new Map<number, Sighting>();

  constructor(now: Clock) {
    this.#now = now;
  }

  /** worth says whether to tell of a frame of that leaf; currentByte is that of our own epoch. */
  worth(leaf: number, epochByte: number, currentByte: number): boolean {
    const now = this.#now();
    let last = this.#last.get(leaf);
    if (last?.epochByte !== epochByte) {
      last = { epochByte, since: now, told: undefined };
      this.#last.set(leaf, last);
    }
    const distance = (epochByte - currentByte) & 0xff;
    const ahead = distance > 0 && distance < 128;
    if (ahead && now - last.since < aheadMs) return false;
    if (last.told !== undefined && now - last.told < (ahead ? aheadAgainMs : againMs)) return false;
    last.told = now;
    return true;
  }
}
