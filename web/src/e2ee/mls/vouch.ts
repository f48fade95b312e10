import type { Bytes } from '../policy/bytes.ts';
import { encodeCheckpoint, signCheckpoint, type MarkedState } from '../policy/checkpoint.ts';
import { encodeRoom } from '../policy/room.ts';
import { sha256, type Signer } from '../policy/signing.ts';
import type { View } from './view.ts';

/** Vouched is a checkpoint, and the signature of the leaf. */
export interface Vouched {
  readonly signed: Bytes;
  readonly sig: Bytes;
}

/** vouchFor signs what a leaf sees of its epoch, and what its mark shows. */
export async function vouchFor({ group, epoch, transcript, tree, room }: View, mark: MarkedState, leaf: Signer): Promise<Vouched> {
  const signed = encodeCheckpoint({ v: 1, group, epoch: Number(epoch), transcript, tree, room: await sha256(encodeRoom(room)), state: mark });
  return { signed, sig: await signCheckpoint(leaf, signed) };
}
