// Makes messages.json: one meeting in real MLS messages (ts-mls) with the policies, credentials and bundles of our own browser
// code. How to run it is in README.md.
import { webcrypto as crypto } from 'node:crypto';
import { createGroup, joinGroup, type ClientState } from 'ts-mls/clientState.js';
import { createCommit, createGroupInfo, createGroupInfoWithExternalPub, joinGroupExternal } from 'ts-mls/createCommit.js';
import { createApplicationMessage, createProposal } from 'ts-mls/createMessage.js';
import { proposeAddExternal } from 'ts-mls/externalProposal.js';
import { acceptAll } from 'ts-mls/incomingMessageAction.js';
import { generateKeyPackageWithKey, makeKeyPackageRef } from 'ts-mls/keyPackage.js';
import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from 'ts-mls/message.js';
import { processPublicMessage } from 'ts-mls/processMessages.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { capabilities, clientConfig } from '../../../web/src/e2ee/mls/capabilities.ts';
import { encodeSealed, sealBundle } from '../../../web/src/e2ee/mls/bundle.ts';
import { granteeKey, mediaKey } from '../../../web/src/e2ee/mls/epoch_keys.ts';
import { leafSigner, newHpke, newSuite } from '../../../web/src/e2ee/mls/suite.ts';
import { signCharter } from '../../../web/src/e2ee/policy/charter.ts';
import { encodeCredential, issueCredential } from '../../../web/src/e2ee/policy/credential.ts';
import { signRequest } from '../../../web/src/e2ee/policy/grant_request.ts';
import { signHost } from '../../../web/src/e2ee/policy/hosts.ts';
import { encodeRoom, roomExtension, type Room } from '../../../web/src/e2ee/policy/room.ts';
import { signLabelled, type Signer } from '../../../web/src/e2ee/policy/signing.ts';

const suite = await newSuite();
const count = (n: number, first: number): Uint8Array => Uint8Array.from({ length: n }, (_, i) => (first + i) & 255);
const hex = (b: Uint8Array): string => Buffer.from(b).toString('hex');
const now = 1_790_000_000; // of policies; credentials and bundles are judged at that time
const day = 86_400;

/** seeded is the Ed25519 key whose seed counts up from first, as Go's tests make it. */
async function seeded(first: number): Promise<Signer> {
  const head = Buffer.from('302e020100300506032b657004220420', 'hex');
  const pkcs8 = Buffer.concat([head, count(32, first)]);
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
  const { x } = await crypto.subtle.exportKey('jwk', key);
  return leafSigner(Buffer.from(x ?? '', 'base64url'), pkcs8);
}

interface Person {
  readonly identity: Signer;
  readonly leaf: { readonly publicKey: Uint8Array; readonly signKey: Uint8Array };
  readonly credential: Uint8Array;
  readonly package: Awaited<ReturnType<typeof generateKeyPackageWithKey>>;
}

const room = '1000';
const group = count(16, 0xa0);

async function person(name: string, identity: Signer): Promise<Person> {
  const leaf = await suite.signature.keygen();
  const credential = encodeCredential(
    await issueCredential(identity, { room, leafKey: leaf.publicKey, kind: 'account', name, subject: '', notAfter: now + day / 2 }),
  );
  // The library compares this with the real clock; the delivery service does not look.
  const made = Math.floor(Date.now() / 1000);
  const lifetime = { notBefore: BigInt(made - 600), notAfter: BigInt(made + 3600) };
  const pair = await generateKeyPackageWithKey({ credentialType: 'basic', identity: credential }, capabilities, lifetime, [], leaf, suite);
  return { identity, leaf, credential, package: pair };
}

const [anna, bob, carol, dave] = [
  await person('Anna', await seeded(0x10)), await person('Bob', await seeded(0x11)),
  await person('Carol', await seeded(0x12)), await person('Dave', await seeded(0x13)),
];
const bobAgain = await person('Bob', bob.identity);
const annaAgain = await person('Anna', anna.identity);

const gateway = await seeded(0x70);
const hpkeKeys = await newHpke().kem.deriveKeyPair(count(32, 0x22).buffer);
const asked = {
  room, group, id: count(16, 0x60), hpke: new Uint8Array(await newHpke().kem.serializePublicKey(hpkeKeys.publicKey)),
  legs: [{ no: 2, kind: 'phone', label: 'Line 2', number: '+49 30 ...34' }],
  scope: ['audio'], speak: ['audio'], notAfter: now + 3600,
} as const;
const request = await signRequest(gateway, asked);

