import { Refusal } from './refusal.ts';

/** Source is who sends, and for a browser which of its transceivers of one kind: what a key id says apart from the epoch. */
export type Source =
  | { readonly type: 'leaf'; readonly leaf: number; readonly track: number }
  /** A telephone system under grant `n`, of which 5 bits are carried, and its line `leg`. */
  | { readonly type: 'grantee'; readonly n: number; readonly leg: number };

/** KeyID is a source and the lowest 8 bits of the epoch. */
export interface KeyID {
  readonly source: Source;
  readonly epochByte: number;
}

/** The values that fit: tracks of one kind, leafs and legs, residues of a grant number. */
export const maxTracks = 32;
export const maxLeafs = 1024;
export const grantResidues = 32;

/**
 * encodeKeyID packs a key id into 24 bits, highest first: 0, track 5, leaf 10, epoch 8 for a browser; 1, n mod 32: 5, leg 10,
 * epoch 8 for a grantee. After RFC 9605, section 5.2.
 */
export function encodeKeyID(id: KeyID): number {
  const { source } = id;
  const sender = source.type === 'leaf'
    ? (source.track << 10) | source.leaf
    : (1 << 15) | ((source.n % grantResidues) << 10) | source.leg;
  return (sender << 8) | id.epochByte;
}

/** decodeKeyID unpacks one; of a grant it knows `n mod 32` only. Errors: Refusal `malformed` above 24 bits. */
export function decodeKeyID(kid: bigint): KeyID {
  if (kid >> 24n !== 0n) throw new Refusal('malformed');
  const value = Number(kid);
  const upper = (value >> 18) & 31;
  const lower = (value >> 8) & 1023;
  const source: Source = value >> 23 === 1 ? { type: 'grantee', n: upper, leg: lower } : { type: 'leaf', track: upper, leaf: lower };
  return { source, epochByte: value & 255 };
}

/** sameSource compares what key ids can tell apart. */
export function sameSource(a: Source, b: Source): boolean {
  if (a.type === 'leaf') return b.type === 'leaf' && a.leaf === b.leaf && a.track === b.track;
  return b.type === 'grantee' && a.n % grantResidues === b.n % grantResidues && a.leg === b.leg;
}
