// Makes story.json: one meeting in real MLS messages (ts-mls) with the policies, grants and checkpoints of our own browser code.
// How to run it is in README.md.
import { webcrypto as crypto } from 'node:crypto';
import { createGroup, joinGroup, type ClientState } from 'ts-mls/clientState.js';
import { createCommit, createGroupInfo } from 'ts-mls/createCommit.js';
import { acceptAll } from 'ts-mls/incomingMessageAction.js';
import { generateKeyPackageWithKey } from 'ts-mls/keyPackage.js';
import { decodeMlsMessage, encodeMlsMessage, type MLSMessage } from 'ts-mls/message.js';
import { processPublicMessage } from 'ts-mls/processMessages.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { emptyPskIndex } from 'ts-mls/pskIndex.js';
import { capabilities, clientConfig } from '../../../web/src/e2ee/mls/capabilities.ts';
import { encodeSealed } from '../../../web/src/e2ee/mls/bundle.ts';
import { bundlesFor } from '../../../web/src/e2ee/mls/epoch_bundles.ts';
import { leafSigner, newHpke, newSuite } from '../../../web/src/e2ee/mls/suite.ts';
import { viewOf } from '../../../web/src/e2ee/mls/view.ts';
import { signCharter } from '../../../web/src/e2ee/policy/charter.ts';
import { encodeCheckpoint, signCheckpoint, type MarkedState } from '../../../web/src/e2ee/policy/checkpoint.ts';
import { encodeConsents, signConsent } from '../../../web/src/e2ee/policy/consent.ts';
import { encodeCredential, issueCredential } from '../../../web/src/e2ee/policy/credential.ts';
import { signRequest, type GrantRequest } from '../../../web/src/e2ee/policy/grant_request.ts';
import { signHost } from '../../../web/src/e2ee/policy/hosts.ts';
import { encodeRoom, roomExtension, type Room } from '../../../web/src/e2ee/policy/room.ts';
import { sha256, type Signer } from '../../../web/src/e2ee/policy/signing.ts';

const suite = await newSuite();
const count = (n: number, first: number): Uint8Array<ArrayBuffer> => Uint8Array.from({ length: n }, (_, i) => (first + i) & 255);
const hex = (b: Uint8Array): string => Buffer.from(b).toString('hex');
const now = 1_790_000_000; // when the meeting begins
const day = 86_400;
const room = '1000';
const group = count(16, 0xa0);

/** seeded is the Ed25519 key whose seed counts up from first, as Go's tests make it. */
async function seeded(first: number): Promise<Signer> {
  const pkcs8 = Buffer.concat([Buffer.from('302e020100300506032b657004220420', 'hex'), count(32, first)]);
  const key = await crypto.subtle.importKey('pkcs8', pkcs8, 'Ed25519', true, ['sign']);
  const { x } = await crypto.subtle.exportKey('jwk', key);
  return leafSigner(Buffer.from(x ?? '', 'base64url'), pkcs8);
}

type Kind = 'guest' | 'account';

async function person(name: string, kind: Kind, identity: Signer) {
  const leaf = await suite.signature.keygen();
  const claim = { room, leafKey: new Uint8Array(leaf.publicKey), kind, name, subject: '', notAfter: now + day / 2 };
  const credential = encodeCredential(await issueCredential(identity, claim));
  const made = Math.floor(Date.now() / 1000); // the library compares this with the real clock
  const lifetime = { notBefore: BigInt(made - 600), notAfter: BigInt(made + 3600) };
  const pair = await generateKeyPackageWithKey({ credentialType: 'basic', identity: credential }, capabilities, lifetime, [], leaf, suite);
  return { identity, package: pair, signer: leafSigner(leaf.publicKey, leaf.signKey) };
}
type Person = Awaited<ReturnType<typeof person>>;

const anna = await person('Anna', 'account', await seeded(0x10));
const bob = await person('Bob', 'account', await seeded(0x11));
const carol = await person('Carol \u202e\u0007', 'guest', await seeded(0x12)); // what is in a name must not reach the report
const dave = await person('Dave', 'account', await seeded(0x13));
const daveAgain = await person('Dave', 'account', dave.identity);

