// Rules R4, R5 and R6 case by case: a host of the library's own ways commits what no host may, another of the library takes it, and
// a group of ours refuses it by the right rule.
import { strict as assert } from 'node:assert';
import { before, test } from 'node:test';
import type { ClientState } from 'ts-mls/clientState.js';
import type { Proposal } from 'ts-mls/proposal.js';
import { concat, lab, own, type Bytes } from '../../src/e2ee/policy/bytes.ts';
import { encodeCbor, type CborValue } from '../../src/e2ee/policy/cbor.ts';
import { signCharter } from '../../src/e2ee/policy/charter.ts';
import { encodeConsents, signConsent, type Consent } from '../../src/e2ee/policy/consent.ts';
import { encodeCredential, issueCredential } from '../../src/e2ee/policy/credential.ts';
import { decodeRequest, type GrantRequest, type SignedRequest } from '../../src/e2ee/policy/grant_request.ts';
import { signHost } from '../../src/e2ee/policy/hosts.ts';
import { encodeRoom, roomExtension, type Grant, type Room } from '../../src/e2ee/policy/room.ts';
import { newSigner, type Signer } from '../../src/e2ee/policy/signing.ts';
import type { Rule } from '../../src/e2ee/mls/group_error.ts';
import { leafSigner } from '../../src/e2ee/mls/suite.ts';
import { nextRoom } from '../../src/e2ee/mls/policy_edit.ts';
import {
  addOf, bareApply, bareCommit, bareMember, contextOf, faulty, grantEdit, joinKey, Meeting, newcomer, nowSeconds, person, refused, removeOf, request,
  roomNumber,
} from './meeting.ts';

let gateway: Signer;
let other: Signer;
let signed: SignedRequest;

before(async () => {
  [gateway, other] = [await newSigner(), await newSigner()];
});

/** A meeting of anna (host), carol (ours, refuses), and two hosts of the library: one commits, the other takes. */
async function scene(change: Partial<Room> = {}): Promise<{ readonly m: Meeting; readonly from: ClientState; readonly lib: ClientState; readonly room: Room }> {
  const m = await Meeting.of(['anna', 'carol'], () => ({ gateways: [gateway.publicKey, other.publicKey], ...change }));
  const people = await m.keysFor(['hilda', 'hugo']);
  const { group } = m.group('anna').view;
  for (const name of ['hilda', 'hugo']) {
    await m.commit('anna', { do: 'host', entry: await signHost(m.person('anna').identity, group, m.person(name).identity.publicKey) });
  }
  const bare = await m.admitBare('anna', [...people.keys()]);
  signed = await request(gateway, m.group('anna').view.room);
  return { m, from: bare.get('hilda') ?? assert.fail(), lib: bare.get('hugo') ?? assert.fail(), room: m.group('anna').view.room };
}

type Scene = Awaited<ReturnType<typeof scene>>;

async function stops({ m, from, lib }: Scene, proposals: readonly Proposal[], rule: Rule, why?: RegExp, authenticatedData?: Bytes): Promise<void> {
  const made = await bareCommit(from, proposals, authenticatedData === undefined ? {} : { authenticatedData });
  await bareApply(lib, made.bytes);
  await refused(m.group('carol'), made.bytes, rule, why);
}

const rawContext = (value: CborValue): Proposal => ({
  proposalType: 'group_context_extensions', groupContextExtensions: { extensions: [{ extensionType: roomExtension, extensionData: encodeCbor(value) }] },
});

const plain = (room: Room): Record<string, CborValue> => (({ ...room }));

