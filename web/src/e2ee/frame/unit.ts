import { join, type Bytes } from './bytes.ts';
import { maxHeaderBytes, parseHeader, type Header } from './header.ts';
import { Refusal } from './refusal.ts';

/** SealedUnit is one sealed stretch: `body` is the ciphertext with its authentication and, where due, the sender tag. */
export interface SealedUnit {
  readonly header: Header;
  readonly body: Bytes;
}

/** The form of a unit whose clear bytes lie elsewhere: header, body. */
export function writePrefix(unit: SealedUnit): Bytes {
  return join([unit.header.bytes, unit.body]);
}

/** readPrefix gives views of data. Errors: Refusal `malformed`. */
export function readPrefix(data: Bytes): SealedUnit {
  const header = parseHeader(data);
  return { header, body: data.subarray(header.bytes.length) };
}

/**
 * The form behind clear bytes: body, header, and a byte with the header's length and the highest bit set. That last byte is
 * never zero, so nothing takes it for padding.
 */
export function writeTrailer(unit: SealedUnit): Bytes {
  return join([unit.body, unit.header.bytes, Uint8Array.of(0x80 | unit.header.bytes.length)]);
}

/** readTrailer gives views of data, which begins behind the clear bytes. Errors: Refusal `malformed`. */
export function readTrailer(data: Bytes): SealedUnit {
  const last = data[data.length - 1] ?? 0;
  const size = last & 0x7f;
  const at = data.length - 1 - size;
  if ((last & 0x80) === 0 || size > maxHeaderBytes || at < 0) throw new Refusal('malformed');
  const header = parseHeader(data.subarray(at, data.length - 1));
  if (header.bytes.length !== size) throw new Refusal('malformed');
  return { header, body: data.subarray(0, at) };
}
