import type { Bytes } from './bytes.ts';
import { Counter } from './counter.ts';
import { encodeKeyID, grantResidues, maxTracks, type KeyID, type Source } from './keyid.ts';
import { checkKeys } from './keycheck.ts';
import { kindCode, kinds, type Kind } from './kind.ts';
import { importBaseKey, SFrameKey, type BaseKey } from './sframe.ts';
import { SenderTag } from './tag.ts';
import { ReplayWindow } from './window.ts';

/** GrantKeys is one grant in force: which lines of a telephone system may hear and speak. */
export interface GrantKeys {
  /** The number of the grant; it never comes twice in a group. */
  readonly n: number;
  /** Numbers of its legs, below 1,024. */
  readonly legs: readonly number[];
  /** The kinds whose keys it was given, and those it may send. */
  readonly scope: readonly Kind[];
  readonly speak: readonly Kind[];
  /** Its base keys, 16 bytes each: one for each kind in speak; others may be there, to tell when it oversteps. */
  readonly keys: Readonly<Partial<Record<Kind, Bytes>>>;
}

/** Keys is all that frames need of one epoch of the group. The bytes are copied and may be erased once Epoch.of is done. */
export interface Keys {
  /** The epoch of the group, 64 bits. */
  readonly epoch: bigint;
  /** Our own leaf, and those of all members (our own among them), below 1,024. */
  readonly leaf: number;
  readonly roster: readonly number[];
  /** The leafs whose member was removed by the commit that made this epoch, even where another member now has the number. */
  readonly removed: readonly number[];
  readonly grants: readonly GrantKeys[];
  /** Base keys of the members, 16 bytes each. */
  readonly media: Readonly<Record<Kind, Bytes>>;
  /** The key of sender tags, 32 bytes; no grantee has it. */
  readonly tag: Bytes;
}

/** Grant is one that an epoch knows. */
export type Grant = Omit<GrantKeys, 'keys'>;

/**
 * Epoch is what frames of one epoch are sealed and opened with: its keys, which cannot be read out, its counters and its replay
 * windows. There is one Epoch for an epoch, shared by all senders and receivers, or counters would repeat.
 */
export class Epoch {
  readonly number: bigint;
  /** The lowest 8 bits of number, which key ids carry. */
  readonly byte: number;
  readonly leaf: number;
  readonly roster: ReadonlySet<number>;
  readonly removed: readonly number[];
  readonly grants: readonly Grant[];
  readonly tag: SenderTag;
  readonly #bases: ReadonlyMap<string, BaseKey>;
  readonly #tagged: ReadonlySet<Kind>;
  readonly #keys = new Map<number, SFrameKey>();
  readonly #counters = new Map<number, Counter>();
  readonly #windows = new Map<number, ReplayWindow>();

  private constructor(keys: Keys, tag: SenderTag, bases: ReadonlyMap<string, BaseKey>) {
    this.number = keys.epoch;
    this.byte = Number(keys.epoch & 0xffn);
    this.leaf = keys.leaf;
    this.roster = new Set(keys.roster);
    this.removed = [...keys.removed];
    this.grants = keys.grants.map(({ n, legs, scope, speak }) => ({ n, legs: [...legs], scope: [...scope], speak: [...speak] }));
    this.tag = tag;
    this.#bases = bases;
    this.#tagged = new Set(keys.grants.flatMap((grant) => grant.scope));
  }

  /** of takes keys in. Errors: KeysError where they do not fit together. */
  static async of(keys: Keys): Promise<Epoch> {
    checkKeys(keys);
    const bases = new Map<string, BaseKey>();
    for (const kind of kinds) bases.set(baseName(kind), await importBaseKey(keys.media[kind]));
    for (const grant of keys.grants) {
      for (const kind of kinds) {
        const secret = grant.keys[kind];
        if (secret !== undefined) bases.set(baseName(kind, grant.n), await importBaseKey(secret));
      }
    }
    return new Epoch(keys, await SenderTag.of(keys.tag), bases);
  }

  /** tagged tells whether frames of members bear a sender tag: when anybody else was given the key of their kind. */
  tagged(kind: Kind): boolean {
    return this.#tagged.has(kind);
  }

  /** grant finds the one that a key id can mean: those in force differ in what it carries of their number. */
  grant(n: number): Grant | undefined {
    return this.grants.find((grant) => grant.n % grantResidues === n % grantResidues);
  }

  /** counter is the one counter of our own track. */
  counter(kind: Kind, track: number): Counter {
    return entry(this.#counters, kindCode(kind) * maxTracks + track, () => new Counter());
  }

  /** window is the one replay window of a key id. It is asked for what was authenticated, so that nobody else fills memory. */
  window(kind: Kind, source: Source): ReplayWindow {
    return entry(this.#windows, this.#slot(kind, source), () => new ReplayWindow());
  }

  /** knownWindow is the window if there is one yet. */
  knownWindow(kind: Kind, source: Source): ReplayWindow | undefined {
    return this.#windows.get(this.#slot(kind, source));
  }

  /**
   * key derives the key of a source, or takes the one that was kept; undefined where its base key was not given. A key that
   * nothing was opened with yet is not kept: headers are cheap to make up.
   */
  async key(kind: Kind, source: Source): Promise<SFrameKey | undefined> {
    const known = this.#keys.get(this.#slot(kind, source));
    if (known !== undefined) return known;
    const grant = source.type === 'grantee' ? this.grant(source.n) : undefined;
    if (source.type === 'grantee' && grant === undefined) return undefined;
    const base = this.#bases.get(baseName(kind, grant?.n));
    return base === undefined ? undefined : SFrameKey.derive(4, BigInt(encodeKeyID(this.id(source))), base);
  }

  /** keep holds on to a key that proved good, or is our own. */
  keep(kind: Kind, source: Source, key: SFrameKey): void {
    this.#keys.set(this.#slot(kind, source), key);
  }

  /** id is the key id of a source in this epoch. */
  id(source: Source): KeyID {
    return { source, epochByte: this.byte };
  }

  #slot(kind: Kind, source: Source): number {
    return kindCode(kind) * 2 ** 24 + encodeKeyID(this.id(source));
  }
}

function baseName(kind: Kind, n?: number): string {
  return n === undefined ? kind : `${kind} ${n}`;
}

function entry<V>(map: Map<number, V>, key: number, make: () => V): V {
  let value = map.get(key);
  if (value === undefined) {
    value = make();
    map.set(key, value);
  }
  return value;
}
