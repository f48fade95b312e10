// Lines that come and go under one telephone system: whoever hangs up gives something back, and nobody has to be asked about that.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { narrowed } from '../../src/e2ee/meeting/narrowing.ts';
import type { GrantRequest, Leg } from '../../src/e2ee/policy/grant_request.ts';
import { encodeCbor } from '../../src/e2ee/policy/cbor.ts';
import type { Kind } from '../../src/e2ee/frame/kind.ts';
import type { Grant, Room } from '../../src/e2ee/policy/room.ts';
import { noGo } from './delivery.ts';
import type { Browser } from './browser.ts';
import { key, World } from './world.ts';

const skip = { skip: noGo };
const leg = (no: number): Leg => ({ no, kind: 'phone', label: `Line ${no}`, number: '' });

async function ask(world: World, lines: readonly number[], { seconds = 3600, scope = [1] }: { readonly seconds?: number; readonly scope?: readonly number[] } = {}): Promise<void> {
  await world.delivery.order({ ask: { legs: lines.map(leg), scope, speak: [1], seconds } });
  await world.settle();
}

const cards = (browser: Browser): readonly string[] => (browser.all('asks').at(-1)?.asks ?? []).map(({ legs }) => legs.map(({ no }) => no).join());
const grants = (browser: Browser): string => browser.last('policy').policy.grants.map(({ n, legs }) => `${n}: ${legs.map(({ no }) => no).join()}`).join('; ');

async function allow(world: World, host: Browser, lines: readonly number[]): Promise<void> {
  await ask(world, lines);
  await host.want({ type: 'allow', id: host.last('asks').asks[0]?.id ?? '' });
}

async function hears(world: World, from: Browser, yes: boolean): Promise<void> {
  const opened = await world.delivery.open(1, 'opus', await from.media.seal('audio', 'opus frame'));
  assert.equal(opened.clear !== undefined, yes, opened.error);
}

test('a line hangs up: the grant gets narrower by itself, nobody is asked and nobody is muted', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await allow(world, anna, [0, 1, 2]);
  await bob.want({ type: 'continue' });
  const listeners = bob.all('listener').length;
  await ask(world, [0, 2], { seconds: 7200 });
  assert.deepEqual([grants(anna), grants(bob), cards(anna), cards(bob)], ['2: 0,2', '2: 0,2', [], []]);
  assert.deepEqual([anna.mark, bob.mark, bob.all('listener').length, bob.media.speaks.length], ['AUDIO OPEN', 'AUDIO OPEN', listeners, 4]);
  assert.equal(bob.all('state').some(({ state }) => state.mark === 'SEALED' && state.says.some(({ key: word }) => word === 'e2ee.phoneEarlier')), false);
  await hears(world, bob, true);
  // It lives no longer than what it narrows.
  const [first, second] = anna.all('policy').flatMap(({ policy }) => policy.grants.map(({ notAfter }) => notAfter)).slice(-2);
  assert.equal(first, second);
}));

test('the lowest host does nothing: the next one narrows it', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await anna.want({ type: 'host', identity: key(bob), host: true });
  await allow(world, anna, [0, 1]);
  world.upward = (who, message) => (who === 'anna' && message.type === 'submit' ? undefined : message);
  await ask(world, [1]);
  assert.equal(grants(bob), '1: 0,1');
  await world.pass(1000);
  assert.equal(grants(bob), '2: 1');
}));

test('where all have to consent, all do so by themselves', skip, () => World.run({ vetoRule: 'all' }, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await ask(world, [0, 1]);
  const id = anna.last('asks').asks[0]?.id ?? '';
  await anna.want({ type: 'allow', id });
  await bob.want({ type: 'consent', id });
  assert.equal(grants(anna), '1: 0,1');
  await ask(world, [0]);
  assert.deepEqual([grants(anna), cards(anna), cards(bob)], ['2: 0', [], []]);
}));

test('more lines, other ones, more kinds or all the same once more: people are asked', skip, () => World.run({ maxScope: ['audio', 'screen-audio'] }, async (world, anna) => {
  await world.come('bob');
  await allow(world, anna, [0, 1]);
  for (const lines of [[0, 1, 2], [0, 2], [0, 1]]) {
    await ask(world, lines);
    assert.deepEqual([grants(anna), cards(anna)], ['1: 0,1', [lines.join()]], 'the newest request takes the place of the one before');
  }
  await ask(world, [0], { scope: [1, 4] });
  assert.deepEqual([grants(anna), cards(anna)], ['1: 0,1', ['0']]);
  // Whoever listens already: one commit takes the old grant away and brings the new one.
  const { epoch } = anna;
  await allow(world, anna, [0, 1, 2]);
  assert.deepEqual([grants(anna), anna.epoch, anna.mark], ['2: 0,1,2', epoch + 1, 'AUDIO OPEN']);
  await hears(world, anna, true);
}));

