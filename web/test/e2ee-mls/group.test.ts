import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { verifyGroupInfoSignature } from 'ts-mls/groupInfo.js';
import { planNext } from '../../src/e2ee/mls/plan.ts';
import { signHost } from '../../src/e2ee/policy/hosts.ts';
import { decodeCheckpoint } from '../../src/e2ee/policy/checkpoint.ts';
import { encodeRoom } from '../../src/e2ee/policy/room.ts';
import { newSigner, sha256, verifyLabelled } from '../../src/e2ee/policy/signing.ts';
import { decodeMessage, limits } from '../../src/e2ee/mls/wire.ts';
import { Meeting, faulty, grantEdit, joinKey, newcomer, request, suite } from './meeting.ts';
import { Wishes } from '../../src/e2ee/mls/wishes.ts';

test('people are let in, refresh, leave, and all share the keys of each epoch', async () => {
  const m = await Meeting.of(['anna', 'bob', 'carol', 'dave']);
  await m.agree();
  for (const name of ['bob', 'carol', 'dave']) await m.commit(name, { do: 'refresh', epoch: m.group(name).view.epoch });
  await m.commit('anna', { do: 'remove', identity: m.person('carol').identity.publicKey });
  assert.ok(!m.groups.has('carol'));
  await m.admit('anna', ['eve']);
  await m.agree();
  assert.equal(m.group('eve').view.members.size, 4);
});

test('whoever is let in after members of both halves were replaced can join', async () => {
  const names = ['p0', 'p1', 'p2', 'p3', 'p4', 'p5', 'p6', 'p7'];
  const m = await Meeting.of(names);
  for (const name of names) await m.commit(name, { do: 'refresh', epoch: m.group(name).view.epoch });
  await m.commit('p0', ...['p2', 'p6'].map((name) => ({ do: 'remove' as const, identity: m.person(name).identity.publicKey })));
  for (const name of ['p1', 'p3', 'p4', 'p5', 'p7']) await m.commit(name, { do: 'refresh', epoch: m.group(name).view.epoch });
  await m.admit('p0', ['x']);
  await m.admit('p0', ['y']);
  await m.agree();
});

test('members come and go at random and stay together', { timeout: 240_000 }, async () => {
  const m = await Meeting.of(['h', 'a', 'b', 'c', 'd']);
  let seed = 7;
  const draw = (n: number): number => (seed = (seed * 48271) % 2147483647) % n;
  let next = 0;
  for (let round = 0; round < 25; round++) {
    const names = [...m.groups.keys()];
    const others = names.filter((name) => name !== 'h');
    const victim = others[draw(others.length)] ?? '';
    const what = draw(4);
    if (what === 0 && others.length < 12) await m.admit('h', [`n${next++}`, `n${next++}`].slice(0, 1 + draw(2)));
    else if (what === 1 && others.length > 3) await m.commit('h', { do: 'remove', identity: m.person(victim).identity.publicKey });
    else if (what === 2) await comeBack(m, victim, names.find((name) => name !== victim) ?? 'h');
    else await m.commit(victim, { do: 'refresh', epoch: m.group(victim).view.epoch });
    await m.agree();
  }
});

test('the GroupInfo for the service shows the epoch and nothing that lets anybody in; what a leaf vouches for is of that epoch', async () => {
  const m = await Meeting.of(['anna', 'bob']);
  const anna = m.group('anna');
  const wire = decodeMessage(await anna.groupInfo(), limits.welcome);
  assert.ok(wire.wireformat === 'mls_group_info');
  const { groupContext, extensions, signer, confirmationTag } = wire.groupInfo;
  assert.deepEqual([groupContext.epoch, extensions, signer, confirmationTag.length], [anna.view.epoch, [], anna.leaf, 32]);
  const leafKey = anna.view.members.get(anna.leaf)?.node.signaturePublicKey ?? new Uint8Array();
  assert.ok(await verifyGroupInfoSignature(wire.groupInfo, leafKey, suite.signature));
  const { signed, sig } = await anna.vouch('sealed');
  assert.ok(await verifyLabelled(leafKey, 'legroom/1 checkpoint', sig, signed));
  const { epoch, transcript, tree, room, state } = decodeCheckpoint(signed);
  const { view } = m.group('bob');
  assert.deepEqual([epoch, transcript, tree, room, state], [Number(view.epoch), view.transcript, view.tree, await sha256(encodeRoom(view.room)), 'sealed']);
  await m.commit('bob', { do: 'refresh', epoch: view.epoch });
  assert.notDeepEqual((await anna.vouch('sealed')).signed, signed);
});

async function comeBack(m: Meeting, who: string, by: string): Promise<void> {
  const key = await joinKey(m.person(who));
  const remembered = [...m.group(by).view.members.values()].map((member) => member.credential.identity);
  const made = await m.make(by, { do: 'rejoin', newcomer: await newcomer(m.person(who), key) });
  await m.deliver(made.commit);
  assert.ok(!m.groups.has(who), 'the old leaf is gone');
  await m.join(who, key, made, { remembered });
}

