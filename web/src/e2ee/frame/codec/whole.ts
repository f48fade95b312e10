import { noBytes, type Bytes } from '../bytes.ts';
import type { Medium } from '../kind.ts';
import { Refusal } from '../refusal.ts';
import { readPrefix, writePrefix, type SealedUnit } from '../unit.ts';
import type { Codec, Piece } from './codec.ts';

/** A codec of which nothing needs to stay clear: the packetizer describes its frames outside of them. */
function whole(medium: Medium): Codec {
  return {
    medium,
    split: (frame) => [{ clear: noBytes, inner: filled(frame) }],
    pack: (pieces) => writePrefix(only(pieces)),
    unpack: (frame) => [{ clear: noBytes, inner: readPrefix(filled(frame)) }],
    merge: (pieces) => only(pieces),
  };
}

function filled(frame: Bytes): Bytes {
  if (frame.length === 0) throw new Refusal('empty');
  return frame;
}

function only<Inner extends Bytes | SealedUnit>(pieces: readonly Piece<Inner>[]): Inner {
  const inner = pieces[0]?.inner;
  if (inner === undefined) throw new Refusal('malformed');
  return inner;
}

/** Opus, header first and nothing clear. */
export const opus: Codec = whole('audio');

/** VP9, likewise: its payload descriptor is outside of the frame. */
export const vp9: Codec = whole('video');
