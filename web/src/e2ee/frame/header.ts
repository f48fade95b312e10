import { type Bytes } from './bytes.ts';
import { Refusal } from './refusal.ts';

/** Header is an SFrame header, read or about to be written. `bytes` is its encoding, which is also authenticated. */
export interface Header {
  readonly kid: bigint;
  readonly counter: bigint;
  readonly bytes: Bytes;
}

/** The longest header: the config byte and two values of eight bytes. */
export const maxHeaderBytes = 17;

const largest = (1n << 64n) - 1n;

/**
 * encodeHeader writes a header in its one form, each value in as few bytes as hold it.
 * Errors: RangeError for a value outside 0 to 2^64-1. Source: RFC 9605, section 4.3.
 */
export function encodeHeader(kid: bigint, counter: bigint): Header {
  if (kid < 0n || counter < 0n || kid > largest || counter > largest) throw new RangeError('SFrame header value');
  const kidBytes = kid < 8n ? 0 : width(kid);
  const counterBytes = counter < 8n ? 0 : width(counter);
  const bytes = new Uint8Array(1 + kidBytes + counterBytes);
  const kidField = kidBytes === 0 ? Number(kid) : 8 | (kidBytes - 1);
  const counterField = counterBytes === 0 ? Number(counter) : 8 | (counterBytes - 1);
  bytes[0] = (kidField << 4) | counterField;
  put(bytes, 1, kidBytes, kid);
  put(bytes, 1 + kidBytes, counterBytes, counter);
  return { kid, counter, bytes };
}

/**
 * parseHeader reads the header at the start of data. A value that would have fitted in fewer bytes is refused: a header has
 * one form only. `bytes` of the result is a view of data.
 * Errors: Refusal `malformed`. Source: RFC 9605, section 4.3.
 */
export function parseHeader(data: Bytes): Header {
  const config = data[0];
  if (config === undefined) throw new Refusal('malformed');
  const kidBytes = config & 0x80 ? ((config >> 4) & 7) + 1 : 0;
  const counterBytes = config & 0x08 ? (config & 7) + 1 : 0;
  const size = 1 + kidBytes + counterBytes;
  if (data.length < size) throw new Refusal('malformed');
  return {
    kid: kidBytes === 0 ? BigInt((config >> 4) & 7) : take(data, 1, kidBytes),
    counter: counterBytes === 0 ? BigInt(config & 7) : take(data, 1 + kidBytes, counterBytes),
    bytes: data.subarray(0, size),
  };
}

function width(value: bigint): number {
  let bytes = 1;
  for (let rest = value >> 8n; rest > 0n; rest >>= 8n) bytes++;
  return bytes;
}

function put(bytes: Bytes, at: number, size: number, value: bigint): void {
  for (let i = at + size - 1; i >= at; i--) {
    bytes[i] = Number(value & 0xffn);
    value >>= 8n;
  }
}

function take(data: Bytes, at: number, size: number): bigint {
  let value = 0n;
  for (let i = at; i < at + size; i++) value = (value << 8n) | BigInt(data[i] ?? 0);
  if (value < 8n || width(value) !== size) throw new Refusal('malformed');
  return value;
}
