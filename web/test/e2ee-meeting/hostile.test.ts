// A server that does not keep to the rules: it can delay, withhold and split; everything else is refused, and all of it shows.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Refusal } from '../../src/e2ee/frame/refusal.ts';
import type { LogRecord } from '../../src/e2ee/meeting/wire.ts';
import { newLink } from '../../src/e2ee/policy/link.ts';
import { newSigner } from '../../src/e2ee/policy/signing.ts';
import type { Browser } from './browser.ts';
import { noGo } from './delivery.ts';
import { key, World } from './world.ts';

const skip = { skip: noGo };

/** What a frame says of itself: that it is Anna's, of epoch 2. */
const ahead = { type: 'seen', leaf: 0, epochByte: 2, proved: false } as const;

/** claims has frames come four times a second that say to be of a leaf in a later epoch. */
async function claims(world: World, browser: Browser, times: number, leaf = 0): Promise<void> {
  for (let i = 0; i < times; i++) {
    await browser.want({ ...ahead, leaf, epochByte: browser.epoch + 1 });
    await world.pass(250);
  }
}

/** listen notes who says what kind of thing to the service. */
function listen(world: World): readonly string[] {
  const asked: string[] = [];
  world.upward = (who, message) => {
    asked.push(`${who} ${message.type}`);
    return message;
  };
  return asked;
}

test('a record held back: fetched when others speak in the next epoch', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  world.downward = (to, message) => (to === 'bob' && message.type === 'applied' ? undefined : message);
  await anna.want({ type: 'vetoRule', rule: 'any' });
  assert.equal(bob.epoch, 1);
  await anna.want({ type: 'chat', text: 'hello' });
  assert.equal(bob.epoch, 2);
  assert.equal(bob.all('broken').length, 0);
  await world.agree(anna, bob);
}));

test('held back for good: after 2 s sending stops and is said, and a new leaf ends it', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  world.downward = (to, message) => (to === 'bob' && (message.type === 'applied' || message.type === 'records') ? undefined : message);
  await anna.want({ type: 'vetoRule', rule: 'any' });
  await claims(world, bob, 3);
  await world.pass(1000);
  await bob.want(ahead);
  await world.pass(749);
  assert.deepEqual([bob.mark, bob.media.speaks.length], ['SEALED', 4]);
  const before = bob.media;
  await world.pass(1);
  assert.deepEqual([bob.last('broken').why, before.speaks], ['behind', []]);
  assert.ok(bob.events.some((event) => event.type === 'state' && event.state.mark === 'BROKEN'));
  world.downward = (_, message) => message;
  await world.pass(1000);
  assert.deepEqual([bob.mark, bob.epoch, anna.epoch, bob.members.length], ['SEALED', 3, 3, 2]);
  await world.agree(anna, bob);
}));

test('forged headers of a later epoch break nothing, however long they come: who they name is asked, and answers', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  const asked = listen(world);
  await bob.want(ahead);
  await world.pass(10_000);
  assert.deepEqual(asked, ['bob missed']);
  await claims(world, bob, 120);
  assert.deepEqual([bob.all('broken').length, bob.mark, bob.media.speaks.length, bob.epoch, anna.epoch], [0, 'SEALED', 4, 1, 1]);
  // One question in ten seconds, and one answer each: it costs the others no more.
  assert.deepEqual(['bob relay', 'anna relay'].map((what) => asked.filter((one) => one === what).length), [3, 3]);
  await world.agree(anna, bob);
}));

test('forged headers of a leaf that is heard meanwhile, or has no connection: nobody is even asked', skip, () => World.run({}, async (world, anna) => {
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  const leaf = bob.members.find(({ name }) => name === 'carol')?.leaf ?? -1;
  const asked = listen(world);
  for (let i = 0; i < 20; i++) {
    await bob.want(ahead);
    await bob.want({ type: 'seen', leaf: 0, epochByte: bob.epoch, proved: true });
    await world.pass(250);
  }
  await carol.disconnect();
  await claims(world, bob, 20, leaf);
  assert.deepEqual([bob.all('broken').length, asked.filter((one) => one.endsWith('relay'))], [0, []]);
  await world.agree(anna, bob);
}));