test('R4: what a policy may become', async (t) => {
  const s = await scene();
  const { room } = s;
  const { charter, hosts } = room;
  const anna = s.m.person('anna').identity;
  const mallory = await newSigner();
  const [first, ...others] = hosts;
  assert.ok(first);
  const again = await signCharter(anna, { room: charter.room, group: charter.group, owner: charter.owner, floor: 'mixed', made: charter.made + 1 });
  const strange = await newSigner();
  const foreignCharter = await signCharter(strange, { room: charter.room, group: charter.group, owner: strange.publicKey, floor: 'mixed', made: charter.made });
  const absent = await signHost(anna, charter.group, mallory.publicKey);
  const byNobody = await signHost(mallory, charter.group, (await newSigner()).publicKey);
  const cases: readonly [string, Partial<Room>, RegExp?][] = [
    ['rev stays', { rev: room.rev }, /rev/],
    ['rev jumps', { rev: room.rev + 2 }, /rev/],
    ['another charter of the same owner', { charter: again }, /another charter/],
    ['a stranger\'s charter', { charter: foreignCharter }],
    ['a charter that nobody signed', { charter: { ...charter, floor: 'sealed' } }],
    ['the first host entry goes', { hosts: others }],
    ['another host entry goes', { hosts: hosts.slice(0, 2) }, /entry is gone/],
    ['a host entry changes places', { hosts: [first, ...others.toReversed()] }, /entry is gone/],
    ['a host entry signed by nobody', { hosts: [...hosts, { ...absent, sig: new Uint8Array(64) }] }, /sig/],
    ['a host entry of another group', { hosts: [...hosts, await signHost(anna, new Uint8Array(16), mallory.publicKey)] }, /sig/],
    ['a host made by a stranger', { hosts: [...hosts, byNobody] }, /by/],
    ['a fallback entry made by a stranger', { fallbackHost: [byNobody] }, /by/],
    ['a fallback entry signed by nobody', { fallbackHost: [{ ...absent, sig: new Uint8Array(64) }] }, /sig/],
    ['no host that is present', { hosts: [...hosts.map((entry) => ({ ...entry, out: true as const })), absent] }, /no host remains/],
    ['sealed with a grant', { ...nextRoom(room, [grantEdit(signed)]), mode: 'sealed' }, /sealed/],
  ];
  for (const [name, change, why] of cases) await t.test(name, () => stops(s, [contextOf({ ...room, rev: room.rev + 1, ...change })], 'R4', why));
  const raw: readonly [string, Record<string, CborValue>][] = [
    ['mode open', { mode: 'open' }], ['version 2', { v: 2 }], ['an unknown key', { more: 1 }], ['nextGrant 0', { nextGrant: 0 }], ['rev as text', { rev: '1' }],
  ];
  for (const [name, change] of raw) await t.test(name, () => stops(s, [rawContext({ ...plain({ ...room, rev: room.rev + 1 }), ...change })], 'R4'));
  await t.test('CBOR spelled another way', async () => {
    const extensionData = own(encodeRoom({ ...room, rev: room.rev + 1 }));
    // The map of 12 with a two-byte head says the same.
    const longer = concat(Uint8Array.of(0xb8, 12), extensionData.subarray(1));
    assert.equal(extensionData[0], 0xac);
    await stops(s, [{ proposalType: 'group_context_extensions', groupContextExtensions: { extensions: [{ extensionType: roomExtension, extensionData: longer }] } }], 'R4', /spelling/);
  });
});

test('R4: floor and lock', async (t) => {
  const owner = await newSigner();
  const locked = await scene({ locked: true, mode: 'sealed', vetoRule: 'any', maxScope: ['audio'] });
  const cases: readonly [string, Partial<Room>, RegExp][] = [
    ['unlocked', { locked: false }, /unlocked/],
    ['looser mode', { mode: 'mixed' }, /looser mode/],
    ['wider scope', { maxScope: ['audio', 'video'] }, /maxScope/],
    ['looser veto rule', { vetoRule: 'host' }, /vetoRule/],
    ['another gateway', { gateways: [owner.publicKey] }, /gateway/],
  ];
  for (const [name, change, why] of cases) {
    await t.test(name, () => stops(locked, [contextOf({ ...locked.room, rev: locked.room.rev + 1, ...change })], 'R4', why));
  }
  const m = await Meeting.of(['anna', 'carol'], async (people, room) => {
    const { identity } = people.get('anna') ?? assert.fail();
    const { made, group } = room.charter;
    return { mode: 'sealed', charter: await signCharter(identity, { room: roomNumber, group, owner: identity.publicKey, floor: 'sealed', made }) };
  });
  const { view } = m.group('anna');
  await assert.rejects(m.make('anna', { do: 'mode', mode: 'mixed' }), /room.mode/);
  assert.equal(view.room.mode, 'sealed');
});

