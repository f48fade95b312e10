import type { Bytes } from '../../src/e2ee/policy/bytes.ts';

/** sequence is n bytes that count up from first. */
export function sequence(n: number, first: number): Bytes {
  return Uint8Array.from({ length: n }, (_, i) => (first + i) & 0xff);
}

export function unhex(text: string): Bytes {
  return Uint8Array.from(text.match(/../g) ?? [], (digits) => Number.parseInt(digits, 16));
}
