/** Bytes are what WebCrypto and encoded frames take and give: a view of memory that is not shared with another thread. */
export type Bytes = Uint8Array<ArrayBuffer>;

/** noBytes is the empty view. */
export const noBytes: Bytes = new Uint8Array(0);

/** join is one new buffer with the parts one after the other. */
export function join(parts: readonly Uint8Array[]): Bytes {
  let size = 0;
  for (const part of parts) size += part.length;
  const whole = new Uint8Array(size);
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
}

/** equal compares without telling by its time where the first difference lies. Only the lengths may show. */
export function equal(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  let different = 0;
  for (let i = 0; i < a.length; i++) different |= (a[i] ?? 0) ^ (b[i] ?? 0);
  return different === 0;
}
