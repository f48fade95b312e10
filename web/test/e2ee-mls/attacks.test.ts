// What the library alone takes, and we do not. Each test first lets the attack succeed against a bare state of the library, so that
// it fails when the attack no longer is one, and then shows which rule stops it.
import { strict as assert } from 'node:assert';
import { before, test } from 'node:test';
import type { ClientState } from 'ts-mls/clientState.js';
import { createGroupInfoWithExternalPubAndRatchetTree, joinGroupExternal } from 'ts-mls/createCommit.js';
import { createProposal } from 'ts-mls/createMessage.js';
import { generateKeyPackage } from 'ts-mls/keyPackage.js';
import { initializeEpoch, mlsExporter } from 'ts-mls/keySchedule.js';
import { protectExternalProposalPublic } from 'ts-mls/messageProtectionPublic.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { equal, type Bytes } from '../../src/e2ee/policy/bytes.ts';
import { encodeCredential } from '../../src/e2ee/policy/credential.ts';
import { encodeRoom, roomExtension, type Room } from '../../src/e2ee/policy/room.ts';
import { signHost } from '../../src/e2ee/policy/hosts.ts';
import { JoinKey } from '../../src/e2ee/mls/join_key.ts';
import { checkNewcomer } from '../../src/e2ee/mls/newcomer.ts';
import { membersOf, viewOf } from '../../src/e2ee/mls/view.ts';
import { openWelcome } from '../../src/e2ee/mls/welcome.ts';
import {
  addOf, bareApply, bareCommit, contextOf, faulty, joinKey, Meeting, newcomer, nowSeconds, person, refused,
  removeOf, roomNumber, suite, wire,
} from './meeting.ts';

let m: Meeting;
/** mallory and eve are bare: mallory attacks, eve shows what the library takes. anna is the host, carol a guest of ours. */
let mallory: ClientState;
let eve: ClientState;
let annaBare: ClientState;
let ghostKey: JoinKey;

before(async () => {
  m = await Meeting.of(['anna', 'carol']);
  const second = await signHost(m.person('anna').identity, m.group('anna').view.group, (await addPerson('hilda')).publicKey);
  await m.commit('anna', { do: 'host', entry: second });
  const bare = await m.admitBare('anna', ['mallory', 'eve', 'hilda']);
  [mallory, eve, annaBare] = [bare.get('mallory') ?? assert.fail(), bare.get('eve') ?? assert.fail(), bare.get('hilda') ?? assert.fail()];
  ghostKey = await joinKey(await person('ghost'));
});

async function addPerson(name: string): Promise<{ readonly publicKey: Bytes }> {
  const someone = await person(name);
  m.people.set(name, someone);
  return someone.identity;
}

const ours = () => m.group('carol');
const room = (): Room => ours().view.room;
const next = (change: Partial<Room>): Proposal => contextOf({ ...room(), rev: room().rev + 1, ...change });
const names = (state: ClientState): string[] => [...membersOf(state.ratchetTree).values()].map((member) => member.credential.name);
const ghost = async (): Promise<Proposal> => addOf({ keyPackage: (await newcomer(await person('ghost'), ghostKey)).keyPackage });

test('a new_member_proposal of the server, which holds no key, rides on the next commit of a host', async () => {
  const add = await ghost();
  const known = { ...eve.groupContext, extensions: [], treeHash: new Uint8Array(), confirmedTranscriptHash: new Uint8Array() };
  const { publicMessage } = await protectExternalProposalPublic(
    ghostKey.packages.privatePackage.signaturePrivateKey, known, new Uint8Array(), add, { senderType: 'new_member_proposal' }, suite,
  );
  const proposal = wire({ version: 'mls10', wireformat: 'mls_public_message', publicMessage });
  // hilda is a host with the library's own ways; she means to change the policy only.
  const cached = await bareApply(annaBare, proposal);
  const made = await bareCommit(cached, [next({ locked: true })]);
  const seen = await bareApply(await bareApply(eve, proposal), made.bytes);
  assert.ok(names(seen).includes('ghost'));
  const inside = await openWelcome(made.welcome ?? assert.fail(), ghostKey, suite);
  const key = (state: ClientState) => mlsExporter(state.keySchedule.exporterSecret, 'legroom/1 media', Uint8Array.of(1), 16, suite);
  assert.deepEqual(await key(inside.state), await key(seen), 'the ghost has the audio key');

  await refused(ours(), proposal, 'R1', /not a commit/);
  await refused(ours(), made.bytes, 'R1', /by reference/);
  ghostKey = await joinKey(await person('ghost'));
});

