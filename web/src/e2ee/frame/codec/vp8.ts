import { join, type Bytes } from '../bytes.ts';
import { Refusal } from '../refusal.ts';
import { readTrailer, writeTrailer } from '../unit.ts';
import type { Codec } from './codec.ts';

/**
 * How much of a frame stays clear, bytes: the first byte tells key frames; those also carry start code and size (RFC 6386,
 * section 9.1), so that a server sees the resolution.
 */
function clearBytes(frame: Bytes): number {
  const first = frame[0];
  if (first === undefined) throw new Refusal('empty');
  const size = (first & 1) === 0 ? 10 : 1;
  if (frame.length <= size) throw new Refusal('malformed');
  return size;
}

/** VP8: one unit behind 1 clear byte, or 10 in a key frame. */
export const vp8: Codec = {
  medium: 'video',
  split: (frame) => {
    const size = clearBytes(frame);
    return [{ clear: frame.subarray(0, size), inner: frame.subarray(size) }];
  },
  pack: (pieces) => join(pieces.flatMap(({ clear, inner }) => (inner === undefined ? [] : [clear, writeTrailer(inner)]))),
  unpack: (frame) => {
    const size = clearBytes(frame);
    return [{ clear: frame.subarray(0, size), inner: readTrailer(frame.subarray(size)) }];
  },
  merge: (pieces) => join(pieces.flatMap(({ clear, inner }) => (inner === undefined ? [] : [clear, inner]))),
};
