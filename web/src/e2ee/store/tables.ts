import type { Acquaintance, Memory } from '../meeting/ports.ts';
import type { Link } from '../policy/link.ts';

/** An account is kept, and others may know it again; a guest is made for one room. */
export type IdentityKind = 'account' | 'guest';

/** KeptIdentity is an Ed25519 key pair whose private part cannot be read out, and when it was made, Unix seconds. */
export interface KeptIdentity {
  readonly pair: CryptoKeyPair;
  readonly made: number;
}

/** Pin is an account that is known, and since when, Unix seconds. */
export interface Pin extends Acquaintance {
  readonly since: number;
}

/** What is kept, by table: identities by kind and room, memories and links by room, pins by identity in hex. */
export interface Tables {
  readonly identities: KeptIdentity;
  readonly memories: Memory;
  readonly links: Link;
  readonly pins: Pin;
}

export type Table = keyof Tables;

export const tables: readonly Table[] = ['identities', 'memories', 'links', 'pins'];

/** Records is where values lie. Every call is one step that no other comes between. */
export interface Records {
  /** Whether they outlive the page. */
  readonly kept: boolean;
  get<T extends Table>(table: T, key: string): Promise<Tables[T] | undefined>;
  put<T extends Table>(table: T, key: string, value: Tables[T]): Promise<void>;
  /** add keeps value unless there is one, and gives the one that is there then: two tabs make one identity. */
  add<T extends Table>(table: T, key: string, value: Tables[T]): Promise<Tables[T]>;
  /** remove takes a value away, where it is as unwanted says. */
  remove<T extends Table>(table: T, key: string, unwanted: (value: Tables[T]) => boolean): Promise<void>;
  all<T extends Table>(table: T): Promise<ReadonlyMap<string, Tables[T]>>;
}
