import { strict as assert } from 'node:assert';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { mlsExporter } from 'ts-mls/keySchedule.js';
import type { ClientState } from 'ts-mls/clientState.js';
import { Epoch } from '../../src/e2ee/frame/epoch.ts';
import { kindCode, kinds } from '../../src/e2ee/frame/kind.ts';
import { concat, equal, hex, u32, type Bytes } from '../../src/e2ee/policy/bytes.ts';
import { checkCredential, decodeCredential } from '../../src/e2ee/policy/credential.ts';
import { checkRoom, decodeRoom, encodeRoom } from '../../src/e2ee/policy/room.ts';
import { newSigner, sha256, verifyLabelled } from '../../src/e2ee/policy/signing.ts';
import { bundleInfo, decodeBundle, decodeSealed, encodeSealed, sealBundle, type SealedBundle } from '../../src/e2ee/mls/bundle.ts';
import { epochKeys } from '../../src/e2ee/mls/epoch_keys.ts';
import { newHpke } from '../../src/e2ee/mls/suite.ts';
import { viewOf } from '../../src/e2ee/mls/view.ts';
import { decodeMessage, limits } from '../../src/e2ee/mls/wire.ts';
import { bareApply, grantEdit, Meeting, request, roomNumber, suite } from './meeting.ts';
import { sequence, unhex } from './sequence.ts';

const hpke = newHpke();

/** open is what a gateway does, as far as the cryptography goes. */
async function open(sealed: SealedBundle, privateKey: CryptoKey, info: Bytes): Promise<ReturnType<typeof decodeBundle>> {
  const recipient = await hpke.createRecipientContext({ recipientKey: privateKey, enc: sealed.enc.slice().buffer, info: info.slice().buffer });
  return decodeBundle(new Uint8Array(await recipient.open(sealed.ct.slice().buffer)));
}

test('the info of a bundle, byte for byte', async () => {
  const info = await bundleInfo({ group: sequence(16, 0xa0), epoch: 257n, transcript: sequence(32, 0xc0), n: 1, request: new TextEncoder().encode('request') });
  const expected = '6c6567726f6f6d2f312062756e646c6500' + hex(sequence(16, 0xa0)) + '0000000000000101' + hex(sequence(32, 0xc0)) + '00000001'
    + hex(await sha256(new TextEncoder().encode('request')));
  assert.equal(hex(info), expected);
});

test('a bundle opens at its place only, and its signature holds for it only', async () => {
  const pair = await hpke.kem.generateKeyPair();
  const key = new Uint8Array(await hpke.kem.serializePublicKey(pair.publicKey));
  const sealer = await newSigner();
  const place = { group: sequence(16, 0), epoch: 7n, transcript: sequence(32, 1), n: 3, request: sequence(9, 2) };
  const keys = { K: { audio: sequence(16, 4) }, G: { audio: sequence(16, 5), 'screen-audio': sequence(16, 6) } };
  const sealed = decodeSealed(encodeSealed(await sealBundle(place, keys, key, sealer, sequence(5, 7))));
  const info = await bundleInfo(place);
  assert.deepEqual({ ...(await open(sealed, pair.privateKey, info)) }, { v: 1, epoch: 7, ...keys });
  const signed = (s: SealedBundle, i: Bytes) => sha256(i).then((h) => verifyLabelled(s.leaf, 'legroom/1 bundle sig', s.sig, h, s.enc, s.ct));
  assert.equal(await signed(sealed, info), true);
  for (const change of [{ group: sequence(16, 1) }, { epoch: 8n }, { transcript: sequence(32, 2) }, { n: 4 }, { request: sequence(9, 3) }]) {
    const elsewhere = await bundleInfo({ ...place, ...change });
    await assert.rejects(open(sealed, pair.privateKey, elsewhere), Object.keys(change).join());
    assert.equal(await signed(sealed, elsewhere), false);
  }
  const forged = await sealBundle(place, keys, key, await newSigner(), sequence(5, 7));
  assert.equal(await signed({ ...forged, leaf: sealed.leaf }, info), false, 'a stranger may seal, but not sign');
  assert.equal(await signed({ ...sealed, enc: forged.enc, ct: forged.ct }, info), false);
});

