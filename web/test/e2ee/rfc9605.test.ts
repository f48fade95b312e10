import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { encodeHeader, parseHeader } from '../../src/e2ee/frame/header.ts';
import { importBaseKey, SFrameKey, type Suite } from '../../src/e2ee/frame/sframe.ts';
import { bytes, golden, hex, reasonOf } from './keys.ts';

interface Vectors {
  readonly header: readonly { readonly kid: string; readonly ctr: string; readonly encoded: string }[];
  readonly sframe: readonly {
    readonly cipher_suite: number; readonly kid: string; readonly ctr: string;
    readonly base_key: string; readonly metadata: string; readonly pt: string; readonly ct: string;
  }[];
}

const vectors = (await golden('rfc9605.json')) as Vectors;

test('headers of RFC 9605 appendix C.1, both ways', () => {
  assert.equal(vectors.header.length, 289);
  for (const { kid, ctr, encoded } of vectors.header) {
    assert.equal(hex(encodeHeader(BigInt(kid), BigInt(ctr)).bytes), encoded);
    const header = parseHeader(bytes(`${encoded}aabb`));
    assert.deepEqual([header.kid, header.counter, hex(header.bytes)], [BigInt(kid), BigInt(ctr), encoded]);
  }
});

test('frames of appendix C.3 with the suites that have GCM, both ways', async () => {
  const ours = vectors.sframe.filter((v) => v.cipher_suite === 4 || v.cipher_suite === 5);
  assert.equal(ours.length, 2);
  for (const v of ours) {
    const key = await SFrameKey.derive(v.cipher_suite as Suite, BigInt(v.kid), await importBaseKey(bytes(v.base_key)));
    const header = encodeHeader(BigInt(v.kid), BigInt(v.ctr));
    const sealed = await key.seal(header, bytes(v.metadata), bytes(v.pt));
    assert.equal(hex(header.bytes) + hex(sealed), v.ct);
    assert.equal(hex(await key.open(parseHeader(bytes(v.ct)), bytes(v.metadata), sealed)), v.pt);
    sealed[0] = (sealed[0] ?? 0) ^ 1;
    assert.equal(await reasonOf(() => key.open(header, bytes(v.metadata), sealed)), 'authentication');
  }
});

test('a header has one form, and every cut of one is refused', async () => {
  const cases: Readonly<Record<string, string>> = {
    'nothing': '', 'key id 7 in the long form': '8007', 'key id with a leading zero': '900009', 'counter 7 in the long form': '0807',
    'counter with a leading zero': '090009', 'key id cut': '9003', 'counter cut': '0b0102',
  };
  for (const [name, data] of Object.entries(cases)) assert.equal(await reasonOf(() => parseHeader(bytes(data))), 'malformed', name);
  const whole = encodeHeader(2n ** 64n - 1n, 2n ** 63n).bytes;
  for (let size = 0; size < whole.length; size++) assert.equal(await reasonOf(() => parseHeader(whole.subarray(0, size))), 'malformed');
});
