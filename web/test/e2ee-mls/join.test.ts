// The joiner's checks: what a server, or a guest, may show to somebody who is not in the group yet.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { createGroup, joinGroup, type ClientState } from 'ts-mls/clientState.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { decodeMlsMessage } from 'ts-mls/message.js';
import { own, type Bytes } from '../../src/e2ee/policy/bytes.ts';
import { encodeCredential, issueCredential } from '../../src/e2ee/policy/credential.ts';
import { newLink } from '../../src/e2ee/policy/link.ts';
import { encodeRoom, roomExtension, type Room } from '../../src/e2ee/policy/room.ts';
import { clientConfig } from '../../src/e2ee/mls/capabilities.ts';
import { Group } from '../../src/e2ee/mls/group.ts';
import { GroupError } from '../../src/e2ee/mls/group_error.ts';
import type { Expectation } from '../../src/e2ee/mls/join_check.ts';
import type { JoinKey } from '../../src/e2ee/mls/join_key.ts';
import { openWelcome } from '../../src/e2ee/mls/welcome.ts';
import { addOf, bareCommit, bareMember, joinKey, Meeting, nowSeconds, person, roomFor, roomNumber, suite, type Person } from './meeting.ts';

/** A group as somebody else makes it who need not keep to any rule: one leaf, of creator. */
async function anyGroup(creator: Person, room: Room, group: Bytes = room.charter.group): Promise<ClientState> {
  const { publicPackage, privatePackage } = (await joinKey(creator, room.charter.room)).packages;
  return createGroup(group, publicPackage, privatePackage, [{ extensionType: roomExtension, extensionData: encodeRoom(room) }], suite, clientConfig);
}

async function welcomeOf(state: ClientState, keys: readonly JoinKey[], options: Parameters<typeof bareCommit>[2] = {}): Promise<Bytes> {
  const made = await bareCommit(state, keys.map((key) => addOf({ keyPackage: key.packages.publicPackage })), options);
  return made.welcome ?? assert.fail();
}

async function libraryTakes(welcome: Bytes, key: JoinKey): Promise<void> {
  const message = decodeMlsMessage(welcome, 0)?.[0];
  assert.ok(message?.wireformat === 'mls_welcome');
  await joinGroup(message.welcome, key.packages.publicPackage, key.packages.privatePackage, emptyPskIndex, suite);
}

/** stops shows that the library joins, and that we do not, for this reason. */
async function stops(state: ClientState, why: RegExp, expect: Partial<Expectation> = {}, options: Parameters<typeof bareCommit>[2] = {}): Promise<void> {
  const key = await joinKey(await person('joiner'));
  const welcome = await welcomeOf(state, [key], options);
  await libraryTakes(welcome, key);
  await assert.rejects(Group.join(welcome, key, { room: roomNumber, ...expect }, suite, () => 0), (error) => error instanceof GroupError && why.test(error.message));
  await assert.rejects(openWelcome(welcome, key, suite), /used before/, 'the wait is over, whatever came of it');
}

test('the right group, by its link', async () => {
  const anna = await person('anna');
  const room = await roomFor(anna);
  const state = await anyGroup(anna, room);
  const link = await newLink(anna.identity.publicKey, 'mixed');
  const key = await joinKey(await person('joiner'));
  const { group, askLooser } = await Group.join(await welcomeOf(state, [key]), key, { room: roomNumber, link, strictest: 'sealed' }, suite, () => 0);
  assert.equal(group.view.members.size, 2);
  assert.equal(askLooser, true, 'this browser has seen the room sealed');
});

test('a false group, or a false way in', async (t) => {
  const anna = await person('anna');
  const room = await roomFor(anna);
  const server = await person('anna');
  const falseRoom = await roomFor(server);
  await t.test('the server\'s own group, with the same names: the link tells', async () => {
    await stops(await anyGroup(server, falseRoom), /owner in the link/, { link: await newLink(anna.identity.publicKey, 'mixed') });
  });
  await t.test('the owner\'s name in a charter that the server signed', async () => {
    const charter = { ...falseRoom.charter, owner: anna.identity.publicKey };
    await stops(await anyGroup(server, { ...falseRoom, charter }), /charter/);
  });
  await t.test('a real charter in another group', async () => {
    await stops(await anyGroup(anna, room, own(new Uint8Array(16))), /another group/);
  });
  await t.test('another room', () => (async () => stops(await anyGroup(anna, room), /another room/, { room: '1001' }))());
  await t.test('looser than the link', async () => stops(await anyGroup(anna, room), /looser than the link/, { link: await newLink(anna.identity.publicKey, 'sealed') }));
  await t.test('a stranger\'s group under the real charter', async () => stops(await anyGroup(server, room), /not let in by a host/));
  await t.test('two extensions in the group', async () => {
    const { publicPackage, privatePackage } = (await joinKey(anna)).packages;
    const extensions = [{ extensionType: roomExtension, extensionData: encodeRoom(room) }, { extensionType: 'external_senders' as const, extensionData: new Uint8Array() }];
    const state = await createGroup(room.charter.group, publicPackage, privatePackage, extensions.slice(0, 1), suite, clientConfig);
    await stops({ ...state, groupContext: { ...state.groupContext, extensions } }, /extensions/);
  });
  await t.test('an external_pub in the GroupInfo', async () => {
    await stops(await anyGroup(anna, room), /other extensions/, {}, { groupInfoExtensions: [{ extensionType: 'external_pub', extensionData: new Uint8Array(33) }] });
  });
});

test('a guest lets in', async () => {
  const m = await Meeting.of(['anna', 'carol']);
  const mallory = (await m.admitBare('anna', ['mallory'])).get('mallory') ?? assert.fail();
  await stops(mallory, /not let in by a host/);
});

test('a leaf in the tree that no rule let in', async (t) => {
  const anna = await person('anna');
  const state = await anyGroup(anna, await roomFor(anna));
  const ghost = await person('ghost');
  const leaf = await bareMember(encodeCredential(await issueCredential(ghost.identity, {
    room: roomNumber, leafKey: new Uint8Array(32), kind: 'guest', name: 'ghost', subject: '', notAfter: nowSeconds,
  })));
  await t.test('a credential for another key', async () => stops((await bareCommit(state, [addOf({ keyPackage: leaf.publicPackage })])).state, /cert/));
  await t.test('an identity twice', async () => {
    const twin = (await joinKey(anna)).packages.publicPackage;
    await stops((await bareCommit(state, [addOf({ keyPackage: twin })])).state, /identity twice/);
  });
});

test('what a Welcome that is cut, swapped or for another costs', async () => {
  const anna = await person('anna');
  const state = await anyGroup(anna, await roomFor(anna));
  const [key, otherKey] = [await joinKey(await person('one')), await joinKey(await person('two'))];
  const [welcome, other] = [await welcomeOf(state, [key]), await welcomeOf(state, [otherKey])];
  for (const bytes of [welcome.subarray(0, -1), new Uint8Array(0), other, key.keyPackage, new Uint8Array(300_000)]) {
    await assert.rejects(openWelcome(bytes, key, suite), GroupError);
  }
  await openWelcome(welcome, key, suite);
});