test('R5: what a new grant may be', async (t) => {
  const s = await scene();
  const { room } = s;
  const grant = (change: Partial<Grant> = {}): Grant => ({ n: 1, request: signed.request, sig: signed.sig, scope: ['audio'], speak: ['audio'], notAfter: nowSeconds + 3600, ...change });
  const asked = async (change: Partial<GrantRequest>, by = gateway): Promise<Grant> => grant(await request(by, room, change));
  const unlisted = await newSigner();
  const cases: readonly [string, readonly Grant[], Rule, number?][] = [
    ['forged', [grant({ sig: new Uint8Array(64) })], 'R4'],
    ['of another room', [await asked({ room: '1001' })], 'R4'],
    ['of another meeting', [await asked({ group: new Uint8Array(16) })], 'R4'],
    ['of a gateway that is not listed', [await asked({}, unlisted)], 'R4'],
    ['signed by another listed gateway', [grant({ sig: (await request(other, room)).sig })], 'R4'],
    ['wider than asked', [await asked({ scope: [] })], 'R4'],
    ['speaks more than asked', [await asked({ speak: [] })], 'R4'],
    ['wider than the room', [grant({ ...(await request(gateway, room, { scope: ['audio', 'video'] })), scope: ['audio', 'video'] })], 'R4'],
    ['longer than asked', [grant({ notAfter: nowSeconds + 3601 })], 'R4'],
    ['without legs', [await asked({ legs: [] })], 'R4'],
    ['two for one gateway', [grant(), { ...(await asked({})), n: 2 }], 'R4', 3],
    ['number 0', [grant({ n: 0 })], 'R4'],
    ['number left out', [grant({ n: 2 })], 'R5', 3],
    ['nextGrant left where it was', [grant()], 'R4', 1],
    ['nextGrant jumps', [grant()], 'R5', 3],
    ['nextGrant jumps without a grant', [], 'R5', 2],
  ];
  for (const [name, grants, rule, nextGrant] of cases) {
    await t.test(name, () => stops(s, [contextOf({ ...room, rev: room.rev + 1, nextGrant: nextGrant ?? 2, grants })], rule));
  }
  await t.test('authenticated_data without need', () => stops(s, [contextOf(nextRoom(room, [grantEdit(signed)]))], 'R5', /authenticated_data/, Uint8Array.of(0x80)));
});

test('R5: what becomes of grants in force', async (t) => {
  const s = await scene();
  const { m } = s;
  const granted = await m.make('anna', grantEdit(signed));
  await m.deliver(granted.commit);
  const now: Scene = { ...s, room: m.group('anna').view.room, from: await bareApply(s.from, granted.commit), lib: await bareApply(s.lib, granted.commit) };
  const { room } = now;
  const [one] = room.grants;
  assert.ok(one);
  const policy = (change: Partial<Room>): Proposal[] => [contextOf({ ...room, rev: room.rev + 1, ...change })];
  await t.test('widened in place', () => stops(now, policy({ grants: [{ ...one, speak: [] }] }), 'R5', /changes/));
  await t.test('another request under the same number', async () => stops(now, policy({ grants: [{ ...one, ...(await request(gateway, room)) }] }), 'R5', /changes/));
  await t.test('the same request under a new number', () => stops(now, policy({ nextGrant: 3, grants: [{ ...one, n: 2 }] }), 'R5', /used before/));
  await t.test('the same hpke key in a new request', async () => {
    const { hpke } = decodeRequest(one.request);
    await stops(now, policy({ nextGrant: 3, grants: [{ ...one, ...(await request(gateway, room, { hpke })), n: 2 }] }), 'R5', /used before/);
  });
  await t.test('a new request replaces the old one', async () => {
    await m.commit('anna', grantEdit(await request(gateway, room)));
    assert.deepEqual(m.group('carol').view.room.grants.map((g) => g.n), [2]);
  });
  await t.test('while a grant is in force guests make no epoch', async () => {
    const carol = m.group('carol');
    await faulty(carol, () => m.make('carol', { do: 'refresh', epoch: carol.view.epoch }), 'refused', 'R3', /REFRESH/);
    await m.admit('anna', ['gus']);
    const again = await newcomer(m.person('gus'));
    await faulty(carol, () => m.make('carol', { do: 'rejoin', newcomer: again }), 'refused', 'R3', /REJOIN of a guest/);
    await m.make('carol', { do: 'rejoin', newcomer: await newcomer(m.person('anna')) });
  });
});

test('R5: a revoked grant does not come back by a list from before', async () => {
  const s = await scene();
  const { m } = s;
  let { from, lib } = s;
  const all = async (bytes: Bytes): Promise<void> => {
    await m.deliver(bytes);
    [from, lib] = [await bareApply(from, bytes), await bareApply(lib, bytes)];
  };
  await all((await m.make('anna', grantEdit(signed))).commit);
  const stale = m.group('anna').view.room.grants;
  await all((await m.make('carol', { do: 'revoke', n: 1 })).commit);
  const { room } = m.group('anna').view;
  await stops({ m, from, lib, room }, [contextOf({ ...room, rev: room.rev + 1, grants: stale })], 'R5', /next number/);
  await stops({ m, from, lib, room }, [contextOf({ ...room, rev: room.rev + 1, nextGrant: 3, grants: [...stale] })], 'R5', /next number/);
});

