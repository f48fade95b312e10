import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Edit } from '../../src/e2ee/mls/edit.ts';
import { planNext, standing, type Plan } from '../../src/e2ee/mls/plan.ts';
import { Wishes } from '../../src/e2ee/mls/wishes.ts';
import { signHost } from '../../src/e2ee/policy/hosts.ts';
import { newSigner } from '../../src/e2ee/policy/signing.ts';
import { Meeting, grantEdit, newcomer, person, request } from './meeting.ts';

const kinds = (plan: Plan | undefined): unknown[] => [plan?.shape, ...(plan?.proposals ?? []).map((p) => p.proposalType)];

test('what goes together goes into one commit, policy and roster never', async () => {
  const m = await Meeting.of(['anna', 'bob', 'carol']);
  const { view, leaf } = m.group('anna');
  const id = (name: string) => m.person(name).identity.publicKey;
  const dora: Edit = { do: 'add', newcomer: await newcomer(await person('dora')) };
  const eve: Edit = { do: 'add', newcomer: await newcomer(await person('eve')) };
  const lock: Edit = { do: 'lock' };
  const seal: Edit = { do: 'mode', mode: 'sealed' };
  assert.deepEqual(kinds(planNext(view, leaf, [dora, { do: 'remove', identity: id('bob') }, lock, eve])), ['ROSTER', 'remove', 'add', 'add']);
  assert.deepEqual(kinds(planNext(view, leaf, [lock, dora, seal])), ['POLICY', 'group_context_extensions']);
  assert.deepEqual(kinds(planNext(view, leaf, [{ do: 'refresh', epoch: view.epoch }, dora])), ['REFRESH']);
  assert.equal(planNext(view, leaf, [{ do: 'refresh', epoch: view.epoch - 1n }, { do: 'mode', mode: 'mixed' }, { do: 'revoke', n: 1 }]), undefined);
  const [many] = await Promise.all([Promise.all(Array.from({ length: 60 }, async (_, i): Promise<Edit> => ({ do: 'add', newcomer: await newcomer(await person(`p${i}`)) })))]);
  assert.equal(planNext(view, leaf, many)?.proposals.length, 48);
  await m.deliver((await m.group('anna').make(planNext(view, leaf, [lock, seal]) ?? assert.fail())).commit);
  assert.deepEqual([m.group('bob').view.room.locked, m.group('bob').view.room.mode, m.group('bob').view.room.rev], [true, 'sealed', 1]);
});

test('where an edit stands', async () => {
  const gateway = await newSigner();
  const m = await Meeting.of(['anna', 'bob'], () => ({ gateways: [gateway.publicKey] }));
  const anna = m.group('anna');
  const at = (edit: Edit) => standing(anna.view, anna.leaf, edit);
  const id = (name: string) => m.person(name).identity.publicKey;
  const stranger = await newSigner();
  const edits: readonly (readonly [Edit, string])[] = [
    [{ do: 'remove', identity: id('bob') }, 'open'], [{ do: 'remove', identity: id('anna') }, 'impossible'], [{ do: 'remove', identity: stranger.publicKey }, 'done'],
    [{ do: 'add', newcomer: await newcomer(m.person('bob')) }, 'impossible'], [{ do: 'rejoin', newcomer: await newcomer(m.person('bob')) }, 'open'],
    [{ do: 'rejoin', newcomer: await newcomer(await person('x')) }, 'impossible'], [{ do: 'takeover' }, 'done'],
    [{ do: 'gateway', key: gateway.publicKey, listed: true }, 'done'], [{ do: 'gateway', key: gateway.publicKey, listed: false }, 'open'],
    [{ do: 'hostOut', identity: id('bob'), out: true }, 'done'], [{ do: 'hostOut', identity: id('anna'), out: true }, 'open'],
    [{ do: 'maxScope', scope: ['audio'] }, 'done'], [{ do: 'vetoRule', rule: 'all' }, 'open'], [{ do: 'fallbackOut', identity: id('bob') }, 'done'],
    [{ ...grantEdit(await request(gateway, anna.view.room)), consents: { epoch: anna.view.epoch - 1n, given: [] } }, 'impossible'],
  ];
  for (const [edit, expected] of edits) assert.equal(at(edit), expected, edit.do);
  assert.equal(standing(m.group('bob').view, m.group('bob').leaf, { do: 'takeover' }), 'impossible');
});

test('a gateway that is no longer listed loses its grant in the same commit; a host who lost the role can have it back', async () => {
  const gateway = await newSigner();
  const m = await Meeting.of(['anna', 'bob'], () => ({ gateways: [gateway.publicKey] }));
  const anna = m.group('anna');
  const bob = m.person('bob').identity.publicKey;
  await m.commit('anna', grantEdit(await request(gateway, anna.view.room)), { do: 'host', entry: await signHost(m.person('anna').identity, anna.view.group, bob) });
  await m.commit('bob', { do: 'gateway', key: gateway.publicKey, listed: false });
  assert.deepEqual([anna.view.room.grants, anna.view.room.gateways], [[], []]);
  await m.commit('anna', { do: 'hostOut', identity: bob, out: true });
  await assert.rejects(m.make('bob', { do: 'lock' }), /R3/);
  await m.commit('anna', { do: 'hostOut', identity: bob, out: false });
  await m.commit('bob', { do: 'lock' });
  assert.equal(anna.view.room.locked, true);
});

test('a wish that another fulfilled and a third undid is not done again', async () => {
  const gateway = await newSigner();
  const m = await Meeting.of(['anna', 'bob', 'carol'], () => ({ gateways: [gateway.publicKey] }));
  const anna = m.group('anna');
  await m.commit('anna', { do: 'host', entry: await signHost(m.person('anna').identity, anna.view.group, m.person('bob').identity.publicKey) });
  const edit = grantEdit(await request(gateway, anna.view.room));
  const [wishes, other] = [new Wishes(), { ...edit }];
  wishes.want(edit);
  await m.commit('bob', other);
  assert.deepEqual(wishes.settle(anna.view, anna.leaf).map((s) => s.standing), ['done']);
  await m.commit('carol', { do: 'revoke', n: 1 });
  assert.equal(wishes.next(anna.view, anna.leaf), undefined);
  const second: Edit = { do: 'lock' };
  wishes.want(second);
  wishes.withdraw(second);
  assert.equal(wishes.next(anna.view, anna.leaf), undefined);
});

test('guests only revoke, each wish of theirs that is more is refused before it is sent', async () => {
  const [g1, g2] = [await newSigner(), await newSigner()];
  const m = await Meeting.of(['anna', 'bob'], () => ({ gateways: [g1.publicKey, g2.publicKey] }));
  await m.commit('anna', grantEdit(await request(g1, m.group('anna').view.room)), grantEdit(await request(g2, m.group('anna').view.room)));
  assert.deepEqual(m.group('bob').view.room.grants.map((g) => g.n), [1, 2]);
  const { view, leaf } = m.group('bob');
  const plan = planNext(view, leaf, [{ do: 'revoke', n: 1 }, { do: 'lock' }, { do: 'revoke', n: 2 }]);
  assert.equal(plan?.shape, 'REVOKE');
  await m.deliver((await m.group('bob').make(plan)).commit);
  assert.deepEqual(m.group('anna').view.room.grants, []);
  assert.equal(m.group('anna').view.room.nextGrant, 3);
});
