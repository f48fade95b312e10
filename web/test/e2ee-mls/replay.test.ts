// Messages and Welcomes that come late, twice or from the wrong person.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { createApplicationMessage } from 'ts-mls/createMessage.js';
import { acceptAll } from 'ts-mls/incomingMessageAction.js';
import { joinGroup } from 'ts-mls/clientState.js';
import { decodeMlsMessage } from 'ts-mls/message.js';
import type { PrivateMessage } from 'ts-mls/privateMessage.js';
import { processPrivateMessage } from 'ts-mls/processMessages.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import type { Bytes } from '../../src/e2ee/policy/bytes.ts';
import { newSigner } from '../../src/e2ee/policy/signing.ts';
import { clientConfig } from '../../src/e2ee/mls/capabilities.ts';
import { nextRoom } from '../../src/e2ee/mls/policy_edit.ts';
import { openWelcome } from '../../src/e2ee/mls/welcome.ts';
import { bareApply, bareCommit, contextOf, faulty, grantEdit, joinKey, Meeting, newcomer, person, refused, request, suite, wire } from './meeting.ts';

const defaults = { ...clientConfig, keyRetentionConfig: { ...clientConfig.keyRetentionConfig, retainKeysForEpochs: 4 } };

function wireMessage(privateMessage: PrivateMessage): Bytes {
  return wire({ version: 'mls10', wireformat: 'mls_private_message', privateMessage });
}

test('a message of a removed member, sent before and handed on late', async () => {
  const m = await Meeting.of(['anna', 'carol']);
  const bare = await m.admitBare('anna', ['mallory', 'eve']);
  const sent = await createApplicationMessage(bare.get('mallory') ?? assert.fail(), Uint8Array.of(9), suite);
  const made = await m.make('anna', { do: 'remove', identity: m.person('mallory').identity.publicKey });
  await m.deliver(made.commit);
  let lib = await bareApply({ ...(bare.get('eve') ?? assert.fail()), clientConfig: defaults }, made.commit);
  const refresh = await m.make('anna', { do: 'refresh', epoch: m.group('anna').view.epoch });
  lib = await bareApply(lib, refresh.commit);
  const taken = await processPrivateMessage(lib, sent.privateMessage, emptyPskIndex, suite, acceptAll);
  assert.equal(taken.kind, 'applicationMessage', 'the library takes it, epochs later');
  const carol = m.group('carol');
  await faulty(carol, () => carol.unseal(wireMessage(sent.privateMessage)), 'stale', undefined, /removed/);
  await m.deliver(refresh.commit);
  await faulty(carol, () => carol.unseal(wireMessage(sent.privateMessage)), 'stale', undefined, /epoch/);
});

test('what would open messages of the epoch before can be erased at once', async () => {
  const m = await Meeting.of(['anna', 'carol']);
  const late = await m.group('anna').seal(Uint8Array.of(1));
  await m.commit('anna', { do: 'refresh', epoch: m.group('anna').view.epoch });
  await m.group('carol').forget();
  await faulty(m.group('carol'), () => m.group('carol').unseal(late), 'stale');
});

test('one Welcome joins twice', async () => {
  const m = await Meeting.of(['anna', 'carol']);
  const [dora, carol] = [await person('dora'), m.group('carol')];
  const key = await joinKey(dora);
  const made = await m.make('anna', { do: 'add', newcomer: await newcomer(dora, key) });
  const welcome = made.welcome ?? assert.fail();
  const message = decodeMlsMessage(welcome, 0)?.[0];
  assert.ok(message?.wireformat === 'mls_welcome');
  const { publicPackage, privatePackage } = key.packages;
  for (let i = 0; i < 2; i++) await joinGroup(message.welcome, publicPackage, privatePackage, emptyPskIndex, suite);
  const other = await joinKey(await person('else'));
  await faulty(carol, () => openWelcome(welcome, other, suite), 'invalid', undefined, /somebody else/);
  assert.ok(other.packages, 'a Welcome for somebody else costs nothing');
  await openWelcome(welcome, key, suite);
  await faulty(carol, () => openWelcome(welcome, key, suite), 'closed');
  assert.deepEqual(privatePackage.initPrivateKey, new Uint8Array(32), 'the init key is erased');
});

test('a commit twice, and one of the epoch before', async () => {
  const m = await Meeting.of(['anna', 'carol']);
  const made = await m.commit('anna', { do: 'refresh', epoch: m.group('anna').view.epoch });
  for (const name of ['anna', 'carol']) await refused(m.group(name), made.commit, 'R1', /another epoch/);
});

test('a grant of a guest, and a message that claims another sender', async () => {
  const gateway = await newSigner();
  const m = await Meeting.of(['anna', 'carol'], () => ({ gateways: [gateway.publicKey] }));
  const state = (await m.admitBare('anna', ['mallory'])).get('mallory') ?? assert.fail();
  const { room } = m.group('carol').view;
  const made = await bareCommit(state, [contextOf(nextRoom(room, [grantEdit(await request(gateway, room))]))]);
  await refused(m.group('carol'), made.bytes, 'R3', /policy by a guest/);
  const sent = await createApplicationMessage(state, new TextEncoder().encode('{"from":"anna"}'), suite);
  const got = await m.group('carol').unseal(wireMessage(sent.privateMessage));
  assert.equal(got.sender.credential.name, 'mallory');
});

test('whoever was removed can do nothing more', async () => {
  const m = await Meeting.of(['anna', 'carol']);
  const carol = m.group('carol');
  const applied = await m.deliver((await m.make('anna', { do: 'remove', identity: m.person('carol').identity.publicKey })).commit);
  assert.equal(applied.get('carol')?.after, undefined);
  assert.equal(carol.open, false);
  assert.deepEqual(carol.authenticator, new Uint8Array(32));
  await assert.rejects(carol.seal(Uint8Array.of(1)), /no longer a member/);
});
