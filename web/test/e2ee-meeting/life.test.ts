import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { FromServer } from '../../src/e2ee/meeting/wire.ts';
import { noGo } from './delivery.ts';
import { key, World } from './world.ts';

const skip = { skip: noGo };

test('people come, speak, leave and are thrown out', skip, () => World.run({}, async (world, anna) => {
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  assert.equal(anna.names, '0 anna, 1 bob, 2 carol');
  assert.deepEqual([carol.names, carol.mark, bob.epoch], [anna.names, 'SEALED', 1]);
  assert.ok(anna.state.checked, 'all came by the link');
  await world.agree(anna, bob, carol);
  await bob.want({ type: 'chat', text: 'hello' });
  await bob.want({ type: 'hand', up: true });
  assert.deepEqual(anna.all('chat').map(({ from, text }) => [from.name, from.leaf, text]), [['bob', 1, 'hello']]);
  assert.equal(carol.last('hand').from.name, 'bob');
  await carol.want({ type: 'leave' });
  await world.pass(2000);
  assert.equal(anna.names, '0 anna, 1 bob');
  await anna.want({ type: 'kick', identity: key(bob) });
  assert.deepEqual([anna.names, anna.mark], ['0 anna', 'SEALING']);
  assert.deepEqual([bob.last('removed').by, bob.last('phase').phase, bob.media.speaks], ['anna', 'out', []]);
  await world.pass(2000);
  assert.equal(anna.mark, 'SEALED');
  assert.equal(anna.all('notCarriedOut').length, 0);
  // Who comes alone does not wait; who comes right after can wait a second for others.
  const admitted = async (name: string) => {
    const person = await world.person(name);
    await person.connect();
    await anna.want({ type: 'admit', refs: anna.last('cards').cards.map(({ ref }) => ref) });
    return person;
  };
  const dave = await admitted('dave');
  assert.equal(dave.last('phase').phase, 'in');
  const eve = await admitted('eve');
  await world.pass(999);
  assert.equal(eve.last('phase').phase, 'waiting');
  await world.pass(1001);
  assert.equal(eve.last('phase').phase, 'in');
}));

test('a card bears what the server calls who waits, for turning them away, and it decides nothing else', skip, () => World.run({}, async (world, anna) => {
  // The server says that Bob's card is Carol's, and nothing of Carol's own.
  const [first, second] = ['bob', 'carol'];
  const said = new Map([[0, 'carol']]);
  let came = 0;
  world.downward = (to, message) => (to === 'anna' && message.type === 'applicant' ? { ...message, participant: said.get(came++) ?? '' } : message);
  for (const name of [first, second]) await (await world.person(name)).connect();
  const { cards } = anna.last('cards');
  assert.deepEqual(cards.map(({ name, participant }) => `${name}: ${participant}`), ['bob: carol', 'carol: ']);
  await anna.want({ type: 'admit', refs: cards.slice(0, 1).map(({ ref }) => ref) });
  await world.pass(2000);
  assert.equal(anna.names, '0 anna, 1 bob', 'the key on the card is let in, whatever it is called');
}));

test('thirty are let in by one commit', skip, () => World.run({}, async (world, anna) => {
  const names = Array.from({ length: 30 }, (_, i) => `guest ${i}`);
  const browsers = await world.come(...names);
  assert.equal(anna.epoch, 1);
  assert.equal(anna.members.length, 31);
  const [first, last] = [browsers[0], browsers.at(-1)];
  assert.ok(first && last);
  await world.agree(anna, first, last);
}));

test('somebody stops waiting while being let in: whoever was let in with them still is', skip, () => World.run({}, async (world, anna) => {
  const [bob, carol] = [await world.person('bob'), await world.person('carol')];
  for (const browser of [bob, carol]) await browser.connect();
  let held: (() => void) | undefined;
  world.upward = (who, message) => {
    if (message.type !== 'submit' || held !== undefined) return message;
    held = () => void world.delivery.message(who, message);
    return undefined;
  };
  await anna.want({ type: 'admit', refs: anna.last('cards').cards.map(({ ref }) => ref) });
  await world.pass(2000);
  await bob.disconnect();
  assert.ok(held);
  held();
  await world.pass(2000);
  assert.equal(anna.names, '0 anna, 1 carol');
  await world.agree(anna, carol);
}));