test('a standalone proposal of a guest rides on the next commit of a host', async () => {
  const add = await ghost();
  const proposed = await createProposal(mallory, true, add, suite);
  const proposal = wire(proposed.message);
  const made = await bareCommit(await bareApply(annaBare, proposal), []);
  assert.ok(names(await bareApply(await bareApply(eve, proposal), made.bytes)).includes('ghost'));
  await refused(ours(), proposal, 'R1', /not a commit/);
  await refused(ours(), made.bytes, 'R1', /by reference/);
  // Our own commits never carry anything but what they were made of.
  await refused(m.group('anna'), proposal, 'R1');
  const mine = await m.make('anna', { do: 'refresh', epoch: m.group('anna').view.epoch });
  assert.equal(names(await bareApply(eve, mine.commit)).includes('ghost'), false);
});

test('an external commit with a GroupInfo that an insider leaked', async () => {
  const info = await createGroupInfoWithExternalPubAndRatchetTree(mallory, [], suite);
  const { publicPackage, privatePackage } = (await joinKey(await person('ghost'))).packages;
  const { publicMessage } = await joinGroupExternal(info, publicPackage, privatePackage, false, suite);
  const bytes = wire({ version: 'mls10', wireformat: 'mls_public_message', publicMessage });
  assert.ok(names(await bareApply(eve, bytes)).includes('ghost'));
  await refused(ours(), bytes, 'R1', /not sent by a member/);
});

test('a ReInit by a guest', async () => {
  const made = await bareCommit(mallory, [{ proposalType: 'reinit', reinit: { groupId: new Uint8Array(16), version: 'mls10', cipherSuite: suite.name, extensions: [] } }]);
  assert.equal((await bareApply(eve, made.bytes)).groupActiveState.kind, 'suspendedPendingReinit');
  await refused(ours(), made.bytes, 'R1', /another kind/);
});

test('a commit in a PrivateMessage', async () => {
  const made = await bareCommit(mallory, [next({ locked: true })], { wireAsPublicMessage: false });
  assert.equal(viewOf(await bareApply(eve, made.bytes)).room.locked, true);
  await refused(ours(), made.bytes, 'R1', /not a PublicMessage/);
  await faulty(ours(), () => ours().unseal(made.bytes), 'refused', undefined, /not an application message/);
});

test('a path replaces the credential: a guest turns into a host', async () => {
  const anna = [...ours().view.members.values()].find((member) => member.credential.name === 'anna') ?? assert.fail();
  const tree = mallory.ratchetTree.map((node, index) => (node?.nodeType === 'leaf' && index === 2 * mallory.privatePath.leafIndex
    ? { ...node, leaf: { ...node.leaf, credential: { credentialType: 'basic' as const, identity: encodeCredential(anna.credential) } } }
    : node));
  const made = await bareCommit({ ...mallory, ratchetTree: tree }, []);
  assert.equal(names(await bareApply(eve, made.bytes)).filter((name) => name === 'anna').length, 2);
  const error = await refused(ours(), made.bytes, 'R2', /credential/);
  assert.equal(error.provenSender, mallory.privatePath.leafIndex, 'whoever signed it is named');
});

test('a path that brings extensions or other capabilities', async () => {
  for (const change of [{ extensions: [{ extensionType: 'application_id' as const, extensionData: new Uint8Array(1) }] }, {
    capabilities: { versions: ['mls10' as const], ciphersuites: [suite.name], extensions: [roomExtension, 0xf0a2], proposals: [], credentials: ['basic' as const] },
  }]) {
    const tree = mallory.ratchetTree.map((node, index) => (node?.nodeType === 'leaf' && index === 2 * mallory.privatePath.leafIndex
      ? { ...node, leaf: { ...node.leaf, ...change } } : node));
    const made = await bareCommit({ ...mallory, ratchetTree: tree }, []);
    await bareApply(eve, made.bytes);
    await refused(ours(), made.bytes, 'R2');
  }
});