test('R5: everybody has to consent where the rule is all', async (t) => {
  const s = await scene({ vetoRule: 'all' });
  const { room, m } = s;
  const { view } = m.group('anna');
  const to = { group: view.group, epoch: view.epoch, request: signed.request };
  const proposals = [contextOf(nextRoom(room, [grantEdit(signed)]))];
  const signers = new Map<number, Signer>();
  for (const state of [s.from, s.lib]) {
    const node = state.ratchetTree[2 * state.privatePath.leafIndex];
    assert.ok(node?.nodeType === 'leaf');
    signers.set(state.privatePath.leafIndex, leafSigner(node.leaf.signaturePublicKey, state.signaturePrivateKey));
  }
  const ours = await Promise.all(['anna', 'carol'].map((name) => m.group(name).consent(signed.request)));
  const consents = async (change: Partial<typeof to> = {}): Promise<Consent[]> => [
    ...ours, ...(await Promise.all([...signers].map(([leaf, key]) => signConsent(key, leaf, { ...to, ...change })))),
  ];
  const all = await consents();
  const [first, ...rest] = [...all].sort((a, b) => a.leaf - b.leaf);
  assert.ok(first && rest[0]);
  const elsewhere = await request(gateway, room);
  const cases: readonly [string, Bytes][] = [
    ['none', new Uint8Array()],
    ['not CBOR', Uint8Array.of(0xff)],
    ['one missing', encodeConsents(rest)],
    ['one twice', encodeConsents([first, first, ...rest.slice(1)])],
    ['one of nobody', encodeConsents([...all, { leaf: 99, sig: first.sig }])],
    ['one by another leaf', encodeConsents([{ ...first, sig: rest[0].sig }, ...rest])],
    ['of another epoch', encodeConsents(await consents({ epoch: view.epoch - 1n }))],
    ['to another request', encodeConsents(await consents({ request: elsewhere.request }))],
    ['in another meeting', encodeConsents(await consents({ group: new Uint8Array(16) }))],
  ];
  for (const [name, data] of cases) await t.test(name, () => stops(s, proposals, 'R5', undefined, data));
  await t.test('the rule loosened in the same commit', () => stops(s, [contextOf(nextRoom(room, [grantEdit(signed), { do: 'vetoRule', rule: 'host' }]))], 'R5'));
  await t.test('of all', async () => {
    const edit = { ...grantEdit(signed), consents: { epoch: view.epoch, given: all } };
    await m.commit('anna', edit);
    assert.equal(m.group('carol').view.room.grants.length, 1);
  });
});

test('R6: what an added leaf has to be', async (t) => {
  const s = await scene();
  const dora = await person('dora');
  s.m.people.set('dora', dora);
  const good = await joinKey(dora);
  const claim = { room: roomNumber, kind: 'guest' as const, name: 'dora', subject: '', notAfter: nowSeconds + 100 };
  const kp = await bareMember(encodeCbor(1));
  const forKey = (leafKey: Bytes, change: Partial<typeof claim> = {}) => issueCredential(dora.identity, { ...claim, leafKey, ...change });
  const cases: readonly [string, Awaited<ReturnType<typeof bareMember>>][] = [
    ['no credential of ours', kp],
    ['a credential for another key', await bareMember(encodeCredential(await forKey(own(kp.publicPackage.leafNode.signaturePublicKey))))],
    ['a gateway as a member', await bareMember(encodeCbor({ ...plainCredential(await forKey(new Uint8Array(32))), kind: 'gateway' }))],
  ];
  for (const [name, { publicPackage }] of cases) await t.test(name, () => stops(s, [addOf({ keyPackage: publicPackage })], 'R6'));
  const elsewhere = await joinKey(dora, '1001');
  await t.test('of another room', () => stops(s, [addOf({ keyPackage: elsewhere.packages.publicPackage })], 'R6', /cert/));
  await t.test('the KeyPackage of somebody who goes in the same commit', async () => {
    const { publicPackage } = good.packages;
    const add = await s.m.make('anna', { do: 'add', newcomer: await newcomer(dora, good) });
    await s.m.deliver(add.commit);
    const now: Scene = { ...s, from: await bareApply(s.from, add.commit), lib: await bareApply(s.lib, add.commit) };
    await stops(now, [removeOf(s.m.leaf('dora')), addOf({ keyPackage: publicPackage })], 'R6', /key twice/);
  });
});

function plainCredential(credential: object): Record<string, CborValue> {
  return { ...credential };
}

test('labels keep signatures apart', async () => {
  const key = await newSigner();
  const { verifyLabelled, signLabelled } = await import('../../src/e2ee/policy/signing.ts');
  const sig = await signLabelled(key, 'legroom/1 host', new Uint8Array(48));
  assert.equal(await verifyLabelled(key.publicKey, 'legroom/1 host', sig, new Uint8Array(48)), true);
  assert.equal(await verifyLabelled(key.publicKey, 'legroom/1 leaf', sig, new Uint8Array(48)), false);
  assert.equal(lab('legroom/1 host')[0], 0x6c);
});