test('somebody who could not be let in has a card again', skip, () => World.run({}, async (world, anna) => {
  const bob = await world.person('bob');
  await bob.connect();
  const gone = (message: FromServer): boolean => message.type === 'applicantGone';
  world.downward = (_, message) => (gone(message) ? undefined : message);
  const [carol] = [await world.person('carol')];
  await carol.connect();
  await bob.disconnect(); // which Anna is not told of
  await anna.want({ type: 'admit', refs: anna.last('cards').cards.map(({ ref }) => ref) });
  await world.pass(2000);
  assert.equal(anna.last('undone').wish, 'add');
  const cards = anna.last('cards').cards.map(({ name }) => name);
  assert.ok(cards.includes('carol'), cards.join());
}));

test('two hosts at one moment: both wishes come true, one after the other', skip, () => World.run({}, async (world, anna) => {
  const [bob, carol, dave] = await world.come('bob', 'carol', 'dave');
  assert.ok(bob && carol && dave);
  await anna.want({ type: 'host', identity: key(bob), host: true });
  anna.meeting.command({ type: 'kick', identity: key(carol) });
  bob.meeting.command({ type: 'kick', identity: key(dave) });
  await world.settle();
  assert.equal(anna.names, '0 anna, 1 bob');
  assert.equal(bob.names, anna.names);
  assert.equal(anna.epoch, 4);
  await world.agree(anna, bob);
}));

test('a kick that lost its race does not hit the newcomer on the same leaf', skip, () => World.run({}, async (world, anna) => {
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  await anna.want({ type: 'host', identity: key(bob), host: true });
  const erin = await world.person('erin');
  await erin.connect();
  // Bob's kick is held back, while Anna throws Carol out and lets Erin in: she gets Carol's leaf.
  let held: (() => void) | undefined;
  world.upward = (who, message) => {
    if (who !== 'bob' || message.type !== 'submit' || held !== undefined) return message;
    held = () => void world.delivery.message(who, message);
    return undefined;
  };
  await bob.want({ type: 'kick', identity: key(carol) });
  await anna.want({ type: 'kick', identity: key(carol) });
  await anna.want({ type: 'admit', refs: anna.last('cards').cards.map(({ ref }) => ref) });
  await world.pass(2000);
  assert.ok(held);
  held();
  await world.pass(2000);
  assert.equal(anna.names, '0 anna, 1 bob, 2 erin');
  assert.equal(erin.last('phase').phase, 'in');
  await world.agree(anna, bob, erin);
}));

test('the only host reloads, and a guest lets it in again; so does everybody else', skip, () => World.run({}, async (world, anna) => {
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  await anna.reload();
  await world.pass(1000);
  assert.deepEqual([anna.last('phase').phase, anna.names, anna.epoch], ['in', '0 anna, 1 bob, 2 carol', 2]);
  assert.equal(anna.all('newMeeting').length, 0);
  assert.equal(anna.members[0]?.host, true);
  await world.agree(anna, bob, carol);
  // The lowest leaf does not answer: the next one follows a second later.
  world.upward = (who, message) => (who === 'anna' && message.type === 'submit' ? undefined : message);
  await carol.reload();
  assert.equal(carol.last('phase').phase, 'waiting');
  // Bob is a guest and has committed just now, so that it takes as long as the service has guests wait.
  await world.pass(31_000);
  assert.equal(carol.last('phase').phase, 'in');
  world.upward = (_, message) => message;
  await world.agree(anna, bob, carol);
}));

test('whoever gets another leaf learns anew who waits, a host and a guest', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  const carol = await world.person('carol');
  await carol.connect();
  await anna.reload();
  await world.pass(1000);
  assert.deepEqual(anna.last('cards').cards.map(({ name }) => name), ['carol']);
  // Dave brings Bob back and is gone: now Bob is the only one who can bring Anna back.
  const [dave] = await world.come('dave');
  assert.ok(dave);
  let first = true;
  world.upward = (who, message) => {
    if (who === 'dave' && message.type === 'submit' && !first) return undefined;
    if (who === 'dave' && message.type === 'submit') first = false;
    return message;
  };
  await bob.reload();
  await anna.reload();
  await world.pass(5000);
  await dave.disconnect();
  await world.pass(60_000);
  assert.deepEqual([bob.last('phase').phase, anna.last('phase').phase], ['in', 'in']);
  await world.agree(anna, bob);
}));

