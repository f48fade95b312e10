import { Refusal } from '../frame/refusal.ts';
import type { Kind } from '../frame/kind.ts';

/** Gate tells which kinds may be sealed at the moment, whatever keys there are. */
export class Gate {
  /** Kinds that wait for the user's word, each with the latest epoch that asks for it. */
  readonly #asking = new Map<Kind, bigint>();
  #silenced: ReadonlySet<Kind> = new Set();
  #halted = false;

  /**
   * installed tells that frames are sealed under epoch from now on, which grants those kinds to others. Nothing of the kinds in
   * ask is sealed until the user goes on. A kind that is not granted any more needs no word.
   */
  installed(epoch: bigint, granted: ReadonlySet<Kind>, ask: readonly Kind[]): void {
    for (const kind of this.#asking.keys()) if (!granted.has(kind)) this.#asking.delete(kind);
    for (const kind of ask) this.#asking.set(kind, epoch);
    this.#halted = false;
  }

  /** goOn takes the user's word for all that was asked up to an epoch, and for nothing later. */
  goOn(epoch: bigint): void {
    for (const [kind, asked] of this.#asking) if (asked <= epoch) this.#asking.delete(kind);
  }

  /** silence holds these kinds back, and no others, until it is called again. */
  silence(kinds: readonly Kind[]): void {
    this.#silenced = new Set(kinds);
  }

  /** halt holds everything back until the next epoch is installed. */
  halt(): void {
    this.#halted = true;
  }

  get asking(): readonly Kind[] {
    return [...this.#asking.keys()];
  }

  /** check lets a kind pass. Errors: Refusal `muted`. */
  check(kind: Kind): void {
    if (this.#halted || this.#silenced.has(kind) || this.#asking.has(kind)) throw new Refusal('muted');
  }
}
