import type { Bytes } from '../bytes.ts';
import type { Medium } from '../kind.ts';
import type { SealedUnit } from '../unit.ts';
import { av1 } from './av1.ts';
import { h264 } from './h264.ts';
import { vp8 } from './vp8.ts';
import { opus, vp9 } from './whole.ts';

/**
 * Piece is a stretch of a frame: bytes that stay clear and, unless the stretch is clear as a whole, what is sealed behind
 * them. The clear bytes of a sealed piece are authenticated with it.
 */
export interface Piece<Inner> {
  readonly clear: Bytes;
  readonly inner?: Inner;
}

/**
 * Codec says which bytes of a frame stay clear for the packetizer and for a server that forwards, and how sealed frames are
 * laid out. All four functions are pure. Owner: pieces are views of the frame given. Errors: Refusal `empty`, `malformed`.
 */
export interface Codec {
  readonly medium: Medium;
  /** split takes an encoder's frame apart; at least one piece has an inner part, of plaintext. */
  readonly split: (frame: Bytes) => readonly Piece<Bytes>[];
  /** pack lays out the pieces once they are sealed. */
  readonly pack: (pieces: readonly Piece<SealedUnit>[]) => Bytes;
  /** unpack takes a sealed frame apart; at least one piece is sealed. */
  readonly unpack: (frame: Bytes) => readonly Piece<SealedUnit>[];
  /** merge lays out the pieces once they are opened, for the decoder. */
  readonly merge: (pieces: readonly Piece<Bytes>[]) => Bytes;
}

const codecs: Readonly<Record<string, Codec>> = {
  'audio/opus': opus,
  'video/vp8': vp8,
  'video/vp9': vp9,
  'video/h264': h264,
  'video/av1': av1,
};

/** codecOf finds the codec of a MIME type, in any case; undefined for one that is not sealed and so never sent. */
export function codecOf(mimeType: string): Codec | undefined {
  const name = mimeType.toLowerCase();
  return Object.hasOwn(codecs, name) ? codecs[name] : undefined;
}