test('a service that keeps the answer from us as well has cut us off: sending stops', skip, () => World.run({}, async (world) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  world.downward = (to, message) => (to === 'bob' && message.type === 'relayed' ? undefined : message);
  await claims(world, bob, 11);
  assert.equal(bob.last('broken').why, 'behind');
}));

test('an answer from before does not count: who has spoken and then went ahead is ahead', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  world.downward = (to, message) => (to === 'bob' && (message.type === 'applied' || message.type === 'records') ? undefined : message);
  await anna.want({ type: 'chat', text: 'still here' });
  await anna.want({ type: 'vetoRule', rule: 'any' });
  await claims(world, bob, 11);
  assert.deepEqual([bob.all('chat').length, bob.last('broken').why], [1, 'behind']);
}));

test('held back by more than one commit: the question is refused, which nobody is told of, and sending stops', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  world.downward = (to, message) => (to === 'bob' && (message.type === 'applied' || message.type === 'records') ? undefined : message);
  for (const rule of ['any', 'host', 'any'] as const) await anna.want({ type: 'vetoRule', rule });
  await claims(world, bob, 11);
  assert.deepEqual([bob.last('broken').why, bob.all('failure')], ['behind', []]);
}));

test('without a connection nothing is decided: what others did is fetched with the next', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await bob.disconnect();
  await anna.want({ type: 'vetoRule', rule: 'any' });
  await claims(world, bob, 20);
  assert.deepEqual([bob.all('broken').length, bob.epoch], [0, 1]);
  await bob.connect();
  assert.deepEqual([bob.epoch, bob.mark], [2, 'SEALED']);
  await world.agree(anna, bob);
}));

test('what came before, again: nothing happens', skip, () => World.run({}, async (world, anna) => {
  const records: LogRecord[] = [];
  const relayed: Parameters<typeof anna.meeting.receive>[0][] = [];
  world.downward = (to, message) => {
    if (to === 'bob' && message.type === 'applied') records.push(message.record);
    if (to === 'bob' && (message.type === 'relayed' || message.type === 'welcomed')) relayed.push(message);
    return message;
  };
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  await anna.want({ type: 'kick', identity: key(carol) });
  await anna.want({ type: 'chat', text: 'once' });
  const { epoch } = bob;
  assert.equal(records.length, 1);
  const asked: string[] = [];
  world.upward = (who, message) => {
    asked.push(`${who} ${message.type}`);
    return message;
  };
  for (const record of records) {
    bob.meeting.receive({ type: 'applied', record });
    bob.meeting.receive({ type: 'applied', record: { ...record, seq: record.seq + 1 } });
  }
  for (const message of relayed) bob.meeting.receive(message);
  await world.settle();
  assert.deepEqual([bob.epoch, bob.all('chat').length, bob.mark, relayed.length], [epoch, 1, 'SEALING', 2]);
  assert.deepEqual(asked, []);
  assert.equal(bob.all('failure').filter(({ failure }) => failure.what === 'badCommit').length, 0);
  await world.agree(anna, bob);
}));

test('bytes that nobody signed in place of a commit: ignored and reported', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  const refused: string[] = [];
  world.upward = (who, message) => {
    if (message.type === 'refuse') refused.push(who);
    return message;
  };
  world.downward = (to, message) => {
    if (to !== 'bob' || message.type !== 'applied') return message;
    const commit = message.record.commit.slice();
    commit[commit.length - 20] = (commit[commit.length - 20] ?? 0) ^ 1;
    return { ...message, record: { ...message.record, commit } };
  };
  await anna.want({ type: 'vetoRule', rule: 'any' });
  assert.deepEqual([bob.epoch, refused, bob.last('failure').failure], [1, ['bob'], { what: 'badCommit', by: undefined }]);
  assert.equal(bob.mark, 'SEALED');
}));

