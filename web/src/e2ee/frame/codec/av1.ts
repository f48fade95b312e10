import { join, type Bytes } from '../bytes.ts';
import { Refusal } from '../refusal.ts';
import { readPrefix, writePrefix, type SealedUnit } from '../unit.ts';
import type { Codec, Piece } from './codec.ts';

/** How OBUs pass (AV1 specification, section 6.2.2); types not named here are left out. */
const passage: Readonly<Record<number, 'sealed' | 'clear'>> = {
  1: 'clear', 2: 'clear', // sequence header, temporal delimiter: packetizers read them
  3: 'sealed', 4: 'sealed', 6: 'sealed', // frame header, tile group, frame
};

const forbiddenBit = 0x80;
const extensionBit = 0x04;
const hasSize = 0x02;
const reservedBit = 0x01;
const delimiter = 2;

/**
 * pieces takes a temporal unit apart. The clear bytes of a sealed OBU are its header without has_size_field: packetizers set
 * and clear that one as they like. A clear OBU is header (likewise) and payload.
 */
function pieces<Inner>(frame: Bytes, inner: (payload: Bytes) => Inner): readonly Piece<Inner>[] {
  if (frame.length === 0) throw new Refusal('empty');
  const found: Piece<Inner>[] = [];
  let sealed = 0;
  for (let at = 0; at < frame.length;) {
    const obu = readOBU(frame, at);
    at = obu.end;
    const pass = passage[obu.type];
    if (obu.type === delimiter && obu.payload.length > 0) throw new Refusal('unit');
    if (pass === 'sealed' && obu.payload.length === 0) throw new Refusal('malformed');
    if (pass === 'clear') found.push({ clear: join([obu.header, obu.payload]) });
    if (pass === 'sealed') {
      found.push({ clear: obu.header, inner: inner(obu.payload) });
      sealed++;
    }
  }
  if (sealed === 0) throw new Refusal('empty');
  return found;
}

interface OBU {
  readonly type: number;
  readonly end: number;
  readonly header: Bytes;
  readonly payload: Bytes;
}

function readOBU(frame: Bytes, begin: number): OBU {
  const first = frame[begin] ?? forbiddenBit;
  if (first & (forbiddenBit | reservedBit)) throw new Refusal('malformed');
  const headerEnd = begin + headerBytes(first);
  if (headerEnd > frame.length) throw new Refusal('malformed');
  const header = frame.slice(begin, headerEnd);
  header[0] = first & ~hasSize;
  const type = (first >> 3) & 15;
  if ((first & hasSize) === 0) return { type, end: frame.length, header, payload: frame.subarray(headerEnd) };
  const size = readSize(frame, headerEnd);
  const end = size.end + size.value;
  if (end > frame.length) throw new Refusal('malformed');
  return { type, end, header, payload: frame.subarray(size.end, end) };
}

/** headerBytes is 2 with an extension, which the first byte tells. */
function headerBytes(first: number): number {
  return first & extensionBit ? 2 : 1;
}

/** readSize reads a leb128 number of at most 8 bytes and 32 bits (AV1 specification, section 4.10.5). */
function readSize(frame: Bytes, at: number): { readonly value: number; readonly end: number } {
  let value = 0;
  for (let i = 0; i < 8; i++) {
    const byte = frame[at + i];
    if (byte === undefined) break;
    value += (byte & 0x7f) * 2 ** (7 * i);
    if ((byte & 0x80) === 0 && value < 2 ** 32) return { value, end: at + i + 1 };
    if ((byte & 0x80) === 0) break;
  }
  throw new Refusal('malformed');
}

/** writeOBU is an OBU with its size. */
function writeOBU(header: Bytes, payload: Bytes): Bytes {
  const sized = header.slice();
  sized[0] = (header[0] ?? 0) | hasSize;
  const size: number[] = [];
  for (let rest = payload.length; ; rest = Math.floor(rest / 128)) {
    if (rest < 128) {
      size.push(rest);
      break;
    }
    size.push((rest % 128) | 0x80);
  }
  return join([sized, Uint8Array.from(size), payload]);
}

function lay<Inner>(parts: readonly Piece<Inner>[], write: (inner: Inner) => Bytes): Bytes {
  return join(parts.map(({ clear, inner }) => {
    if (inner !== undefined) return writeOBU(clear, write(inner));
    const size = headerBytes(clear[0] ?? 0);
    return writeOBU(clear.subarray(0, size), clear.subarray(size));
  }));
}

/** AV1: the payload of each OBU with picture data is a unit of its own; OBU headers, sequence headers and delimiters stay clear. */
export const av1: Codec = {
  medium: 'video',
  split: (frame) => pieces(frame, (payload) => payload),
  pack: (parts) => lay<SealedUnit>(parts, writePrefix),
  unpack: (frame) => pieces(frame, readPrefix),
  merge: (parts) => lay(parts, (payload) => payload),
};
