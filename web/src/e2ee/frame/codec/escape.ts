import type { Bytes } from '../bytes.ts';
import { Refusal } from '../refusal.ts';

/** zeroRun is the number of zero bytes at the end of data, 2 at most: what the escaping of the bytes behind depends on. */
export function zeroRun(data: Uint8Array): number {
  const last = data.length - 1;
  if (data[last] !== 0) return 0;
  return data[last - 1] === 0 ? 2 : 1;
}

/**
 * escape puts a 3 wherever two zeros would be followed by a byte up to 3, so that no start code shows. run is the zeroRun of
 * the bytes in front. Source: ITU-T H.264, section 7.4.1 (emulation_prevention_three_byte).
 */
export function escape(data: Bytes, run: number): Bytes {
  // At most one more for each two bytes, and one for the run in front.
  const out = new Uint8Array(data.length + (data.length >> 1) + 1);
  let size = 0;
  let zeros = run;
  for (const byte of data) {
    if (zeros >= 2 && byte <= 3) {
      out[size++] = 3;
      zeros = 0;
    }
    out[size++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return out.subarray(0, size);
}

/** unescape is the reverse. What escape would not have written is refused. Errors: Refusal `malformed`. */
export function unescape(data: Bytes, run: number): Bytes {
  const out = new Uint8Array(data.length);
  let size = 0;
  let zeros = run;
  for (let i = 0; i < data.length; i++) {
    let byte = data[i] ?? 0;
    if (zeros >= 2 && byte <= 3) {
      const escaped = data[++i];
      if (byte !== 3 || escaped === undefined || escaped > 3) throw new Refusal('malformed');
      byte = escaped;
      zeros = 0;
    }
    out[size++] = byte;
    zeros = byte === 0 ? zeros + 1 : 0;
  }
  return out.subarray(0, size);
}
