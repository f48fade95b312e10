import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { noGo } from './delivery.ts';
import type { Browser } from './browser.ts';
import { key, World } from './world.ts';

const skip = { skip: noGo };
const opus = 'opus frame';
const clear = (text: string): string => Buffer.from(text).toString('base64');

/** hears asserts what the telephone system makes of a frame of sound. */
async function hears(world: World, from: Browser, yes: boolean): Promise<void> {
  const opened = await world.delivery.open(1, 'opus', await from.media.seal('audio', opus));
  assert.equal(opened.clear, yes ? clear(opus) : undefined, opened.error);
}

test('a telephone is let in to hear, and to hear only; revoked, it hears nothing more', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await hears(world, bob, false);
  const id = await world.ask();
  assert.deepEqual([anna.mark, bob.mark, anna.state.legs], ['ASKED', 'ASKED', 'e2ee.legs.asked']);
  await hears(world, bob, false);
  await anna.want({ type: 'allow', id });
  assert.deepEqual([anna.mark, bob.mark, bob.last('asks').asks], ['AUDIO OPEN', 'AUDIO OPEN', []]);
  const [says] = bob.state.says;
  assert.ok(says?.key === 'e2ee.audioOpen');
  assert.deepEqual([says.listener.n, says.listener.allowed?.by, says.listener.legs[0]?.label], [1, 'anna', 'Line 1']);
  // Bob is a guest and was not asked: he is silent of sound until he goes on, and of nothing else.
  assert.deepEqual([bob.last('listener').wait, bob.media.speaks], [true, ['video', 'screen', 'screen-audio']]);
  await bob.want({ type: 'continue' });
  await hears(world, bob, true);
  await hears(world, anna, true);
  const picture = await bob.media.seal('video', '1 picture');
  for (const kind of [1, 2]) assert.equal((await world.delivery.open(kind, 'VP8', picture)).clear, undefined);
  // The same frame under the key of another kind: the one opener that it has does not fit.
  const other = await world.delivery.open(1, 'opus', await bob.media.seal('screen-audio', opus));
  assert.deepEqual([other.clear, other.error?.includes('opener')], [undefined, false]);
  await world.agree(anna, bob);
  // Everybody who comes is told before a word is heard.
  const [carol] = await world.come('carol');
  assert.deepEqual([carol?.mark, carol?.media.speaks.includes('audio')], ['AUDIO OPEN', false]);
  await carol?.want({ type: 'continue' });
  await hears(world, carol ?? bob, true);
  // A gateway that does not care for the policy has no keys either.
  await world.delivery.order({ deaf: true });
  await bob.want({ type: 'revoke', n: 1 });
  assert.deepEqual([anna.mark, bob.mark], ['SEALING', 'SEALING']);
  await hears(world, bob, false);
  await world.pass(2000);
  assert.deepEqual([anna.mark, anna.state.says.map(({ key: word }) => word)], ['SEALED', ['e2ee.sealed', 'e2ee.checked', 'e2ee.phoneEarlier']]);
  assert.equal(bob.all('notCarriedOut').length, 0);
}));

test('the last line hangs up: the grant goes at once; if the lowest host does nothing, the next does', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await anna.want({ type: 'allow', id: await world.ask() });
  world.upward = (who, message) => (who === 'anna' && message.type === 'submit' ? undefined : message);
  await world.delivery.order({ hangUp: true });
  await world.settle();
  assert.equal(bob.mark, 'AUDIO OPEN');
  await world.pass(1000);
  assert.equal(bob.mark, 'SEALING');
}));