test('a revocation and a line that hangs up at one moment: the telephone system is out in the end', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await allow(world, anna, [0, 1]);
  await bob.want({ type: 'continue' });
  // Bob's revocation is on its way while Anna's browser narrows the grant, and wins.
  let held: (() => void) | undefined;
  world.upward = (who, message) => {
    if (who !== 'bob' || message.type !== 'submit' || held !== undefined) return message;
    held = () => void world.delivery.message(who, message);
    return undefined;
  };
  await bob.want({ type: 'revoke', n: 1 });
  assert.equal(bob.media.speaks.includes('audio'), false);
  await ask(world, [1]);
  held?.();
  await world.pass(100);
  assert.deepEqual([grants(anna), grants(bob)], ['', '']);
  assert.ok(bob.media.speaks.includes('audio'));
  await hears(world, bob, false);
}));

test('a grant that was revoked is not brought back by narrowing it', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await allow(world, anna, [0, 1]);
  // Anna's narrowing is on its way when Bob revokes, and loses.
  world.upward = (who, message) => (who === 'anna' && message.type === 'submit' ? undefined : message);
  await ask(world, [1]);
  await bob.want({ type: 'revoke', n: 1 });
  world.upward = (_, message) => message;
  await world.pass(5000);
  assert.deepEqual([grants(anna), cards(anna)], ['', ['1']], 'whoever still wants in has to be let in by people');
}));

test('a caller asks again: the card counts it; turned down, it is shown anew', skip, () => World.run({}, async (world, anna) => {
  await ask(world, [0]);
  assert.equal(anna.last('asks').asks[0]?.times, 1);
  await world.delivery.order({ remind: true });
  await world.settle();
  assert.equal(anna.last('asks').asks[0]?.times, 2);
  world.upward = (_, message) => (message.type === 'decline' ? undefined : message);
  await anna.want({ type: 'decline', id: anna.last('asks').asks[0]?.id ?? '' });
  assert.deepEqual(cards(anna), []);
  await world.delivery.order({ remind: true });
  await world.settle();
  assert.deepEqual([cards(anna), anna.last('asks').asks[0]?.times], [['0'], 1]);
}));

test('what only gives back lines, and what does not', () => {
  const request = (legs: readonly Leg[], scope: readonly Kind[] = ['audio'], speak: readonly Kind[] = ['audio'], gateway = 7): GrantRequest => ({
    v: 1, room: '1000', group: new Uint8Array(16), id: new Uint8Array(16), gateway: new Uint8Array(32).fill(gateway), hpke: new Uint8Array(32), legs: [...legs], scope: [...scope], speak: [...speak], notAfter: 10,
  });
  const of = (asked: GrantRequest): Grant => ({
    n: 1, request: encodeCbor({ ...asked, legs: asked.legs.map((l) => ({ ...l })) }), sig: new Uint8Array(64), scope: asked.scope, speak: asked.speak, notAfter: 10,
  });
  const room = { grants: [of(request([leg(0), leg(1)], ['audio', 'screen-audio']))] } as unknown as Room;
  const narrows = (asked: GrantRequest): boolean => narrowed(room, asked) !== undefined;
  assert.ok(narrows(request([leg(1)], ['audio', 'screen-audio'])));
  assert.ok(narrows(request([leg(1)], ['audio'], [])));
  for (const wider of [
    request([leg(0), leg(1)]), request([leg(2)]), request([{ ...leg(1), label: 'Line 0' }]), request([{ ...leg(1), number: '+49' }]), request([{ ...leg(1), kind: 'recorder' }]),
    request([leg(1)], ['audio', 'video']), request([leg(1)], ['audio'], ['audio', 'screen-audio']), request([leg(1)], ['audio'], ['audio'], 8),
  ]) assert.equal(narrows(wider), false, JSON.stringify(wider.legs));
  assert.equal(narrowed({ grants: [] } as unknown as Room, request([leg(1)])), undefined);
});
