import { strict as assert } from 'node:assert';
import { before, test } from 'node:test';
import { base64url, concat, fromBase64url, hex, prefixed, u16, u64, type Bytes } from '../../src/e2ee/policy/bytes.ts';
import { decodeCbor, encodeCbor, type CborValue } from '../../src/e2ee/policy/cbor.ts';
import { checkCharter, issuePass, looser, signCharter } from '../../src/e2ee/policy/charter.ts';
import { checkCredential, decodeCredential, encodeCredential, issueCredential, lobbyProof } from '../../src/e2ee/policy/credential.ts';
import { checkRequest, signRequest, type GrantRequest } from '../../src/e2ee/policy/grant_request.ts';
import { checkHosts, signHost } from '../../src/e2ee/policy/hosts.ts';
import { formatLink, linkNames, newLink, ownerFingerprint, parseLink } from '../../src/e2ee/policy/link.ts';
import { PolicyError, type PolicyFault } from '../../src/e2ee/policy/policy_error.ts';
import { decodeRoom, encodeRoom, nextNumber, type Grant } from '../../src/e2ee/policy/room.ts';
import { gatewayFingerprint, newSigner, type Signer } from '../../src/e2ee/policy/signing.ts';
import { roomFor, person } from './meeting.ts';
import { sequence, unhex } from './sequence.ts';

const bad = (fault: PolicyFault) => (error: unknown) => error instanceof PolicyError && error.fault === fault;

test('CBOR has one spelling: RFC 8949, appendix A, as far as we have its types', () => {
  const cases: readonly [CborValue, string][] = [
    [0, '00'], [23, '17'], [24, '1818'], [255, '18ff'], [256, '190100'], [65_536, '1a00010000'], [4_294_967_296, '1b0000000100000000'],
    [Number.MAX_SAFE_INTEGER, '1b001fffffffffffff'], [false, 'f4'], [true, 'f5'], ['', '60'], ['IETF', '6449455446'], ['\u00fc', '62c3bc'],
    ['\u{10151}', '64f0908591'], [Uint8Array.of(1, 2, 3, 4), '4401020304'], [[], '80'], [[1, [2, 3]], '8201820203'], [{}, 'a0'],
    [{ bb: 1, a: 2, c: 3 }, 'a361610261630362626201'],
  ];
  for (const [value, text] of cases) {
    assert.equal(hex(encodeCbor(value)), text);
    if (typeof value !== 'object') assert.equal(decodeCbor(unhex(text)), value);
    assert.equal(hex(encodeCbor(decodeCbor(unhex(text)))), text);
  }
});

test('CBOR spelled another way, or of another kind, is refused', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['a longer head', '1817'], ['a longer head of a length', '5800'], ['u64 for a u32', '1b00000000ffffffff'], ['above 2^53', '1b0020000000000000'],
    ['negative', '20'], ['tag', 'c074'], ['null', 'f6'], ['undefined', 'f7'], ['float', 'f93c00'], ['simple by two bytes', 'f8f4'],
    ['indefinite array', '9f01ff'], ['indefinite text', '7f6161ff'], ['reserved head', '1c'], ['keys out of order', 'a2616201616102'],
    ['a longer key first', 'a262616101616202'], ['a key twice', 'a2616101616102'], ['a key that is no text', 'a10102'], ['bytes left over', '0000'],
    ['nothing', ''], ['cut short', '4401'], ['a huge array', '9bffffffffffffffff'], ['an array of more than there is', '99ffff'],
    ['a huge text', '7affffffff'], ['no UTF-8', '61ff'], ['a surrogate in UTF-8', '63eda080'], ['overlong UTF-8', '62c080'], ['nine deep', `${'81'.repeat(9)}00`],
  ];
  for (const [name, text] of cases) assert.throws(() => decodeCbor(unhex(text)), bad('malformed'), name);
  assert.throws(() => decodeCbor(new Uint8Array(16 * 1024 + 1)), bad('malformed'));
  for (const value of [-1, 1.5, Number.NaN, 2 ** 53, '\ud800', new Uint8Array(16 * 1024)]) assert.throws(() => encodeCbor(value), bad('malformed'));
  assert.equal(decodeCbor(unhex('63efbbbf')), '\ufeff', 'a byte order mark is a character like others');
});

test('random bytes never do more than fail', () => {
  let seed = 1;
  const next = (): number => (seed = (seed * 48271) % 2147483647) & 0xff;
  for (let round = 0; round < 20_000; round++) {
    const bytes = Uint8Array.from({ length: round % 40 }, next);
    try {
      assert.deepEqual(encodeCbor(decodeCbor(bytes)), bytes);
    } catch (error) {
      assert.ok(error instanceof PolicyError);
    }
  }
});

