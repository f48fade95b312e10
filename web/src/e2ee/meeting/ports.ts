// What a meeting needs from outside: each is given to it, so that tests have their own.
import type { Keys } from '../frame/epoch.ts';
import type { Kind } from '../frame/kind.ts';
import type { Bytes } from '../policy/bytes.ts';
import type { Mode } from '../policy/charter.ts';
import type { Signer } from '../policy/signing.ts';

/** Cancel ends what has not happened yet. */
export type Cancel = () => void;

/** Clock is time and chance. */
export interface Clock {
  /** A monotonic clock, ms. */
  ms(): number;
  /** Unix time, whole seconds. It decides on credentials and ends of grants, never on validity of a commit. */
  unix(): number;
  after(ms: number, run: () => void): Cancel;
  /** From 0 to 1: spreads what many would do at one moment. */
  random(): number;
}

/** What a browser remembers of the last meeting in a room. */
export interface Memory {
  /** MLS group id. */
  readonly group: Bytes;
  /** Identities seen in that group: after a reload one of them may let us back in. */
  readonly identities: readonly Bytes[];
  /** The strictest mode ever seen in the room. */
  readonly strictest: Mode;
}

/** Acquaintance is somebody whom this browser has met before. */
export interface Acquaintance {
  readonly identity: Bytes;
  /** What it called itself then. */
  readonly name: string;
}

/** IdentityStore is what stays when the page goes. */
export interface IdentityStore {
  /** The identity of this browser in the room: of the account, or a guest's made for the room. */
  identity(room: string): Promise<Signer>;
  memory(room: string): Promise<Memory | undefined>;
  remember(room: string, memory: Memory): Promise<void>;
  /** When an identity was first pinned, Unix seconds; undefined for a stranger. */
  pinned(identity: Uint8Array): Promise<number | undefined>;
  /** Everybody who is pinned, and what each was called then: somebody else of a name that looks the same is shown as not that person. */
  acquaintances(): Promise<readonly Acquaintance[]>;
}

/** Media is the frame engine of one group (see MediaEngine in the worker folder). */
export interface Media {
  /** Seals under keys from now on; of the kinds in ask nothing is sealed until goOn. Owner: keys stay the caller's, who erases them. */
  install(keys: Keys, ask: readonly Kind[]): Promise<void>;
  /** Seals nothing until the next install. */
  halt(): void;
  /** Of these kinds, and no others, nothing is sealed until it is called again. */
  silence(kinds: readonly Kind[]): void;
  /** The user goes on, knowing who was let in up to that epoch. */
  goOn(epoch: bigint): void;
}
