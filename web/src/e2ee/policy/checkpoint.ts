import type { Bytes } from './bytes.ts';
import { decodeCbor, encodeCbor } from './cbor.ts';
import { PolicyError } from './policy_error.ts';
import { blob, bytes, oneOf, record, version, whole } from './record.ts';
import { signLabelled, type Signer } from './signing.ts';

/** What the mark of a browser can show; see docs/e2ee-log.md. */
export const markedStates = ['sealed', 'asked', 'audioOpen', 'mediaOpen', 'sealing', 'broken'] as const;

/** MarkedState is one of them. */
export type MarkedState = (typeof markedStates)[number];

const checkpointField = record({
  v: version,
  /** MLS group id. */
  group: bytes(16),
  epoch: whole(),
  /** Confirmed transcript hash (RFC 9420, 8.2): 32 bytes, none in the first epoch. */
  transcript: blob,
  /** Tree hash (RFC 9420, 7.8). */
  tree: bytes(32),
  /** SHA-256 of the encoded policy. */
  room: bytes(32),
  state: oneOf(markedStates),
});

/** Checkpoint is what a browser vouches for with its leaf key, for the meeting's log. */
export type Checkpoint = ReturnType<typeof checkpointField>;

/** encodeCheckpoint is what is signed. */
export function encodeCheckpoint(checkpoint: Checkpoint): Bytes {
  return encodeCbor({ ...checkpoint });
}

/** decodeCheckpoint reads a checkpoint; it proves nothing. Errors: PolicyError. */
export function decodeCheckpoint(encoded: Uint8Array): Checkpoint {
  const checkpoint = checkpointField(decodeCbor(encoded), 'checkpoint');
  const { epoch, transcript } = checkpoint;
  if (transcript.length !== 32 && (epoch > 0 || transcript.length > 0)) throw new PolicyError('malformed', 'checkpoint.transcript');
  return checkpoint;
}

/** signCheckpoint signs what encodeCheckpoint gave, as the leaf. */
export function signCheckpoint(leaf: Signer, encoded: Bytes): Promise<Bytes> {
  return signLabelled(leaf, 'legroom/1 checkpoint', encoded);
}