test('keys that did not come are sealed by the lowest host, or the next', skip, () => World.run({}, async (world, anna) => {
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  await anna.want({ type: 'host', identity: key(bob), host: true });
  let lost = 0;
  // All that Anna uploads for the gateway is lost.
  world.upward = (who, message) => {
    if (who !== 'anna') return message;
    if (message.type === 'submit') return { ...message, bundles: [] };
    if (message.type !== 'bundle') return message;
    lost++;
    return undefined;
  };
  await anna.want({ type: 'allow', id: await world.ask() });
  await hears(world, anna, false);
  await world.pass(1000);
  assert.equal(lost, 1);
  await hears(world, anna, false);
  await world.pass(1000);
  await hears(world, anna, true);
  // A guest's commit (Carol takes back nothing here, Anna comes back) bears no keys either.
  world.upward = (_, message) => message;
  await anna.reload();
  await world.pass(1100);
  assert.equal(anna.last('phase').phase, 'in');
  await anna.want({ type: 'continue' });
  await hears(world, anna, true);
}));

test('an account that knows of telephones is asked by a chime: 3 s of silence, or for longer if it wishes', skip, () => World.run({}, async (world, anna) => {
  await world.come('bob');
  await anna.want({ type: 'allow', id: await world.ask() });
  const eve = await world.person('eve', 'account');
  await world.come('eve');
  await eve.want({ type: 'continue' });
  for (const muteMe of [false, true]) {
    await anna.want({ type: 'revoke', n: eve.state.says.flatMap((says) => (says.key === 'e2ee.audioOpen' ? [says.listener.n] : []))[0] ?? 0 });
    await anna.want({ type: 'allow', id: await world.ask() });
    assert.equal(eve.last('listener').wait, false);
    if (muteMe) await eve.want({ type: 'muteMe' });
    await world.pass(2999);
    assert.equal(eve.media.speaks.includes('audio'), false);
    await world.pass(1);
    assert.equal(eve.media.speaks.includes('audio'), !muteMe);
  }
}));

test('a dropped revocation: who wished it is silent at once, and after 3 s it is said', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await anna.want({ type: 'allow', id: await world.ask() });
  await bob.want({ type: 'continue' });
  world.upward = (who, message) => (who === 'bob' && message.type === 'submit' ? undefined : message);
  await bob.want({ type: 'revoke', n: 1 });
  assert.equal(bob.media.speaks.includes('audio'), false);
  await world.pass(2999);
  assert.equal(bob.all('notCarriedOut').length, 0);
  await world.pass(1);
  assert.equal(bob.last('notCarriedOut').wish, 'revoke');
  assert.equal(bob.media.speaks.includes('audio'), false);
  // His mark still describes the keys that he would send with.
  assert.equal(bob.mark, 'AUDIO OPEN');
  world.upward = (_, message) => message;
  await anna.want({ type: 'revoke', n: 1 });
  assert.ok(bob.media.speaks.includes('audio'));
}));

test('a race that was lost brings no revoked grant back', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await anna.want({ type: 'allow', id: await world.ask() });
  // Bob revokes while a change of Anna's, made when the grant was there, is on its way.
  let held: (() => void) | undefined;
  world.upward = (who, message) => {
    if (who !== 'anna' || message.type !== 'submit' || held !== undefined) return message;
    held = () => void world.delivery.message(who, message);
    return undefined;
  };
  await anna.want({ type: 'vetoRule', rule: 'any' });
  await bob.want({ type: 'revoke', n: 1 });
  assert.ok(held);
  held();
  await world.pass(3000);
  assert.deepEqual([anna.mark, bob.mark, anna.epoch], ['SEALED', 'SEALED', 4]);
  await hears(world, anna, false);
  const card = await world.ask();
  assert.equal(bob.last('asks').asks[0]?.rule, 'any');
  assert.ok(card);
}));

test('any member may object within ten seconds', skip, () => World.run({ vetoRule: 'any' }, async (world, anna) => {
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  const id = await world.ask();
  await anna.want({ type: 'allow', id });
  await world.pass(9000);
  assert.equal(anna.mark, 'ASKED');
  await bob.want({ type: 'veto', id });
  await world.pass(2000);
  assert.deepEqual([anna.mark, bob.mark, carol.mark, anna.epoch], ['SEALED', 'SEALED', 'SEALED', 1]);
  assert.equal(bob.media.speaks.length, 4);
  const again = await world.ask();
  await anna.want({ type: 'allow', id: again });
  await world.pass(10_000);
  assert.equal(carol.mark, 'AUDIO OPEN');
}));