test('one identity on two leaves, and one key', async () => {
  const made = await bareCommit(annaBare, [addOf(await newcomer(m.person('carol')))]);
  assert.equal(names(await bareApply(eve, made.bytes)).filter((name) => name === 'carol').length, 2);
  await refused(ours(), made.bytes, 'R6', /identity twice/);
  const twin = await person('twin');
  const both = await bareCommit(annaBare, [addOf(await newcomer(twin)), addOf(await newcomer(twin))]);
  await bareApply(eve, both.bytes);
  await refused(ours(), both.bytes, 'R6', /identity twice/);
});

test('a guest adds, kicks, changes policy, deletes nothing, or brings another extension', async () => {
  const carol = m.leaf('carol');
  const anna = m.leaf('anna');
  const cases: readonly [Proposal[], 'R3' | 'R4'][] = [
    [[await ghost()], 'R3'],
    [[removeOf(m.leaf('eve'))], 'R3'],
    [[next({ mode: 'sealed' })], 'R3'],
    [[next({})], 'R3'],
    [[next({ locked: true })], 'R3'],
    [[removeOf(carol), await ghost()], 'R3'],
    [[removeOf(anna), addOf(await newcomer(m.person('carol')))], 'R3'],
    [[{ proposalType: 'group_context_extensions', groupContextExtensions: { extensions: [] } }], 'R4'],
  ];
  for (const [proposals, rule] of cases) {
    const made = await bareCommit(mallory, proposals);
    await bareApply(remaining(proposals), made.bytes);
    await refused(ours(), made.bytes, rule);
  }
});

/** remaining is a bare state that the proposals do not remove. */
function remaining(proposals: readonly Proposal[]): ClientState {
  const gone = proposals.some((p) => p.proposalType === 'remove' && p.remove.removed === eve.privatePath.leafIndex);
  return gone ? annaBare : eve;
}

test('external_senders beside the room', async () => {
  const extensions = [
    { extensionType: roomExtension, extensionData: encodeRoom({ ...room(), rev: room().rev + 1 }) },
    { extensionType: 'application_id' as const, extensionData: new Uint8Array(4) },
  ];
  const made = await bareCommit(annaBare, [{ proposalType: 'group_context_extensions', groupContextExtensions: { extensions } }]);
  assert.equal((await bareApply(eve, made.bytes)).groupContext.extensions.length, 2);
  await refused(ours(), made.bytes, 'R4', /another extension/);
});

test('Remove and policy in one commit: nobody could apply it', async () => {
  const made = await bareCommit(annaBare, [removeOf(m.leaf('mallory')), next({ locked: true })]);
  await assert.rejects(bareApply(eve, made.bytes), 'the library seals the path under the old extensions');
  await refused(ours(), made.bytes, 'R3', /beside another/);
  await refused(ours(), (await bareCommit(annaBare, [await ghost(), next({ locked: true })])).bytes, 'R3', /beside another/);
});

test('a commit without a sender of this epoch, group or signature', async () => {
  const made = await m.make('anna', { do: 'refresh', epoch: m.group('anna').view.epoch });
  for (const [change, fault] of [[(b: Bytes) => b.fill(7, 10, 12), 'refused'], [(b: Bytes) => b.fill(7, b.length - 20), 'unsigned']] as const) {
    const bytes = made.commit.slice();
    change(bytes);
    await faulty(ours(), () => ours().apply(bytes), fault, fault === 'refused' ? 'R1' : undefined);
  }
});

test('another leaf number in the sender: the signature is not that leaf\'s', async () => {
  const leaf = m.leaf('anna');
  const made = await bareCommit({ ...mallory, privatePath: { ...mallory.privatePath, leafIndex: leaf } }, [next({ locked: true })]);
  await assert.rejects(bareApply(eve, made.bytes));
  await faulty(ours(), () => ours().apply(made.bytes), 'unsigned');
});

