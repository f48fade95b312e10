import { join, type Bytes } from '../bytes.ts';
import { Refusal } from '../refusal.ts';
import { readTrailer, writeTrailer, type SealedUnit } from '../unit.ts';
import type { Codec, Piece } from './codec.ts';
import { escape, unescape, zeroRun } from './escape.ts';

const forbiddenBit = 0x80;
const maxSliceType = 9;
const maxParameterSet = 255;

const startCode: Bytes = Uint8Array.of(0, 0, 0, 1);

/** How NAL units pass (ITU-T H.264, table 7-1); any type not named here drops the frame. */
const passage: Readonly<Record<number, 'sealed' | 'clear' | 'dropped'>> = {
  1: 'sealed', 5: 'sealed', // slices
  7: 'clear', 8: 'clear', // sequence and picture parameter sets: a server reads the size there, receivers rewrite them
  6: 'dropped', 9: 'dropped', 12: 'dropped', // SEI, access unit delimiter, filler
};

/** pieces takes an access unit in byte stream format apart; inner gives what is sealed of a slice behind its clear bytes. */
function pieces<Inner>(frame: Bytes, inner: (rest: Bytes, clear: Bytes) => Inner): readonly Piece<Inner>[] {
  if (frame.length === 0) throw new Refusal('empty');
  const found: Piece<Inner>[] = [];
  let sealed = 0;
  for (const nal of nalUnits(frame)) {
    const header = nal[0];
    if (header === undefined) throw new Refusal('malformed');
    const pass = header & forbiddenBit ? undefined : passage[header & 31];
    if (pass === undefined) throw new Refusal('unit');
    if (pass === 'clear') found.push({ clear: nal });
    if (pass === 'sealed') {
      const clear = nal.subarray(0, sliceClearBytes(nal));
      found.push({ clear, inner: inner(nal.subarray(clear.length), clear) });
      sealed++;
    }
  }
  // A frame without a slice says nothing of who sent it.
  if (sealed === 0) throw new Refusal('empty');
  return found;
}

/** nalUnits are the stretches between start codes of three or four bytes; bytes before the first are not allowed. */
function nalUnits(frame: Bytes): readonly Bytes[] {
  const units: Bytes[] = [];
  let begin = -1;
  let zeros = 0;
  for (let i = 0; i < frame.length; i++) {
    const byte = frame[i] ?? 0;
    if (byte === 1 && zeros >= 2) {
      if (begin >= 0) units.push(frame.subarray(begin, i - zeros));
      begin = i + 1;
    } else if (begin < 0 && byte !== 0) {
      throw new Refusal('malformed');
    }
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  // Zeros behind the last unit are padding (trailing_zero_8bits).
  if (begin >= 0) units.push(frame.subarray(begin, frame.length - Math.min(zeros, frame.length - begin)));
  return units;
}

/**
 * sliceClearBytes is the length of NAL header and slice header up to pic_parameter_set_id, with any escaping bytes among
 * them: three Exp-Golomb numbers, the last of which packetizers read (ITU-T H.264, sections 7.3.3 and 9.1).
 */
function sliceClearBytes(nal: Bytes): number {
  let at = 1; // the next byte to read
  let bits = 0; // left in the present one
  let byte = 0;
  let zeros = 0;
  const bit = (): number => {
    if (bits === 0) {
      if (zeros >= 2 && nal[at] === 3) {
        at++;
        zeros = 0;
      }
      const next = nal[at++];
      if (next === undefined) throw new Refusal('malformed');
      byte = next;
      zeros = byte === 0 ? zeros + 1 : 0;
      bits = 8;
    }
    bits--;
    return (byte >> bits) & 1;
  };
  const number = (): number => {
    let width = 0;
    while (bit() === 0) if (++width > 31) throw new Refusal('malformed');
    let value = 1;
    while (width-- > 0) value = value * 2 + bit();
    return value - 1;
  };
  number(); // first_mb_in_slice
  if (number() > maxSliceType || number() > maxParameterSet || at >= nal.length) throw new Refusal('malformed');
  return at;
}

/** slice puts an opened slice together. A member's altered program must not get units past the rule inside of one. */
function slice(clear: Bytes, rest: Bytes): Bytes {
  const nal = join([clear, rest]);
  for (let at = nal.indexOf(1, 2); at >= 0; at = nal.indexOf(1, at + 1)) {
    if (nal[at - 1] === 0 && nal[at - 2] === 0) throw new Refusal('unit');
  }
  return nal;
}

/** H.264: each slice is a unit of its own behind its clear bytes, escaped as one with them; parameter sets stay clear. */
export const h264: Codec = {
  medium: 'video',
  split: (frame) => pieces(frame, (rest) => rest),
  pack: (parts) => join(parts.flatMap(({ clear, inner }) =>
    inner === undefined ? [startCode, clear] : [startCode, clear, escape(writeTrailer(inner), zeroRun(clear))])),
  unpack: (frame) => pieces<SealedUnit>(frame, (rest, clear) => readTrailer(unescape(rest, zeroRun(clear)))),
  merge: (parts) => join(parts.flatMap(({ clear, inner }) => [startCode, inner === undefined ? clear : slice(clear, inner)])),
};
