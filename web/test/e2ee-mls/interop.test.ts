// The fixtures of the Go package e2ee, byte for byte: what Go wrote we read, write and sign alike, and what it refuses we refuse.
import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { base64url, equal, hex, type Bytes } from '../../src/e2ee/policy/bytes.ts';
import { encodeCbor, type CborMap, type CborValue } from '../../src/e2ee/policy/cbor.ts';
import { signCharter } from '../../src/e2ee/policy/charter.ts';
import { checkCredential, decodeCredential, encodeCredential } from '../../src/e2ee/policy/credential.ts';
import { decodeRequest, signRequest } from '../../src/e2ee/policy/grant_request.ts';
import { signHost } from '../../src/e2ee/policy/hosts.ts';
import { ownerFingerprint } from '../../src/e2ee/policy/link.ts';
import { PolicyError } from '../../src/e2ee/policy/policy_error.ts';
import { checkRoom, decodeRoom, encodeRoom, hostOf, type Room } from '../../src/e2ee/policy/room.ts';
import { gatewayFingerprint, sha256, verifyLabelled, type Signer } from '../../src/e2ee/policy/signing.ts';
import { bundleInfo, decodeBundle, decodeSealed, encodeSealed, type SealedBundle } from '../../src/e2ee/mls/bundle.ts';
import { leafSigner, newHpke } from '../../src/e2ee/mls/suite.ts';
import { sequence, unhex } from './sequence.ts';

type Json = string | number | boolean | readonly Json[] | { readonly [key: string]: Json };
type Wrong = { readonly name: string; readonly what: string; readonly cbor: string; readonly reason: string };

interface Policies {
  readonly seeds: Readonly<Record<string, string>>;
  readonly owner: string;
  readonly items: readonly { readonly name: string; readonly what: string; readonly value: Json; readonly cbor: string }[];
  readonly refused: readonly Wrong[];
  readonly fingerprints: { readonly gateway: string; readonly owner: string };
}

interface Bundles {
  readonly policy: string;
  readonly request: string;
  readonly hpkePrivate: string;
  readonly info: string;
  readonly inside: string;
  readonly sealed: string;
  readonly refused: readonly Wrong[];
}

async function fixture<T>(name: string): Promise<T> {
  return JSON.parse(await readFile(join(process.env['LEGROOM_WEB'] ?? '', '..', 'e2ee', 'testdata', name), 'utf8')) as T;
}

/** A key whose seed is 32 bytes that count up from first. */
async function seeded(first: string | undefined): Promise<Signer> {
  const pkcs8 = unhex(`302e020100300506032b657004220420${hex(sequence(32, Number.parseInt(first ?? '', 16)))}`);
  const { x } = await crypto.subtle.exportKey('jwk', await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']));
  return leafSigner(Uint8Array.from(Buffer.from(x ?? '', 'base64url')), pkcs8);
}

function fromJson(value: Json): CborValue {
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly Json[]).map(fromJson);
  const members = Object.entries(value as { readonly [key: string]: Json });
  const [only] = members;
  if (members.length === 1 && only?.[0] === 'hex' && typeof only[1] === 'string') return unhex(only[1]);
  return Object.fromEntries(members.map(([key, member]) => [key, fromJson(member)]));
}

/** readAndWrite reads one item by its kind, with all signatures that it holds itself, and writes it again. */
async function readAndWrite(what: string, bytes: Bytes, leaf: Bytes): Promise<Bytes> {
  switch (what) {
    case 'policy': {
      const room = decodeRoom(bytes);
      await checkRoom(room);
      return encodeRoom(room);
    }
    case 'request': {
      const request = decodeRequest(bytes);
      return encodeCbor({ ...request, legs: request.legs.map((leg) => ({ ...leg })) });
    }
    case 'credential': {
      const credential = decodeCredential(bytes);
      await checkCredential(credential, '1000', leaf);
      return encodeCredential(credential);
    }
    default:
      return assert.fail(what);
  }
}

