// Nobody is heard by somebody new without a word: who is silent after a grant, of what, for how long, and who is not.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Browser } from './browser.ts';
import { noGo } from './delivery.ts';
import { key, World } from './world.ts';

const skip = { skip: noGo };
const all = ['audio', 'video', 'screen', 'screen-audio'];
const line = (no: number, kind = 'phone') => ({ no, kind, label: `Line ${no}`, number: '' });

/** grant has the telephone system ask for that, and Anna allow it. */
async function grant(world: World, anna: Browser, scope: readonly number[], legs = [line(0)]): Promise<void> {
  await world.delivery.order({ ask: { legs, scope, speak: [1], seconds: 3600 } });
  await world.settle();
  await anna.want({ type: 'allow', id: anna.last('asks').asks[0]?.id ?? '' });
}

/** late is an account that came while a telephone was in the room, and knows of it. */
async function late(world: World, anna: Browser): Promise<Browser> {
  await grant(world, anna, [1]);
  const eve = await world.person('eve', 'account');
  await world.come('eve');
  await eve.want({ type: 'continue' });
  return eve;
}

test('a guest is silent of what was granted until the user goes on, whatever is committed meanwhile; the host who allowed it is not', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await grant(world, anna, [1]);
  assert.deepEqual([anna.media.speaks, bob.media.speaks, bob.last('listener').wait], [all, all.slice(1), true]);
  await anna.want({ type: 'vetoRule', rule: 'any' });
  await world.pass(60_000);
  assert.deepEqual([bob.media.speaks, anna.all('listener').length], [all.slice(1), 0]);
  await assert.rejects(bob.media.seal('audio', 'psst'));
  await bob.want({ type: 'continue' });
  await anna.want({ type: 'vetoRule', rule: 'host' });
  assert.deepEqual([bob.media.speaks, bob.all('listener').length], [all, 1], 'who has gone on is not asked again');
}));

test('an account, and a host, that came while the room was sealed decide as well', skip, () => World.run({}, async (world, anna) => {
  const [eve, mia] = [await world.person('eve', 'account'), await world.person('mia', 'account')];
  await world.come('eve', 'mia');
  await anna.want({ type: 'host', identity: key(mia), host: true });
  await grant(world, anna, [1]);
  for (const one of [eve, mia]) assert.deepEqual([one.last('listener').wait, one.media.speaks], [true, all.slice(1)], one.name);
  await world.pass(10_000);
  for (const one of [eve, mia]) assert.deepEqual(one.media.speaks, all.slice(1), one.name);
}));

test('who knows of telephones is silent for 3 s and goes on by itself, also if something is committed meanwhile', skip, () => World.run({}, async (world, anna) => {
  const eve = await late(world, anna);
  await anna.want({ type: 'revoke', n: 1 });
  await grant(world, anna, [1]);
  assert.deepEqual([eve.last('listener').wait, eve.media.speaks], [false, all.slice(1)]);
  await world.pass(1500);
  await anna.want({ type: 'vetoRule', rule: 'any' });
  await world.pass(1499);
  assert.deepEqual(eve.media.speaks, all.slice(1));
  await world.pass(1);
  assert.deepEqual([eve.media.speaks, eve.all('wentOn').length], [all, 1]);
}));

test('whoever objected decides, though telephones are nothing new', skip, () => World.run({ vetoRule: 'any' }, async (world, anna) => {
  await grant(world, anna, [1]);
  await world.pass(10_000);
  const eve = await world.person('eve', 'account');
  await world.come('eve');
  await eve.want({ type: 'continue' });
  await anna.want({ type: 'revoke', n: 1 });
  const id = await world.ask();
  // The objection never arrives.
  world.upward = (who, message) => (who === 'eve' && message.type === 'relay' ? undefined : message);
  await anna.want({ type: 'allow', id });
  await eve.want({ type: 'veto', id });
  await world.pass(20_000);
  assert.deepEqual([eve.mark, eve.last('listener').wait, eve.media.speaks], ['AUDIO OPEN', true, all.slice(1)]);
  await eve.want({ type: 'continue' });
  assert.deepEqual(eve.media.speaks, all);
}));

test('more lines of a system that listens are one line on the screen, and nobody is silent', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await grant(world, anna, [1]);
  await bob.want({ type: 'continue' });
  await grant(world, anna, [1], [line(0), line(1)]);
  assert.deepEqual([bob.all('listener').length, bob.media.speaks], [1, all]);
  assert.deepEqual(bob.last('lines').legs.map(({ label }) => label), ['Line 0', 'Line 1']);
}));

test('another kind for a system that listens is asked about, that kind only; a recorder anew', skip, () => World.run({ maxScope: ['audio', 'screen-audio'] }, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await grant(world, anna, [1]);
  await bob.want({ type: 'continue' });
  await grant(world, anna, [1, 4]);
  assert.deepEqual([bob.last('listener').kinds, bob.media.speaks], [['screen-audio'], all.slice(0, 3)]);
  await bob.want({ type: 'continue' });
  assert.deepEqual(bob.media.speaks, all);
  await grant(world, anna, [1, 4], [line(0), line(1, 'recorder')]);
  assert.deepEqual([[...bob.last('listener').kinds].sort(), bob.media.speaks, bob.mark], [['audio', 'screen-audio'], ['video', 'screen'], 'MEDIA OPEN']);
  // It goes: nobody waits for a word about it any more.
  await bob.want({ type: 'revoke', n: 3 });
  assert.deepEqual(bob.media.speaks, all);
}));

test('whoever reloads is asked once more before a word is heard', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await grant(world, anna, [1]);
  await bob.want({ type: 'continue' });
  await bob.reload();
  await world.pass(1100);
  assert.deepEqual([bob.last('phase').phase, bob.last('listener').wait, bob.media.speaks], ['in', true, all.slice(1)]);
}));
