// What browsers vouch for in the log, what telephones are told of a comparison, and what the page is told of names and policy.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { decodeNote, encodeNote } from '../../src/e2ee/mls/note.ts';
import { own } from '../../src/e2ee/policy/bytes.ts';
import { decodeCheckpoint } from '../../src/e2ee/policy/checkpoint.ts';
import { PolicyError } from '../../src/e2ee/policy/policy_error.ts';
import { Browser } from './browser.ts';
import { noGo } from './delivery.ts';
import { key, World } from './world.ts';

const skip = { skip: noGo };
const bytes = (base64: string): Uint8Array => own(Buffer.from(base64, 'base64'));

test('checkpoints: as we come, at each change of the mark, as we go, and no others', skip, () => World.run({}, async (world, anna) => {
  await world.pass(0);
  assert.deepEqual(world.delivery.vouched.map(({ who, epoch, state }) => [who, epoch, state]), [['anna', 0, 'sealed']]);
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await world.pass(0);
  const id = await world.ask();
  await world.pass(0);
  await anna.want({ type: 'allow', id });
  await world.pass(0);
  await bob.want({ type: 'revoke', n: 1 });
  await world.pass(2000);
  const told = world.delivery.vouched.filter(({ who }) => who === 'bob');
  assert.deepEqual(told.map(({ epoch, state }) => `${epoch} ${state}`), ['1 sealed', '1 asked', '2 audioOpen', '3 sealing', '3 sealed']);
  await bob.want({ type: 'leave' });
  assert.deepEqual(world.delivery.vouched.at(-1)?.state, 'sealed');
  assert.equal(world.delivery.vouched.filter(({ who }) => who === 'bob').length, 6);
  for (const { signed, epoch, state } of world.delivery.vouched) {
    const checkpoint = decodeCheckpoint(bytes(signed));
    assert.deepEqual([checkpoint.epoch, checkpoint.state], [epoch, state]);
  }
}));

test('a checkpoint that a break has lost is said once more', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await world.pass(0);
  let lost = 0;
  world.upward = (who, message) => {
    if (who !== 'bob' || message.type !== 'checkpoint') return message;
    lost++;
    return undefined;
  };
  await world.ask();
  await world.pass(0);
  assert.equal(lost, 1);
  world.upward = (_, message) => message;
  await bob.disconnect();
  await bob.connect();
  await world.settle();
  assert.deepEqual(world.delivery.vouched.filter(({ who }) => who === 'bob').map(({ state }) => state), ['sealed', 'asked']);
  await bob.disconnect();
  await bob.connect();
  assert.equal(world.delivery.vouched.filter(({ who }) => who === 'bob').length, 2, 'what is in the log is not said again');
  assert.equal(anna.mark, 'ASKED');
}));

test('the code that people compared is read to telephones: eight digits, sealed by a host', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await anna.want({ type: 'shortCode' });
  const shown = anna.last('shortCode');
  assert.ok(shown.phase === 'done');
  await anna.want({ type: 'codesMatch', match: true });
  assert.equal(await world.delivery.note(), null);
  // Let in later, it is told as soon as it has the keys.
  await anna.want({ type: 'allow', id: await world.ask() });
  const first = await world.delivery.note();
  assert.deepEqual([first?.Code, first?.At], [shown.code, world.clock.unix()]);
  await world.pass(20_000);
  await anna.want({ type: 'shortCode' });
  const again = anna.last('shortCode');
  assert.ok(again.phase === 'done');
  const noting: string[] = [];
  world.upward = (who, message) => {
    if (message.type === 'note') noting.push(who);
    return message;
  };
  await bob.want({ type: 'codesMatch', match: true });
  assert.equal((await world.delivery.note())?.Code, shown.code);
  await anna.want({ type: 'codesMatch', match: true });
  assert.equal((await world.delivery.note())?.Code, again.code);
  await anna.want({ type: 'longCode' });
  await anna.want({ type: 'codesMatch', match: true });
  assert.equal((await world.delivery.note())?.Code, again.code, 'nobody reads the long one aloud');
  assert.deepEqual(noting, ['anna'], 'a guest tells nothing, and nobody the same twice');
}));

test('a note is eight digits and a time', () => {
  assert.deepEqual(decodeNote(encodeNote({ code: '01234567', at: 5 })), { code: '01234567', at: 5 });
  for (const code of ['1234567', '123456789', '1234567x', '']) assert.throws(() => encodeNote({ code, at: 5 }), PolicyError);
});

test('names of members and cards beside one another, whatever they claim', skip, () => World.run({}, async (world, anna) => {
  anna.friends = [{ identity: new Uint8Array(32).fill(9), name: 'Carol' }];
  await world.come('bob');
  for (const [name, connection] of [['B0b', 'b0b'], ['Сarol', 'carol'], ['🔒 \u202eeve', 'eve']] as const) {
    await (await world.person(name, 'guest', undefined, connection)).connect();
  }
  const cards = anna.last('cards').cards.map(({ name, twin, impostor }) => [name, twin, impostor]);
  assert.deepEqual(cards, [['B0b', 2, false], ['Сarol', undefined, true], ['eve', undefined, false]]);
  await world.come('b0b', 'carol', 'eve');
  assert.deepEqual(anna.members.map(({ name, twin }) => [name, twin]), [['anna', undefined], ['bob', 1], ['B0b', 2], ['Сarol', undefined], ['eve', undefined]]);
}));

test('the page is told of the policy when it is another, and of its own words', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  assert.equal(anna.all('policy').length, 1);
  await anna.want({ type: 'vetoRule', rule: 'any' });
  assert.deepEqual([anna.all('policy').length, bob.last('policy').policy.vetoRule, bob.last('policy').policy.owner], [2, 'any', key(anna)]);
  await bob.want({ type: 'chat', text: 'hello' });
  assert.deepEqual([bob.last('chat').from.leaf, anna.last('chat').from.leaf, anna.last('chat').text], [1, 1, 'hello']);
  await bob.want({ type: 'chat', text: 'x'.repeat(5000) });
  assert.deepEqual([bob.all('chat').length, bob.last('failure').failure], [1, { what: 'unsent', fault: 'tooLong' }]);
}));

test('the link that an owner is to hand out vouches from the first guest on, though it came by none itself', skip, () => World.run({}, async (world, anna) => {
  const { link } = world;
  world.link = undefined;
  await anna.disconnect();
  await world.delivery.order({ end: true });
  assert.ok(anna.founding);
  const again = new Browser(world, 'anna', world.owner, 'account', 'anna', { ...anna.founding, link });
  world.browsers.set('anna', again);
  await again.connect();
  assert.equal(again.last('phase').phase, 'in');
  for (const [name, by] of [['bob', link], ['eve', undefined]] as const) {
    world.link = by;
    await (await world.person(name)).connect();
  }
  assert.deepEqual(again.last('cards').cards.map(({ name, linked }) => [name, linked]), [['bob', true], ['eve', false]]);
}));

test('a wish that is carried out late takes its warning back', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  let drop = true;
  world.upward = (_, message) => (drop && message.type === 'submit' ? undefined : message);
  await anna.want({ type: 'kick', identity: key(bob) });
  await world.pass(3000);
  assert.deepEqual([anna.all('notCarriedOut').length, anna.all('carriedOut').length], [1, 0]);
  drop = false;
  await anna.disconnect();
  await anna.connect();
  await world.pass(5000);
  assert.deepEqual([anna.all('carriedOut').length, anna.members.length], [1, 1]);
}));
