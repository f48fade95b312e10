import type { Epoch, Grant } from './epoch.ts';
import { KeysError } from './keycheck.ts';
import type { Source } from './keyid.ts';

/** How many epochs are held at most, the current one among them. */
export const maxEpochs = 4;

/** How long frames of an epoch that was left behind are still opened, ms: less when somebody was shut out. */
export const retention = { joined: 5000, shutOut: 2000 } as const;

/** Clock gives ms from any fixed moment on, never back. */
export type Clock = () => number;

interface Held {
  readonly epoch: Epoch;
  /** When it is let go of; the current epoch has no end. */
  until: number;
  /** Who was shut out since, and is not heard any more though the keys are still here. */
  readonly leafs: Set<number>;
  readonly grants: Set<number>;
}

/** Epochs holds the current epoch, under which all is sealed, and for a short while the ones before. */
export class Epochs {
  readonly #now: Clock;
  #held: readonly Held[] = [];

  constructor(now: Clock) {
    this.#now = now;
  }

  /** current is the epoch to seal under; undefined before the first. */
  get current(): Epoch | undefined {
    return this.#held[0]?.epoch;
  }

  /** retained is how many earlier epochs can still be opened: while there are any, one who was shut out may still forge. */
  get retained(): number {
    this.#sweep();
    return Math.max(0, this.#held.length - 1);
  }

  /** install makes epoch the current one. Errors: KeysError `epoch` unless its number rises. */
  install(epoch: Epoch): void {
    const before = this.current;
    if (before !== undefined && epoch.number <= before.number) throw new KeysError('epoch');
    this.#sweep();
    const leafs = before === undefined ? [] : [...epoch.removed, ...[...before.roster].filter((leaf) => !epoch.roster.has(leaf))];
    const grants = before === undefined ? [] : before.grants.filter((old) => !epoch.grants.some((grant) => grant.n === old.n));
    const until = this.#now() + (leafs.length + grants.length > 0 ? retention.shutOut : retention.joined);
    for (const held of this.#held) {
      held.until = Math.min(held.until, until);
      for (const leaf of leafs) held.leafs.add(leaf);
      for (const grant of grants) held.grants.add(grant.n);
    }
    const current = { epoch, until: Infinity, leafs: new Set<number>(), grants: new Set<number>() };
    // A key id carries one byte of the epoch: it has to name one.
    this.#held = [current, ...this.#held.filter((held) => held.epoch.byte !== epoch.byte)].slice(0, maxEpochs);
  }

  /** find is the held epoch of that byte; there is one at most. */
  find(byte: number): Epoch | undefined {
    this.#sweep();
    return this.#held.find((held) => held.epoch.byte === byte)?.epoch;
  }

  /** coming tells that the byte names the epoch after the current one, which may be here in a moment. */
  coming(byte: number): boolean {
    const { current } = this;
    return current !== undefined && byte === ((current.byte + 1) & 255) && this.find(byte) === undefined;
  }

  /** admits tells whether a source was in that epoch and was not shut out since. Of a grantee: its grant, of any leg. */
  admits(epoch: Epoch, source: Source): boolean {
    const held = this.#held.find((h) => h.epoch === epoch);
    if (held === undefined) return false;
    if (source.type === 'leaf') return epoch.roster.has(source.leaf) && !held.leafs.has(source.leaf);
    const grant: Grant | undefined = epoch.grant(source.n);
    return grant !== undefined && !held.grants.has(grant.n);
  }

  #sweep(): void {
    const now = this.#now();
    if (this.#held.some((held) => held.until <= now)) this.#held = this.#held.filter((held) => held.until > now);
  }
}