test('a grant gives the gateway its kinds for as long as it lasts, and no member\'s place', async () => {
  const [gateway, pair] = [await newSigner(), await hpke.kem.generateKeyPair()];
  const key = new Uint8Array(await hpke.kem.serializePublicKey(pair.publicKey));
  const m = await Meeting.of(['anna', 'carol'], () => ({ gateways: [gateway.publicKey], maxScope: ['audio', 'video'] }));
  const eve = (await m.admitBare('anna', ['eve'])).get('eve') ?? assert.fail();
  const signed = await request(gateway, m.group('anna').view.room, { hpke: key, legs: [{ no: 5, kind: 'phone', label: '', number: '' }] });
  const made = await m.make('anna', grantEdit(signed));
  await m.deliver(made.commit);
  const [sealed] = made.bundles;
  assert.ok(sealed);
  const { view } = m.group('carol');
  const [grant] = view.room.grants;
  assert.ok(grant);
  const place = { group: view.group, epoch: view.epoch, transcript: view.transcript, n: grant.n, request: grant.request };
  const bundle = await open(sealed, pair.privateKey, await bundleInfo(place));
  const keys = await m.group('carol').keys();
  assert.deepEqual([Object.keys(bundle.K), Object.keys(bundle.G)], [['audio'], ['audio']]);
  assert.deepEqual(bundle.K.audio, keys.media.audio);
  assert.deepEqual(bundle.G.audio, keys.grants[0]?.keys.audio);
  assert.deepEqual(keys.grants.map(({ n, legs, scope, speak }) => ({ n, legs, scope, speak })), [{ n: 1, legs: [5], scope: ['audio'], speak: ['audio'] }]);
  // What frames are sealed with takes it as it is.
  const epoch = await Epoch.of(keys);
  assert.deepEqual([epoch.number, epoch.leaf, [...epoch.roster], epoch.tagged('audio'), epoch.tagged('video')], [view.epoch, m.group('carol').leaf, [...view.members.keys()], true, false]);
  const credential = decodeCredential(sealed.credential);
  await checkCredential(credential, roomNumber, sealed.leaf);
  assert.equal(credential.name, 'anna');
  assert.deepEqual((await m.group('carol').bundles()).map((b) => b.n), [1]);
  await everyLabelApart(await bareApply(eve, made.commit));
  await m.commit('carol', { do: 'revoke', n: 1 });
  const after = await m.group('anna').keys();
  assert.equal(kinds.some((kind) => equal(after.media[kind], bundle.K.audio ?? assert.fail())), false);
});

/** Every key of an epoch differs from every other, and is the exporter's as RFC 9420, 8.5 has it. */
async function everyLabelApart(state: ClientState): Promise<void> {
  const keys = await epochKeys(state, viewOf(state), [], suite);
  const all = [...kinds.map((kind) => keys.media[kind]), ...kinds.map((kind) => keys.grants[0]?.keys[kind] ?? assert.fail()), keys.tag.slice(0, 16)];
  assert.equal(new Set(all.map(hex)).size, 9);
  const { exporterSecret } = state.keySchedule;
  for (const kind of kinds) {
    const code = Uint8Array.of(kindCode(kind));
    assert.deepEqual(keys.media[kind], await mlsExporter(exporterSecret, 'legroom/1 media', code, 16, suite));
    assert.deepEqual(keys.grants[0]?.keys[kind], await mlsExporter(exporterSecret, 'legroom/1 grantee', concat(u32(1), code), 16, suite));
  }
  assert.deepEqual(keys.tag, await mlsExporter(exporterSecret, 'legroom/1 tag', new Uint8Array(), 32, suite));
}

test('the meeting that the Go tests replay is one that we read', async () => {
  const path = join(process.env['LEGROOM_WEB'] ?? '', '..', 'e2ee', 'delivery', 'testdata', 'messages.json');
  const { messages } = JSON.parse(await readFile(path, 'utf8')) as { readonly messages: Readonly<Record<string, string>> };
  let rooms = 0;
  for (const [name, text] of Object.entries(messages)) {
    const bytes = unhex(text);
    if (name.startsWith('bundle.')) {
      assert.deepEqual(encodeSealed(decodeSealed(bytes)), bytes);
      continue;
    }
    const message = decodeMessage(bytes, limits.welcome);
    if (message.wireformat !== 'mls_public_message' || message.publicMessage.content.contentType !== 'commit') continue;
    for (const item of message.publicMessage.content.commit.proposals) {
      if (item.proposalOrRefType !== 'proposal' || item.proposal.proposalType !== 'group_context_extensions') continue;
      const [extension] = item.proposal.groupContextExtensions.extensions;
      assert.ok(extension);
      const room = decodeRoom(extension.extensionData);
      await checkRoom(room);
      assert.deepEqual(encodeRoom(room), extension.extensionData);
      rooms++;
    }
  }
  assert.ok(rooms > 0);
});