test('garbage sealed to one member: that one is told to rejoin, the others go on', async () => {
  // carol is at our side; what is sealed to her leaf is sealed to another key.
  const wrong = await suite.hpke.generateKeyPair();
  const target = m.leaf('carol');
  const node = eve.ratchetTree[2 * target];
  assert.ok(node?.nodeType === 'leaf');
  const keyOf = node.leaf.hpkePublicKey;
  const hpke: typeof suite.hpke = { ...suite.hpke, seal: async (key, ...rest) => suite.hpke.seal(equal(await suite.hpke.exportPublicKey(key), keyOf) ? wrong.publicKey : key, ...rest) };
  const { createCommit } = await import('ts-mls/createCommit.js');
  const made = await createCommit({ state: mallory, cipherSuite: { ...suite, hpke } }, { wireAsPublicMessage: true });
  assert.equal((await bareApply(eve, wire(made.commit))).groupContext.epoch, eve.groupContext.epoch + 1n);
  await faulty(ours(), () => ours().apply(wire(made.commit)), 'unreachable');
});

test('a KeyPackage whose time is over, or too long, and a swapped one', async () => {
  const late = await person('late');
  const stale = await JoinKey.make(late.identity, { room: roomNumber, kind: 'guest', name: 'late', subject: '' }, nowSeconds - 2 * 3600, suite);
  const RealDate = Date.now;
  const { bytes } = await (async () => {
    Date.now = () => (nowSeconds - 2 * 3600) * 1000;
    try {
      return await bareCommit(annaBare, [addOf({ keyPackage: stale.packages.publicPackage })]);
    } finally {
      Date.now = RealDate;
    }
  })();
  assert.ok(names(await bareApply(eve, bytes)).includes('late'), 'the library takes it: times are no rule of validity');
  const group = m.group('anna');
  const check = (key: Bytes, at: number, ref?: Bytes) => faulty(group, () => checkNewcomer(roomNumber, key, at, suite, ref), 'stale');
  await check(stale.keyPackage, nowSeconds);
  const fresh = await joinKey(late);
  await check(fresh.keyPackage, nowSeconds - 3600);
  await checkNewcomer(roomNumber, fresh.keyPackage, nowSeconds, suite, fresh.ref);
  await faulty(group, () => checkNewcomer(roomNumber, fresh.keyPackage, nowSeconds, suite, stale.ref), 'refused', undefined, /card/);
  await faulty(group, async () => checkNewcomer('1001', fresh.keyPackage, nowSeconds, suite), 'refused', 'R6');
  const { publicPackage } = await generateKeyPackage(fresh.packages.publicPackage.leafNode.credential, fresh.packages.publicPackage.leafNode.capabilities, { notBefore: 0n, notAfter: 1n << 40n }, [], suite);
  const foreign = wire({ version: 'mls10', wireformat: 'mls_key_package', keyPackage: publicPackage });
  await faulty(group, () => checkNewcomer(roomNumber, foreign, nowSeconds, suite), 'refused', 'R6', /cert/);
});

test('a removed member cannot derive the next exporter secret', async () => {
  const init = mallory.keySchedule.initSecret.slice();
  const made = await bareCommit(annaBare, [removeOf(mallory.privatePath.leafIndex)]);
  const after = await bareApply(eve, made.bytes);
  const zero = new Uint8Array(32);
  const guess = await initializeEpoch(init, zero, after.groupContext, zero, suite.kdf);
  assert.notDeepEqual(guess.keySchedule.exporterSecret, after.keySchedule.exporterSecret);
  // The guess is a good one where there is no path: an Add by itself.
  const added = await bareCommit(annaBare, [await ghost()]);
  const grown = await bareApply(eve, added.bytes);
  const known = await initializeEpoch(init, zero, grown.groupContext, zero, suite.kdf);
  assert.deepEqual(known.keySchedule.exporterSecret, grown.keySchedule.exporterSecret, 'so the test can tell');
  // Our rule asks for the path even if a later release of the library makes none.
  const { message } = made;
  assert.ok(message.wireformat === 'mls_public_message');
  const { content } = message.publicMessage;
  assert.ok(content.contentType === 'commit');
  const commit = { proposals: content.commit.proposals, path: undefined };
  const bare = wire({ ...message, publicMessage: { ...message.publicMessage, content: { ...content, commit } } });
  await refused(ours(), bare, 'R3', /path/);
});