test('a guest brings back a lone host whose browser died, but lets in nobody who does not remember it', async () => {
  const m = await Meeting.of(['anna', 'bob']);
  await comeBack(m, 'anna', 'bob');
  await m.agree();
  await m.admit('anna', ['carol']);
  await m.agree();
  const key = await joinKey(m.person('carol'));
  const made = await m.make('bob', { do: 'rejoin', newcomer: await newcomer(m.person('carol'), key) });
  await m.deliver(made.commit);
  await faulty(m.group('anna'), () => m.join('carol', key, made), 'refused', undefined, /not let in by a host/);
});

test('grant, revoke by a guest, takeover', async () => {
  const gateway = await newSigner();
  const m = await Meeting.of(['anna', 'bob', 'carol'], async (people, room) => ({
    gateways: [gateway.publicKey],
    fallbackHost: [await signHost((people.get('anna') ?? assert.fail()).identity, room.charter.group, (people.get('carol') ?? assert.fail()).identity.publicKey)],
  }));
  const made = await m.commit('anna', grantEdit(await request(gateway, m.group('anna').view.room)));
  assert.equal(made.bundles.length, 1);
  assert.equal(m.group('bob').view.room.grants[0]?.n, 1);
  await m.agree();
  await m.commit('bob', { do: 'revoke', n: 1 });
  assert.equal(m.group('carol').view.room.grants.length, 0);
  await m.commit('carol', { do: 'takeover' });
  await m.admit('carol', ['dave']);
  await m.agree();
});

test('messages name their sender; a message is taken once, and one epoch late for five seconds', async () => {
  const m = await Meeting.of(['anna', 'bob', 'carol']);
  const [anna, bob, carol] = [m.group('anna'), m.group('bob'), m.group('carol')];
  const hello = await bob.seal(Uint8Array.of(1, 2, 3));
  const got = await carol.unseal(hello);
  assert.equal(got.sender.credential.name, 'bob');
  assert.deepEqual([...got.payload], [1, 2, 3]);
  await faulty(carol, () => carol.unseal(hello), 'unsigned');
  const [late, later] = [await bob.seal(Uint8Array.of(4)), await bob.seal(Uint8Array.of(5))];
  m.clock.ms += 1000;
  await m.commit('anna', { do: 'refresh', epoch: anna.view.epoch });
  m.clock.ms += 4000;
  assert.equal((await carol.unseal(late)).epoch, anna.view.epoch - 1n);
  await faulty(carol, () => carol.unseal(late), 'unsigned');
  m.clock.ms += 1001;
  await faulty(carol, () => carol.unseal(later), 'stale');
});

test('a lost race is redone as an edit: no revoked grant returns, and no newcomer is kicked', async () => {
  const [g1, g2] = [await newSigner(), await newSigner()];
  const m = await Meeting.of(['anna', 'bob', 'carol'], () => ({ gateways: [g1.publicKey, g2.publicKey] }));
  const entry = await signHost(m.person('anna').identity, m.group('anna').view.group, m.person('carol').identity.publicKey);
  await m.commit('anna', { do: 'host', entry });
  await m.commit('anna', grantEdit(await request(g1, m.group('anna').view.room)));
  const anna = m.group('anna');
  const wishes = new Wishes();
  wishes.want(grantEdit(await request(g2, anna.view.room)));
  const lost = await anna.make(wishes.next(anna.view, anna.leaf) ?? assert.fail());
  await m.commit('bob', { do: 'revoke', n: 1 });
  assert.deepEqual(wishes.settle(anna.view, anna.leaf), []);
  await faulty(m.group('carol'), () => m.group('carol').apply(lost.commit), 'refused', 'R1');
  await m.deliver((await anna.make(wishes.next(anna.view, anna.leaf) ?? assert.fail())).commit);
  assert.deepEqual(m.group('carol').view.room.grants.map((g) => g.n), [2]);
  assert.equal(wishes.settle(anna.view, anna.leaf)[0]?.standing, 'done');

  const kick = { do: 'remove' as const, identity: m.person('bob').identity.publicKey };
  wishes.want(kick);
  const bobsLeaf = m.leaf('bob');
  await m.commit('anna', { do: 'revoke', n: 2 });
  await m.commit('carol', kick);
  await m.admit('carol', ['dave']);
  assert.equal(m.leaf('dave'), bobsLeaf, 'the newcomer has the leaf of whoever was kicked');
  assert.deepEqual(wishes.settle(anna.view, anna.leaf).map((s) => s.standing), ['done']);
  assert.equal(planNext(anna.view, anna.leaf, [kick]), undefined);
});
