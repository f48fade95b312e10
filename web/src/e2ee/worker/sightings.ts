import type { Clock } from '../frame/epochs.ts';

/** While a leaf stays where it is it is told again after so long, ms: a laggard is one who goes on, not one who once was late. */
const againMs = 1000;
/** For so long somebody may be ahead of us without a word, ms: commits do not reach all at one moment. */
const aheadMs = 500;
/** Then it is told so often, ms, and what refutes it as well: the meeting wants more than one sign (see Claims). */
const aheadAgainMs = 250;

interface Sighting {
  readonly epochByte: number;
  readonly since: number;
  told: number | undefined;
}

/** Sightings chooses which frames are worth a word about the epoch that their leaf sends under. */
export class Sightings {
  readonly #now: Clock;
  /** By leaf, of which there are a thousand at most: what frames say of themselves, and what was opened. */
  readonly #claimed = new Map<number, Sighting>();
  readonly #proved = new Map<number, Sighting>();

  constructor(now: Clock) {
    this.#now = now;
  }

  /**
   * worth says whether to tell of a frame of that leaf; currentByte is that of our own epoch. That somebody is where we are is told of
   * opened frames only: of others it means nothing.
   */
  worth(leaf: number, epochByte: number, currentByte: number, proved: boolean): boolean {
    if (!proved && epochByte === currentByte) return false;
    const now = this.#now();
    const all = proved ? this.#proved : this.#claimed;
    let last = all.get(leaf);
    if (last?.epochByte !== epochByte) {
      last = { epochByte, since: now, told: undefined };
      all.set(leaf, last);
    }
    const ahead = isAhead(epochByte, currentByte);
    if (ahead && now - last.since < aheadMs) return false;
    if (last.told !== undefined && now - last.told < (ahead || this.#doubted(leaf, currentByte) ? aheadAgainMs : againMs)) return false;
    last.told = now;
    return true;
  }

  /** doubted: other frames have lately said that the leaf is ahead of us. */
  #doubted(leaf: number, currentByte: number): boolean {
    const claimed = this.#claimed.get(leaf);
    return claimed?.told !== undefined && isAhead(claimed.epochByte, currentByte) && this.#now() - claimed.told < againMs;
  }
}

function isAhead(epochByte: number, currentByte: number): boolean {
  const distance = (epochByte - currentByte) & 0xff;
  return distance > 0 && distance < 128;
}