const gateway = await seeded(0x70);
const hpkeKey = async (first: number): Promise<Uint8Array<ArrayBuffer>> => {
  const { publicKey } = await newHpke().kem.deriveKeyPair(count(32, first).buffer);
  return new Uint8Array(await newHpke().kem.serializePublicKey(publicKey));
};
const ask = async (first: number, part: Pick<GrantRequest, 'legs' | 'scope' | 'speak'>) =>
  signRequest(gateway, { room, group, id: count(16, first), hpke: await hpkeKey(first), notAfter: now + 3600, ...part });
const phone = await ask(0x22, { legs: [{ no: 2, kind: 'phone', label: 'Line 2', number: '+49 30 ...34' }], scope: ['audio'], speak: ['audio'] });
const recorder = await ask(0x42, { legs: [{ no: 3, kind: 'recorder', label: '', number: '' }], scope: ['audio', 'video'], speak: [] });

const empty: Room = {
  v: 1, rev: 0, mode: 'mixed', locked: false, maxScope: ['audio', 'video'], gateways: [gateway.publicKey], vetoRule: 'host',
  charter: await signCharter(anna.identity, { room, group, owner: anna.identity.publicKey, floor: 'mixed', made: now }),
  hosts: [await signHost(anna.identity, group, anna.identity.publicKey)],
  fallbackHost: [await signHost(anna.identity, group, dave.identity.publicKey)], nextGrant: 1, grants: [],
};
const granted: Room = { ...empty, rev: 1, nextGrant: 2, grants: [{ n: 1, ...phone, scope: ['audio'], speak: ['audio'], notAfter: now + 3600 }] };
const revoked: Room = { ...granted, rev: 2, grants: [] };
const strict: Room = { ...revoked, rev: 3, vetoRule: 'all' };
const recorded: Room = { ...strict, rev: 4, nextGrant: 3, grants: [{ n: 2, ...recorder, scope: ['audio', 'video'], speak: [], notAfter: now + 3000 }] };
const taken: Room = { ...recorded, rev: 5, hosts: [...recorded.hosts, ...recorded.fallbackHost], fallbackHost: [] };
const extension = (r: Room) => ({ extensionType: roomExtension, extensionData: encodeRoom(r) });

// What the server gets, in order.
const events: Record<string, unknown>[] = [];
let time = now;
const tell = (event: Record<string, unknown>): void => {
  time += 20;
  events.push({ time: time * 1000, ...event });
};
const packed = (p: Person): string =>
  hex(encodeMlsMessage({ version: 'mls10', wireformat: 'mls_key_package', keyPackage: p.package.publicPackage }));

async function vouched(s: ClientState, p: Person, state: MarkedState, other: { readonly transcript?: Uint8Array } = {}) {
  const view = viewOf(s);
  const transcript = new Uint8Array(other.transcript ?? view.transcript);
  const place = { v: 1 as const, group: view.group, epoch: Number(view.epoch), transcript, tree: view.tree };
  const signed = encodeCheckpoint({ ...place, room: await sha256(encodeRoom(view.room)), state });
  return { leaf: s.privatePath.leafIndex, signed: hex(signed), sig: hex(await signCheckpoint(p.signer, signed)) };
}
const vouch = async (s: ClientState, p: Person, state: MarkedState): Promise<void> => tell({ checkpoint: await vouched(s, p, state) });

interface Made { readonly state: ClientState; readonly message: MLSMessage; readonly welcome: unknown }

async function commit(s: ClientState, p: Person, extraProposals: readonly Proposal[], authenticatedData?: Uint8Array): Promise<Made> {
  const made = await createCommit(
    { state: s, cipherSuite: suite },
    { wireAsPublicMessage: true, ratchetTreeExtension: true, extraProposals: [...extraProposals], ...(authenticatedData && { authenticatedData }) },
  );
  const sealed = await bundlesFor(made.newState, viewOf(made.newState), p.signer, suite);
  const host = p === anna || p === daveAgain;
  const bundles = host ? await Promise.all(sealed.map(async (b) => hex(await sha256(encodeSealed(b))))) : [];
  tell({ commit: hex(encodeMlsMessage(made.commit)), epoch: Number(s.groupContext.epoch), leaf: s.privatePath.leafIndex, bundles });
  return { state: made.newState, message: made.commit, welcome: made.welcome };
}
async function apply(s: ClientState, m: MLSMessage): Promise<ClientState> {
  const w = decodeMlsMessage(encodeMlsMessage(m), 0)?.[0];
  if (w?.wireformat !== 'mls_public_message') throw new Error('not public');
  return (await processPublicMessage(s, w.publicMessage, emptyPskIndex, suite, acceptAll)).newState;
}
const join = (welcome: unknown, p: Person): Promise<ClientState> =>
  joinGroup(welcome as never, p.package.publicPackage, p.package.privatePackage, emptyPskIndex, suite, undefined, undefined, clientConfig);