test('base64url has one spelling', () => {
  for (let n = 0; n < 20; n++) assert.deepEqual(fromBase64url(base64url(sequence(n, 250))), sequence(n, 250));
  for (const text of ['A', 'AB', 'AA=', 'A+', 'A/', 'A A', 'AAAAB']) assert.equal(fromBase64url(text), undefined, text);
});

test('numbers of fixed width', () => {
  assert.equal(hex(u64(257n)), '0000000000000101');
  assert.equal(hex(prefixed(sequence(3, 1))), '0003010203');
  assert.throws(() => u16(65_536), RangeError);
  assert.throws(() => u64(-1), RangeError);
});

test('the proof of the link, as published', async () => {
  assert.equal(hex(await lobbyProof(sequence(16, 0x33), '1000', sequence(32, 0x44))), '59a4a255d09eb2443c7fdb3cc1d8991e');
});

test('a link says owner, secret and mode, and nothing else is a link', async () => {
  const { publicKey } = await newSigner();
  const link = await newLink(publicKey, 'mixed');
  const text = formatLink(link);
  assert.match(text, /^1\.m\.[\w-]{22}\.[\w-]{22}$/);
  assert.deepEqual(parseLink(text), link);
  assert.deepEqual(parseLink(formatLink({ ...link, mode: 'sealed' }))?.mode, 'sealed');
  for (const wrong of ['', text.replace('1.', '2.'), text.replace('.m.', '.o.'), `${text}.x`, text.slice(0, -1), `${text}A`, 'h.SECRET', text.replace('m', 'M')]) {
    assert.equal(parseLink(wrong), undefined, wrong);
  }
  const charter = (await roomFor({ name: 'x', identity: await newSigner() })).charter;
  assert.equal(await linkNames(link, charter), false);
  assert.equal(await linkNames({ ...link, owner: await ownerFingerprint(charter.owner) }, charter), true);
  assert.match(await gatewayFingerprint(publicKey), /^([\da-f]{4} ){7}[\da-f]{4}$/);
});

test('a credential is for one key in one room', async () => {
  const identity = await newSigner();
  const claim = { room: '1000', leafKey: sequence(32, 1), kind: 'guest' as const, name: 'Ada', subject: '', notAfter: 1_790_000_000 };
  const credential = await issueCredential(identity, { ...claim, linkSecret: sequence(16, 3) });
  assert.deepEqual(decodeCredential(encodeCredential(credential)), credential);
  await checkCredential(credential, '1000', sequence(32, 1));
  await assert.rejects(checkCredential(credential, '1001', sequence(32, 1)), bad('signature'));
  await assert.rejects(checkCredential(credential, '1000', sequence(32, 2)), bad('signature'));
  await assert.rejects(checkCredential({ ...credential, notAfter: claim.notAfter + 1 }, '1000', sequence(32, 1)), bad('signature'));
  await assert.rejects(issueCredential(identity, { ...claim, name: '' }), bad('malformed'));
  await assert.rejects(issueCredential(identity, { ...claim, name: 'x'.repeat(161) }), bad('malformed'));
  const fields = { ...credential } as Record<string, CborValue>;
  for (const change of [{ kind: 'gateway' }, { v: 2 }, { more: 1 }, { identity: sequence(31, 0) }, { link: sequence(15, 0) }, { notAfter: '1' }] as const) {
    assert.throws(() => decodeCredential(encodeCbor({ ...fields, ...change })), bad('malformed'));
  }
  assert.throws(() => decodeCredential(encodeCbor(Object.fromEntries(Object.entries(fields).filter(([key]) => key !== 'name')))), bad('malformed'));
});

test('a charter begins with the owner, or with the owner\'s pass', async () => {
  const [owner, starter, stranger] = [await newSigner(), await newSigner(), await newSigner()];
  const terms = { room: '1000', group: sequence(16, 0), owner: owner.publicKey, floor: 'sealed' as const, made: 1000 };
  await checkCharter(await signCharter(owner, terms));
  const pass = await issuePass(owner, '1000', starter.publicKey, 2000);
  const charter = await signCharter(starter, { ...terms, pass });
  await checkCharter(charter);
  await assert.rejects(signCharter(starter, terms), bad('signature'));
  await assert.rejects(signCharter(stranger, { ...terms, pass }), bad('signature'));
  await assert.rejects(signCharter(starter, { ...terms, pass, room: '1001' }), bad('signature'));
  await assert.rejects(signCharter(starter, { ...terms, pass, made: 2001 }), bad('foreign'));
  await assert.rejects(signCharter(owner, { ...terms, pass }), bad('signature'));
  for (const change of [{ made: 1001 }, { floor: 'mixed' as const }, { group: sequence(16, 1) }, { sig: new Uint8Array(64) }]) {
    await assert.rejects(checkCharter({ ...charter, ...change }), bad('signature'));
  }
  assert.deepEqual([looser('mixed', 'sealed'), looser('sealed', 'mixed'), looser('mixed', 'mixed')], [true, false, false]);
});