const empty: Room = {
  v: 1, rev: 0, mode: 'mixed', locked: false, maxScope: ['audio'], gateways: [gateway.publicKey], vetoRule: 'host',
  charter: await signCharter(anna.identity, { room, group, owner: anna.identity.publicKey, floor: 'mixed', made: now }),
  hosts: [await signHost(anna.identity, group, anna.identity.publicKey)],
  fallbackHost: [await signHost(anna.identity, group, carol.identity.publicKey)], nextGrant: 1, grants: [],
};
const granted: Room = {
  ...empty, rev: 1, nextGrant: 2, grants: [{ n: 1, ...request, scope: ['audio'], speak: ['audio'], notAfter: now + 3600 }],
};
const extension = (r: Room) => ({ extensionType: roomExtension, extensionData: encodeRoom(r) });

// Messages as they travel.
const out: Record<string, string> = {};
const put = (name: string, message: MLSMessage): void => { out[name] = hex(encodeMlsMessage(message)); };
const wire = (m: MLSMessage): MLSMessage => decodeMlsMessage(encodeMlsMessage(m), 0)?.[0] as MLSMessage;
const refs: Record<string, string> = {};
for (const [name, p] of Object.entries({ anna, bob, carol, dave, bobAgain, annaAgain })) {
  put(`keyPackage.${name}`, { version: 'mls10', wireformat: 'mls_key_package', keyPackage: p.package.publicPackage });
  refs[name] = hex(await makeKeyPackageRef(p.package.publicPackage, suite.hash));
}
async function info(name: string, s: ClientState): Promise<void> {
  const groupInfo = await createGroupInfo(s.groupContext, s.confirmationTag, s, [], suite);
  put(`groupInfo.${name}`, { version: 'mls10', wireformat: 'mls_group_info', groupInfo });
}
async function commit(name: string, s: ClientState, proposals: readonly Proposal[]): Promise<{ state: ClientState; message: MLSMessage; welcome: unknown }> {
  const r = await createCommit({ state: s, cipherSuite: suite }, { wireAsPublicMessage: true, ratchetTreeExtension: true, extraProposals: [...proposals] });
  put(`commit.${name}`, r.commit);
  if (r.welcome !== undefined) put(`welcome.${name}`, { version: 'mls10', wireformat: 'mls_welcome', welcome: r.welcome });
  return { state: r.newState, message: r.commit, welcome: r.welcome };
}
async function apply(s: ClientState, m: MLSMessage): Promise<ClientState> {
  const w = wire(m);
  if (w.wireformat !== 'mls_public_message') throw new Error('not public');
  return (await processPublicMessage(s, w.publicMessage, emptyPskIndex, suite, acceptAll)).newState;
}
const join = (welcome: unknown, p: Person): Promise<ClientState> =>
  joinGroup(welcome as never, p.package.publicPackage, p.package.privatePackage, emptyPskIndex, suite, undefined, undefined, clientConfig);
const add = (p: Person): Proposal => ({ proposalType: 'add', add: { keyPackage: p.package.publicPackage } });
const remove = (leaf: number): Proposal => ({ proposalType: 'remove', remove: { removed: leaf } });
const policy = (r: Room): Proposal => ({ proposalType: 'group_context_extensions', groupContextExtensions: { extensions: [extension(r)] } });

// Epoch 0: Anna alone. 1: with Bob and Carol. 2: a grant. 3: taken away by Bob. 4: Dave for Carol. 5: Bob after a reload, by Dave.
let a = await createGroup(group, anna.package.publicPackage, anna.package.privatePackage, [extension(empty)], suite, clientConfig);
await info('0', a);
const first = await commit('add', a, [add(bob), add(carol)]);
a = first.state;
await info('1', a);
let b = await join(first.welcome, bob);
let c = await join(first.welcome, carol);
await commit('refresh', b, []);
await commit('carolRefresh', c, []);
await commit('guestAdds', b, [add(dave)]);
await commit('guestSwaps', c, [remove(1), add(dave)]);
await commit('guestGrants', b, [policy(granted)]);
await commit('both', a, [add(dave), policy(granted)]);
for (let i = 0; i < 10; i++) await commit(`pace${i}`, a, []);
const { privateMessage } = await createApplicationMessage(b, new TextEncoder().encode('hello'), suite);
put('message.bob', { version: 'mls10', wireformat: 'mls_private_message', privateMessage });

