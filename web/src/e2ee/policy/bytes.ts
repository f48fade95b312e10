// Byte layouts that signed and derived values share: big-endian numbers, length prefixes, labels, hex and base64url.
import { equal, join, type Bytes } from '../frame/bytes.ts';

export { equal, type Bytes };

const text = new TextEncoder();

/** own is b as Bytes: the same memory, or a copy where b lies in shared memory. */
export function own(b: Uint8Array): Bytes {
  return b.buffer instanceof ArrayBuffer ? (b as Bytes) : new Uint8Array(b);
}

/** concat is a new array that holds the parts one after another. */
export function concat(...parts: readonly Uint8Array[]): Bytes {
  return join(parts);
}

/** utf8 is the text in UTF-8. */
export function utf8(s: string): Bytes {
  return own(text.encode(s));
}

/** lab is the ASCII label and one zero byte: it begins everything we sign or hash, so that no two uses can meet. */
export function lab(label: string): Bytes {
  return utf8(`${label}\0`);
}

/** u16, u32 and u64 are big-endian. Owner: the caller. A number outside the range throws RangeError. */
export function u16(n: number): Bytes {
  return unsigned(BigInt(n), 2);
}

export function u32(n: number): Bytes {
  return unsigned(BigInt(n), 4);
}

export function u64(n: number | bigint): Bytes {
  return unsigned(BigInt(n), 8);
}

/** prefixed is a u16 length and then b, which has at most 65,535 bytes (RangeError otherwise). */
export function prefixed(b: Uint8Array): Bytes {
  return concat(u16(b.length), b);
}

/** hex is lower case, two digits a byte; it also serves as the key of a Map. */
export function hex(b: Uint8Array): string {
  let out = '';
  for (const byte of b) out += byte.toString(16).padStart(2, '0');
  return out;
}

/** base64url is RFC 4648 section 5 without padding. */
export function base64url(b: Uint8Array): string {
  let binary = '';
  for (const byte of b) binary += String.fromCharCode(byte);
  return btoa(binary).replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '');
}

/** fromBase64url is the bytes of a base64url text, or undefined where it is not the one spelling that base64url gives. */
export function fromBase64url(s: string): Bytes | undefined {
  if (!/^[A-Za-z0-9_-]*$/.test(s) || s.length % 4 === 1) return undefined;
  const binary = atob(s.replaceAll('-', '+').replaceAll('_', '/'));
  const out = Uint8Array.from(binary, (c) => c.charCodeAt(0));
  return base64url(out) === s ? out : undefined;
}

function unsigned(n: bigint, width: number): Bytes {
  if (n < 0n || n >= 1n << BigInt(8 * width)) throw new RangeError(`not a u${width * 8}`);
  const out = new Uint8Array(width);
  for (let i = width - 1, rest = n; i >= 0; i--, rest >>= 8n) out[i] = Number(rest & 0xffn);
  return out;
}