test('every host leads back to the charter', async () => {
  const [a, b, c] = [await newSigner(), await newSigner(), await newSigner()];
  const charter = await signCharter(a, { room: '1000', group: sequence(16, 0), owner: a.publicKey, floor: 'mixed', made: 1 });
  const [first, second] = [await signHost(a, charter.group, a.publicKey), await signHost(a, charter.group, b.publicKey)];
  const third = await signHost(b, charter.group, c.publicKey);
  await checkHosts(charter, [first, { ...second, out: true }, third], []);
  await checkHosts(charter, [first, second], [third]);
  const cases: readonly (readonly [string, Parameters<typeof checkHosts>[1], Parameters<typeof checkHosts>[2]])[] = [
    ['none', [], []], ['begins with another', [second, first], []], ['before its signer', [first, third, second], []], ['twice', [first, second, second], []],
    ['by nobody known', [first, third], []], ['forged', [first, { ...second, identity: c.publicKey }], []], ['all out', [{ ...first, out: true }], []],
    ['fallback by nobody known', [first], [third]], ['fallback out', [first, second], [{ ...third, out: true }]], ['fallback twice', [first, second], [third, third]],
  ];
  for (const [name, hosts, fallback] of cases) await assert.rejects(checkHosts(charter, hosts, fallback), PolicyError, name);
});

let gateway: Signer;
const asked: Omit<GrantRequest, 'v' | 'gateway'> = {
  room: '1000', group: sequence(16, 0), id: sequence(16, 1), hpke: sequence(32, 2), legs: [{ no: 3, kind: 'phone', label: 'line', number: '+49 **' }],
  scope: ['audio'], speak: ['audio'], notAfter: 5,
};

before(async () => {
  gateway = await newSigner();
});

test('a request is for one room and group, of a gateway that the room knows', async () => {
  const place = { room: '1000', group: sequence(16, 0), gateways: [gateway.publicKey] };
  const signed = await signRequest(gateway, asked);
  assert.deepEqual((await checkRequest(signed, place)).legs, asked.legs);
  for (const change of [{ room: '1001' }, { group: sequence(16, 9) }, { gateways: [] }, { gateways: [sequence(32, 0)] }]) {
    await assert.rejects(checkRequest(signed, { ...place, ...change }), bad('foreign'));
  }
  await assert.rejects(checkRequest({ ...signed, sig: new Uint8Array(64) }, place), bad('signature'));
  const wrong: readonly Partial<GrantRequest>[] = [
    { legs: [] }, { legs: [3, 3].map((no) => ({ no, kind: 'phone', label: '', number: '' })) }, { legs: [4, 3].map((no) => ({ no, kind: 'phone', label: '', number: '' })) },
    { legs: [{ no: 1024, kind: 'phone', label: '', number: '' }] }, { scope: ['video', 'audio'] }, { scope: ['audio', 'audio'] }, { hpke: sequence(31, 0) },
    { legs: [{ no: 1, kind: 'phone', label: 'x'.repeat(65), number: '' }] }, { room: '' },
  ];
  for (const change of wrong) await assert.rejects(checkRequest(await signRequest(gateway, { ...asked, ...change }), place), bad('malformed'));
});

test('a room goes through its encoding whole', async () => {
  const room = await roomFor(await person('anna'), { gateways: [gateway.publicKey], maxScope: ['audio', 'screen-audio'] });
  const encoded = encodeRoom(room);
  assert.deepEqual(encodeRoom(decodeRoom(encoded)), encoded);
  for (let cut = 0; cut < encoded.length; cut += 7) assert.throws(() => decodeRoom(encoded.subarray(0, cut)), bad('malformed'));
  assert.throws(() => decodeRoom(concat(encoded, Uint8Array.of(0))), bad('malformed'));
  assert.throws(() => decodeRoom(encodeRoom({ ...room, gateways: [gateway.publicKey, gateway.publicKey] })), bad('malformed'));
});

test('numbers of grants count up and differ modulo 32', () => {
  const inForce = (...numbers: readonly number[]): Grant[] => numbers.map((n) => ({ n, request: new Uint8Array(), sig: new Uint8Array(64) satisfies Bytes, scope: [], speak: [], notAfter: 0 }));
  assert.equal(nextNumber(1, []), 1);
  assert.equal(nextNumber(33, inForce(1)), 34);
  assert.equal(nextNumber(33, inForce(1, 2, 3)), 36);
  assert.equal(nextNumber(65, inForce(33, 64)), 66);
});
