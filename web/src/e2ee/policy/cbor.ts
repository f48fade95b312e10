// Deterministic CBOR (RFC 8949, section 4.2.1): one value has exactly one spelling, so that a signature over a value and one over
// its bytes are the same thing. Only what the policy needs: unsigned integers up to 2^53-1, byte strings, texts, arrays, maps with
// text keys, false and true. The reader takes whatever is well-formed of these and then insists that writing it again gives the
// same bytes: every other spelling (long heads, unsorted or double keys, indefinite lengths, bytes left over) falls there.
import { concat, equal, own, utf8, type Bytes } from './bytes.ts';
import { PolicyError } from './policy_error.ts';

/** What CBOR can hold here. A map is a plain record without prototype; undefined members are not written. */
export type CborValue = number | boolean | string | Uint8Array | readonly CborValue[] | CborMap;

/** A map with text keys. */
export interface CborMap {
  readonly [key: string]: CborValue | undefined;
}

/** The longest encoding that is read or written, bytes. */
export const cborLimit = 16 * 1024;

const deepest = 8;
const major = { unsigned: 0, bytes: 2, text: 3, array: 4, map: 5, simple: 7 } as const;
const strict = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });

/** encodeCbor is the one spelling of value. Errors: PolicyError where value is too long, too deep, or a number or text CBOR here cannot hold. */
export function encodeCbor(value: CborValue): Bytes {
  const out = write(value, 0);
  if (out.length > cborLimit) throw new PolicyError('malformed', 'cbor length');
  return out;
}

/** decodeCbor reads the one value that fills bytes; byte strings in it are copies. Errors: PolicyError. Source: RFC 8949, 4.2.1. */
export function decodeCbor(bytes: Uint8Array): CborValue {
  if (bytes.length > cborLimit) throw new PolicyError('malformed', 'cbor length');
  const reader = new Reader(bytes);
  const value = reader.value(0);
  if (!equal(encodeCbor(value), bytes)) throw new PolicyError('malformed', 'cbor spelling');
  return value;
}

function write(value: CborValue, depth: number): Bytes {
  if (depth > deepest) throw new PolicyError('malformed', 'cbor depth');
  if (typeof value === 'number') return head(major.unsigned, value);
  if (typeof value === 'boolean') return Uint8Array.of(value ? 0xf5 : 0xf4);
  if (typeof value === 'string') return writeText(value);
  if (value instanceof Uint8Array) return concat(head(major.bytes, value.length), value);
  if (isArray(value)) return concat(head(major.array, value.length), ...value.map((item) => write(item, depth + 1)));
  return writeMap(value, depth);
}

function writeText(value: string): Bytes {
  const encoded = utf8(value);
  // A lone surrogate would be written as U+FFFD: two texts, one spelling.
  if (strict.decode(encoded) !== value) throw new PolicyError('malformed', 'cbor text');
  return concat(head(major.text, encoded.length), encoded);
}

function writeMap(map: CborMap, depth: number): Bytes {
  const members: { key: Bytes; value: Bytes }[] = [];
  for (const [key, value] of Object.entries(map)) {
    if (value !== undefined) members.push({ key: writeText(key), value: write(value, depth + 1) });
  }
  members.sort((a, b) => order(a.key, b.key));
  return concat(head(major.map, members.length), ...members.flatMap((m) => [m.key, m.value]));
}

/** order is bytewise lexicographic, as 4.2.1 asks; as the length is in the head, shorter keys come first. */
function order(a: Uint8Array, b: Uint8Array): number {
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const difference = (a[i] ?? 0) - (b[i] ?? 0);
    if (difference !== 0) return difference;
  }
  return a.length - b.length;
}

function head(type: number, n: number): Bytes {
  if (!Number.isSafeInteger(n) || n < 0) throw new PolicyError('malformed', 'cbor number');
  const first = type << 5;
  if (n < 24) return Uint8Array.of(first | n);
  if (n < 0x100) return Uint8Array.of(first | 24, n);
  const out = new Uint8Array(n < 0x10000 ? 3 : n < 0x100000000 ? 5 : 9);
  const view = new DataView(out.buffer);
  if (out.length === 3) view.setUint16(1, n);
  else if (out.length === 5) view.setUint32(1, n);
  else view.setBigUint64(1, BigInt(n));
  out[0] = first | (out.length === 3 ? 25 : out.length === 5 ? 26 : 27);
  return out;
}

function isArray(value: CborValue): value is readonly CborValue[] {
  return Array.isArray(value);
}

/** Reader walks over the bytes once. Nothing is allocated from a length that the bytes themselves do not fill. */
class Reader {
  private at = 0;

  constructor(private readonly bytes: Uint8Array) {}

  value(depth: number): CborValue {
    if (depth > deepest) throw new PolicyError('malformed', 'cbor depth');
    const first = this.byte();
    const type = first >> 5;
    if (first === 0xf4 || first === 0xf5) return first === 0xf5;
    const n = this.argument(first & 31);
    switch (type) {
      case major.unsigned:
        return n;
      case major.bytes:
        return this.take(n).slice();
      case major.text:
        return this.text(n);
      case major.array:
        return Array.from({ length: this.count(n) }, () => this.value(depth + 1));
      case major.map:
        return this.map(this.count(n), depth);
      default:
        throw new PolicyError('malformed', 'cbor type');
    }
  }

  private map(n: number, depth: number): CborMap {
    const out = Object.create(null) as Record<string, CborValue>;
    for (let i = 0; i < n; i++) {
      const key = this.value(depth + 1);
      if (typeof key !== 'string') throw new PolicyError('malformed', 'cbor key');
      out[key] = this.value(depth + 1);
    }
    return out;
  }

  private text(n: number): string {
    try {
      return strict.decode(this.take(n));
    } catch {
      throw new PolicyError('malformed', 'cbor text');
    }
  }

  /** count refuses a length of more items than bytes are left, before anything of that length is made. */
  private count(n: number): number {
    if (n > this.bytes.length - this.at) throw new PolicyError('malformed', 'cbor count');
    return n;
  }

  private argument(info: number): number {
    if (info < 24) return info;
    if (info > 27) throw new PolicyError('malformed', 'cbor head');
    let n = 0n;
    for (const byte of this.take(1 << (info - 24))) n = (n << 8n) | BigInt(byte);
    if (n > BigInt(Number.MAX_SAFE_INTEGER)) throw new PolicyError('malformed', 'cbor number');
    return Number(n);
  }

  private byte(): number {
    return this.take(1)[0] ?? 0;
  }

  private take(n: number): Bytes {
    if (n > this.bytes.length - this.at) throw new PolicyError('malformed', 'cbor end');
    this.at += n;
    return own(this.bytes).subarray(this.at - n, this.at);
  }
}