const add = (p: Person): Proposal => ({ proposalType: 'add', add: { keyPackage: p.package.publicPackage } });
const remove = (leaf: number): Proposal => ({ proposalType: 'remove', remove: { removed: leaf } });
const policy = (r: Room): Proposal => ({ proposalType: 'group_context_extensions', groupContextExtensions: { extensions: [extension(r)] } });

// Epoch 0: Anna alone. 1: Bob and Carol come. 2: Bob renews.
let a = await createGroup(group, anna.package.publicPackage, anna.package.privatePackage, [extension(empty)], suite, clientConfig);
const groupInfo = await createGroupInfo(a.groupContext, a.confirmationTag, a, [], suite);
tell({ founded: { keyPackage: packed(anna), groupInfo: hex(encodeMlsMessage({ version: 'mls10', wireformat: 'mls_group_info', groupInfo })) } });
await vouch(a, anna, 'sealed');
let made = await commit(a, anna, [add(bob), add(carol)]);
a = made.state;
let b = await join(made.welcome, bob);
let c = await join(made.welcome, carol);
await vouch(b, bob, 'sealed');
await vouch(c, carol, 'sealed');
made = await commit(b, bob, []);
[a, b, c] = [await apply(a, made.message), made.state, await apply(c, made.message)];

// 3: a grant of sound. 4: Bob, a guest of the room, takes it away.
await vouch(c, carol, 'asked');
made = await commit(a, anna, [policy(granted)]);
[a, b, c] = [made.state, await apply(b, made.message), await apply(c, made.message)];
await vouch(a, anna, 'audioOpen');
await vouch(b, bob, 'audioOpen');
const contradicting = [await vouched(c, carol, 'sealed'), await vouched(c, carol, 'audioOpen', { transcript: count(32, 1) })];
made = await commit(b, bob, [policy(revoked)]);
[a, b, c] = [await apply(a, made.message), made.state, await apply(c, made.message)];
await vouch(b, bob, 'sealing');
await vouch(c, carol, 'sealed');

// 5: Dave for Carol. 6: Dave renews. 7: Bob renews, and that is taken back; Anna changes the veto rule in its place.
made = await commit(a, anna, [remove(2), add(dave)]);
[a, b] = [made.state, await apply(b, made.message)];
let d = await join(made.welcome, dave);
await vouch(d, dave, 'sealed');
made = await commit(d, dave, []);
[a, b, d] = [await apply(a, made.message), await apply(b, made.message), made.state];
const lost = await commit(b, bob, []);
const fork = await vouched(lost.state, bob, 'sealed');
tell({ reopened: 6 });
made = await commit(a, anna, [policy(strict)]);
[a, b, d] = [made.state, await apply(b, made.message), await apply(d, made.message)];

// 8: a grant that records, with everybody's consent. 9: Dave takes over. 10: he comes back after a reload. 11: Bob goes.
const to = { group, epoch: a.groupContext.epoch, request: recorder.request };
const consents = encodeConsents([
  await signConsent(anna.signer, 0, to), await signConsent(bob.signer, 1, to), await signConsent(dave.signer, 2, to),
]);
made = await commit(a, anna, [policy(recorded)], consents);
[a, b, d] = [made.state, await apply(b, made.message), await apply(d, made.message)];
await vouch(d, dave, 'mediaOpen');
made = await commit(d, dave, [policy(taken)]);
[a, b, d] = [await apply(a, made.message), await apply(b, made.message), made.state];
made = await commit(b, bob, [remove(2), add(daveAgain)]);
[a, b, d] = [await apply(a, made.message), made.state, await join(made.welcome, daveAgain)];
await vouch(b, bob, 'mediaOpen');
made = await commit(d, daveAgain, [remove(1)]);
[a, d] = [await apply(a, made.message), made.state];
await vouch(a, anna, 'mediaOpen');
tell({ end: true });

const note = 'Made by generate.ts. Byte strings are hex; messages are MLSMessages (RFC 9420 section 6); times are Unix milliseconds.';
process.stdout.write(`${JSON.stringify({ note, events, fork, contradicting }, null, 1)}\n`);