const grant = await commit('grant', a, [policy(granted)]);
[a, b, c] = [grant.state, await apply(b, grant.message), await apply(c, grant.message)];
const keys = { K: { audio: await mediaKey(a, 'audio', suite) }, G: { audio: await granteeKey(a, 1, 'audio', suite) } };
const transcript = a.groupContext.confirmedTranscriptHash;
const place = { group, epoch: a.groupContext.epoch, transcript, n: 1, request: request.request };
const sealed = await sealBundle(place, keys, asked.hpke, leafSigner(anna.leaf.publicKey, anna.leaf.signKey), anna.credential);
out['bundle.grant'] = hex(encodeSealed(sealed));

const revoke = await commit('revoke', b, [policy({ ...granted, rev: 2, grants: [] })]);
await commit('revokeAndMore', b, [policy({ ...granted, rev: 2, grants: [], locked: true })]);
await commit('refreshInGrant', c, []);
await commit('rejoinInGrant', c, [remove(1), add(bobAgain)]);
await commit('rejoinOfHost', c, [remove(0), add(annaAgain)]);
[a, b, c] = [await apply(a, revoke.message), revoke.state, await apply(c, revoke.message)];

await commit('carolRefresh3', c, []);
const moved = { ...granted, rev: 3, grants: [], hosts: [...granted.hosts, ...granted.fallbackHost], fallbackHost: [] };
const taken = await commit('takeover', c, [policy(moved)]);
await commit('afterTakeover', await apply(a, taken.message), []);
await commit('takeoverByBob', b, [policy(moved)]);

// What has to be refused, all at epoch 3.
const ghost = await person('Ghost', await seeded(0x1f));
put('refused.proposal', (await createProposal(b, true, add(ghost), suite)).message);
put('refused.private', (await createCommit({ state: b, cipherSuite: suite }, { extraProposals: [] })).commit);
const openDoor = await createGroupInfoWithExternalPub(a, [], suite);
put('refused.groupInfo', { version: 'mls10', wireformat: 'mls_group_info', groupInfo: openDoor });
put('refused.newMember', await proposeAddExternal(openDoor, ghost.package.publicPackage, ghost.package.privatePackage, suite));
const door = await joinGroupExternal(openDoor, ghost.package.publicPackage, ghost.package.privatePackage, false, suite, a.ratchetTree, clientConfig);
put('refused.external', { version: 'mls10', wireformat: 'mls_public_message', publicMessage: door.publicMessage });
const reinit: Proposal = {
  proposalType: 'reinit', reinit: { groupId: group, version: 'mls10', cipherSuite: suite.name, extensions: [] },
} as Proposal;
put('refused.reinit', (await createCommit({ state: a, cipherSuite: suite }, { wireAsPublicMessage: true, extraProposals: [reinit] })).commit);
const byRef = (await createProposal(a, true, add(ghost), suite)).newState;
put('refused.reference', (await createCommit({ state: byRef, cipherSuite: suite }, { wireAsPublicMessage: true, ratchetTreeExtension: true })).commit);
const other = { extensionType: 0xf0a2, extensionData: count(4, 0) };
const slipped: Proposal = { proposalType: 'group_context_extensions', groupContextExtensions: { extensions: [extension(granted), other] } };
put('refused.extension', (await createCommit({ state: a, cipherSuite: suite }, { wireAsPublicMessage: true, extraProposals: [slipped] })).commit);

const swap = await commit('swap', a, [remove(2), add(dave)]);
[a, b] = [swap.state, await apply(b, swap.message)];
const d = await join(swap.welcome, dave);
await commit('rejoin', d, [remove(1), add(bobAgain)]);

const note = 'Made by generate.ts. Byte strings are hex; messages are MLSMessages (RFC 9420 section 6).';
const hpkePrivate = hex(new Uint8Array(await newHpke().kem.serializePrivateKey(hpkeKeys.privateKey)));
const proof = hex(await signLabelled(gateway, 'legroom/1 request', request.request));
process.stdout.write(`${JSON.stringify({
  note, now, refs, messages: out,
  gateway: { request: hex(request.request), sig: proof, id: hex(asked.id), hpkePrivate, K: hex(keys.K.audio), G: hex(keys.G.audio) },
}, null, 1)}\n`);