test('an objection that the server drops: silent, told after 3 s, and asked before a word is heard', skip, () => World.run({ vetoRule: 'any' }, async (world, anna) => {
  const bob = await world.person('bob', 'account');
  await world.come('bob');
  const id = await world.ask();
  world.upward = (who, message) => (who === 'bob' && message.type === 'relay' ? undefined : message);
  await anna.want({ type: 'allow', id });
  await bob.want({ type: 'veto', id });
  assert.equal(bob.media.speaks.includes('audio'), false);
  await world.pass(3000);
  assert.equal(bob.last('notCarriedOut').wish, 'veto');
  await world.pass(7000);
  assert.equal(bob.mark, 'AUDIO OPEN');
  await world.pass(3000);
  assert.equal(bob.media.speaks.includes('audio'), false, 'the room was sealed when he came');
  await bob.want({ type: 'continue' });
  await hears(world, bob, true);
}));

test('all have to agree, in the very epoch; a new epoch asks no user again', skip, () => World.run({ vetoRule: 'all' }, async (world, anna) => {
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  const id = await world.ask();
  await anna.want({ type: 'allow', id });
  await bob.want({ type: 'consent', id });
  assert.deepEqual([anna.mark, anna.last('asks').asks[0]?.consents], ['ASKED', 2]);
  await anna.want({ type: 'hand', up: true });
  await anna.want({ type: 'host', identity: key(bob), host: true });
  assert.deepEqual([anna.mark, anna.last('asks').asks[0]?.consents], ['ASKED', 2]);
  await carol.want({ type: 'consent', id });
  assert.deepEqual([anna.mark, bob.mark, carol.mark], ['AUDIO OPEN', 'AUDIO OPEN', 'AUDIO OPEN']);
  assert.equal(anna.all('undone').length, 0);
  await hears(world, carol, true);
}));

test('at its end a grant is silent by the own clock, and somebody takes it away', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await anna.want({ type: 'allow', id: await world.ask(60) });
  await bob.want({ type: 'continue' });
  world.upward = (_, message) => (message.type === 'submit' ? undefined : message);
  await world.pass(62_000);
  assert.equal(bob.media.speaks.includes('audio'), false);
  assert.equal(anna.media.speaks.includes('audio'), false);
  await world.pass(3000);
  assert.equal(bob.last('notCarriedOut').wish, 'expiry');
  world.upward = (_, message) => message;
  await bob.disconnect();
  await bob.connect();
  await world.pass(4000);
  assert.deepEqual([bob.mark, bob.media.speaks.length], ['SEALED', 4]);
}));

test('a sealed room shows no request, and no host can be made to open a locked one', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await anna.want({ type: 'mode', mode: 'sealed' });
  await anna.want({ type: 'lock' });
  await world.delivery.order({ ask: { legs: [{ no: 0, kind: 'phone', label: '', number: '' }], scope: [1], speak: [1], seconds: 60 } });
  await world.settle();
  assert.deepEqual([anna.all('asks').length, bob.mark], [0, 'SEALED']);
  await anna.want({ type: 'mode', mode: 'mixed' });
  await world.pass(1000);
  assert.deepEqual([anna.last('undone'), anna.epoch], [{ type: 'undone', wish: 'mode', why: 'invalid' }, 3]);
  await anna.want({ type: 'vetoRule', rule: 'all' });
  assert.equal(anna.epoch, 4);
}));

test('a request that no listed gateway signed is not shown', skip, () => World.run({ gateways: [] }, async (world, anna) => {
  await world.come('bob');
  await world.delivery.order({ ask: { legs: [{ no: 0, kind: 'phone', label: 'The boss', number: '' }], scope: [1], speak: [], seconds: 60 } });
  await world.settle();
  assert.deepEqual([anna.mark, anna.all('asks').length, anna.last('failure').failure], ['SEALED', 0, { what: 'badAsk' }]);
}));