test('a split room: the halves share no key, and their codes differ', skip, () => World.run({}, async (world, anna) => {
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  await anna.want({ type: 'host', identity: key(bob), host: true });
  // Anna and Bob commit in the same epoch; Bob and Carol are told that his commit won.
  let commit: LogRecord['commit'] | undefined;
  let seq = 0;
  world.upward = (who, message) => {
    if (who !== 'bob' || message.type !== 'submit') return message;
    commit = message.commit;
    return undefined;
  };
  world.downward = (to, message) => {
    if (to === 'anna' || message.type !== 'applied') return message;
    ({ seq } = message.record);
    return undefined;
  };
  bob.meeting.command({ type: 'vetoRule', rule: 'any' });
  anna.meeting.command({ type: 'vetoRule', rule: 'all' });
  await world.settle();
  assert.ok(commit && seq > 0);
  for (const half of [bob, carol]) half.meeting.receive({ type: 'applied', record: { seq, kind: 'committed', epoch: 2, commit } });
  await world.settle();
  assert.deepEqual([anna.epoch, bob.epoch, carol.epoch], [3, 3, 3]);
  await world.agree(bob, carol);
  await assert.rejects(anna.media.open(await bob.media.seal('audio', 'psst')), Refusal);
  await bob.want({ type: 'chat', text: 'who hears this?' });
  assert.deepEqual([anna.all('chat').length, carol.all('chat').length, anna.last('failure').failure.what], [0, 1, 'unreadable']);
  for (const browser of [anna, bob, carol]) await browser.want({ type: 'longCode' });
  assert.equal(bob.last('longCode').code, carol.last('longCode').code);
  assert.notEqual(bob.last('longCode').code, anna.last('longCode').code);
  // The halves cannot be put together again behind anybody's back.
  world.downward = (_, message) => message;
  await anna.want({ type: 'lock' });
  assert.deepEqual([bob.epoch, bob.last('failure').failure.what], [3, 'badCommit']);
}));

test('the service takes epochs back: whoever has gone on stops sending and takes a new leaf', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await anna.want({ type: 'vetoRule', rule: 'any' });
  bob.meeting.receive({ type: 'applied', record: { seq: 4, kind: 'reopened', epoch: 1, commit: new Uint8Array() } });
  await world.settle();
  assert.equal(bob.last('broken').why, 'reopened');
  await world.pass(1000);
  assert.equal(bob.mark, 'SEALED');
  await world.agree(anna, bob);
}));

test('a dropped kick: silent at once, said after 3 s', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  world.upward = (who, message) => (who === 'anna' && message.type === 'submit' ? undefined : message);
  await anna.want({ type: 'kick', identity: key(bob) });
  assert.deepEqual(anna.media.speaks, []);
  await world.pass(3000);
  assert.equal(anna.last('notCarriedOut').wish, 'kick');
  assert.deepEqual(anna.media.speaks, []);
  await anna.want({ type: 'continue' });
  assert.equal(anna.media.speaks.length, 4);
}));

test('a room that is not that of the link is not entered', skip, () => World.run({}, async (world, anna) => {
  const bob = await world.person('bob');
  bob.link = await newLink((await newSigner()).publicKey, 'mixed');
  await bob.reload();
  assert.deepEqual(anna.last('cards').cards.map(({ linked }) => linked), [false]);
  await anna.want({ type: 'admit', refs: anna.last('cards').cards.map(({ ref }) => ref) });
  await world.pass(2000);
  assert.deepEqual([bob.last('phase').phase, bob.last('failure').failure.what, bob.media.current], ['waiting', 'badWelcome', undefined]);
}));

test('a room that is looser than this browser has seen it: nothing is sent without a word', skip, () => World.run({ mode: 'sealed' }, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await bob.want({ type: 'leave' });
  await world.pass(2000);
  await anna.want({ type: 'mode', mode: 'mixed' });
  await bob.reload();
  await anna.want({ type: 'admit', refs: anna.last('cards').cards.map(({ ref }) => ref) });
  await world.pass(2000);
  assert.deepEqual([bob.last('joined').askLooser, bob.media.speaks], [true, []]);
  await bob.want({ type: 'continue' });
  await world.agree(anna, bob);
}));

test('an error that nothing foresaw stops sending, and a new leaf ends it', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  const { media } = bob;
  media.install = () => Promise.reject(new Error('engine'));
  await anna.want({ type: 'vetoRule', rule: 'any' });
  assert.deepEqual([bob.last('broken').why, media.speaks], ['failed', []]);
  await world.pass(1000);
  assert.deepEqual([bob.mark, bob.media === media], ['SEALED', false]);
  await world.agree(anna, bob);
}));