test('whoever said that it goes, and thinks better of it, is not thrown out', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await bob.want({ type: 'leave' });
  await bob.reload();
  await world.pass(5000);
  assert.deepEqual([bob.last('phase').phase, anna.names, anna.epoch], ['in', '0 anna, 1 bob', 2]);
  await world.agree(anna, bob);
}));

test('a second tab takes the place of the first', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  const second = await world.person('bob', 'guest', bob.signer, 'bob in another tab');
  await second.connect();
  await world.pass(1000);
  assert.deepEqual([bob.last('removed').replaced, bob.last('phase').phase], [true, 'out']);
  assert.equal(second.last('phase').phase, 'in');
  await world.agree(anna, second);
}));

test('hosts gone: somebody signed beforehand takes over; nobody else is asked', skip, () => World.run({}, async (world, anna) => {
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  await anna.want({ type: 'fallback', identity: key(bob), listed: true });
  await bob.want({ type: 'takeOver' });
  assert.equal(anna.members[1]?.host, false, 'as long as there is a host, nobody takes over');
  await anna.disconnect();
  await world.pass(29_000);
  assert.equal(bob.all('takeover').length, 0);
  await world.pass(1000);
  assert.equal(bob.last('takeover').offered, true);
  assert.equal(carol.all('takeover').length, 0);
  await carol.want({ type: 'takeOver' });
  assert.equal(carol.members[2]?.host, false);
  await bob.want({ type: 'takeOver' });
  assert.deepEqual([carol.members[1]?.host, bob.last('takeover').offered], [true, false]);
  await world.pass(40_000);
  assert.equal(carol.names, '1 bob, 2 carol');
  await world.agree(bob, carol);
}));

test('everyone gone is a new meeting, and is said', skip, () => World.run({}, async (world, anna) => {
  await world.delivery.order({ end: true });
  await world.settle();
  assert.equal(anna.all('newMeeting').length, 1);
  assert.deepEqual([anna.last('phase').phase, anna.epoch], ['in', 0]);
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await world.agree(anna, bob);
}));

test('new keys every quarter of an hour, and once from everybody who came', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await world.pass(290_000);
  const warm = anna.epoch;
  assert.ok(warm > 1, 'both have committed once');
  await world.pass(15 * 60_000);
  assert.equal(anna.epoch, warm + 1);
  assert.equal(bob.epoch, warm + 1);
  await world.agree(anna, bob);
}));

test('after a break nothing is sent until it is known what was missed', skip, () => World.run({}, async (world, anna) => {
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  await bob.disconnect();
  assert.deepEqual(bob.media.speaks, []);
  await bob.want({ type: 'chat', text: 'later' });
  assert.equal(anna.all('chat').length, 0);
  await anna.want({ type: 'kick', identity: key(carol) });
  await world.come('dave');
  await bob.connect();
  assert.deepEqual([bob.names, bob.media.speaks.length], [anna.names, 4]);
  assert.equal(anna.last('chat').text, 'later');
  await world.agree(anna, bob);
  // Away for longer than a minute: a host has removed the leaf, and Bob is let in like anybody.
  await bob.disconnect();
  await world.pass(63_000);
  assert.equal(anna.names, '0 anna, 2 dave');
  await bob.connect();
  assert.equal(bob.last('phase').phase, 'waiting');
  assert.deepEqual(anna.last('cards').cards.map(({ name, linked }) => [name, linked]), [['bob', true]]);
}));

test('a guest can do nothing of a host', skip, () => World.run({}, async (world, anna) => {
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  await bob.want({ type: 'kick', identity: key(carol) });
  await bob.want({ type: 'mode', mode: 'sealed' });
  await bob.want({ type: 'host', identity: key(bob), host: true });
  await world.pass(3000);
  assert.deepEqual([anna.epoch, bob.all('notCarriedOut').length, bob.media.speaks.length], [1, 0, 4]);
}));