test('policies, requests and credentials', async (t) => {
  const f = await fixture<Policies>('policy.json');
  const { publicKey: leaf } = await seeded(f.seeds['leaf']);
  for (const { name, what, value, cbor } of f.items) {
    await t.test(name, async () => {
      assert.equal(hex(encodeCbor(fromJson(value))), cbor);
      assert.equal(hex(await readAndWrite(what, unhex(cbor), leaf)), cbor);
    });
  }
  for (const { name, what, cbor, reason } of f.refused) {
    await t.test(`refused: ${name}`, () => assert.rejects(readAndWrite(what, unhex(cbor), leaf), (error) => (
      error instanceof PolicyError && (error.fault === 'signature') === (reason === 'signature')
    )));
  }
});

test('signatures and fingerprints come out alike', async () => {
  const f = await fixture<Policies>('policy.json');
  const signers = new Map<string, Signer>();
  for (const seed of Object.values(f.seeds)) {
    const signer = await seeded(seed);
    signers.set(hex(signer.publicKey), signer);
  }
  const by = (key: Bytes): Signer => signers.get(hex(key)) ?? assert.fail('a key without seed');
  const gateway = await seeded(f.seeds['gateway']);
  assert.equal(await gatewayFingerprint(gateway.publicKey), f.fingerprints.gateway);
  assert.equal(base64url(await ownerFingerprint(unhex(f.owner))), f.fingerprints.owner);
  let grants = 0;
  for (const { what, cbor } of f.items) {
    if (what !== 'policy') continue;
    const room: Room = decodeRoom(unhex(cbor));
    const { charter } = room;
    assert.deepEqual(await signCharter(by(charter.by), charter), charter);
    for (const entry of [...room.hosts, ...room.fallbackHost]) {
      assert.deepEqual((await signHost(by(entry.by), charter.group, entry.identity)).sig, entry.sig);
    }
    for (const grant of room.grants) {
      assert.deepEqual(await signRequest(gateway, decodeRequest(grant.request)), { request: grant.request, sig: grant.sig });
      grants++;
    }
  }
  assert.ok(grants > 0);
});

test('bundles', async (t) => {
  const f = await fixture<Bundles>('bundle.json');
  const room = decodeRoom(unhex(f.policy));
  const hpke = newHpke();
  const recipientKey = await hpke.kem.deserializePrivateKey(unhex(f.hpkePrivate).buffer);
  const infoOf = (sealed: SealedBundle): Promise<Bytes> => bundleInfo({
    group: room.charter.group, epoch: BigInt(sealed.epoch), transcript: sealed.transcript, n: sealed.n, request: unhex(f.request),
  });
  /** What a gateway looks at, in its order; the reason why it stops, or the bytes inside. */
  const open = async (sealed: SealedBundle): Promise<string> => {
    const info = await infoOf(sealed);
    const credential = decodeCredential(sealed.credential);
    await checkCredential(credential, room.charter.room, sealed.leaf);
    if (!hostOf(room, credential.identity)) return 'chain';
    if (!(await verifyLabelled(sealed.leaf, 'legroom/1 bundle sig', sealed.sig, await sha256(info), sealed.enc, sealed.ct))) return 'signature';
    const context = await hpke.createRecipientContext({ recipientKey, enc: sealed.enc.slice().buffer, info: info.slice().buffer });
    const inside = await context.open(sealed.ct.slice().buffer).then((b) => new Uint8Array(b), () => undefined);
    if (inside === undefined) return 'seal';
    const { K, G } = decodeBundle(inside);
    const [grant] = room.grants;
    const fits = (keys: CborMap, kinds: readonly string[] = []): boolean => Object.keys(keys).length === kinds.length && kinds.every((kind) => kind in keys);
    return fits({ ...K }, grant?.scope) && fits({ ...G }, grant?.speak) ? hex(inside) : 'rule';
  };
  const sealed = decodeSealed(unhex(f.sealed));
  assert.ok(equal(encodeSealed(sealed), unhex(f.sealed)));
  assert.equal(hex(await infoOf(sealed)), f.info);
  assert.equal(await open(sealed), f.inside);
  for (const { name, cbor, reason } of f.refused) {
    await t.test(name, async () => assert.equal(await open(decodeSealed(unhex(cbor))), reason));
  }
});
