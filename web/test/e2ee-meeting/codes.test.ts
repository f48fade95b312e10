import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { noGo } from './delivery.ts';
import { World } from './world.ts';

const skip = { skip: noGo };

test('all read the same eight digits; what was compared is told, and who came since', skip, () => World.run({}, async (world, anna) => {
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  await bob.want({ type: 'shortCode' });
  const codes = [anna, bob, carol].map((browser) => {
    const event = browser.last('shortCode');
    assert.ok(event.phase === 'done');
    assert.match(event.code, /^\d{8}$/);
    return event.code;
  });
  assert.equal(new Set(codes).size, 1);
  await anna.want({ type: 'codesMatch', match: true });
  const verified = () => anna.state.says.find((says) => says.key === 'e2ee.verified');
  assert.deepEqual([verified()?.compared.epoch, verified()?.compared.since, anna.state.checked], [1n, [], true]);
  await world.come('dave');
  assert.deepEqual(verified()?.compared.since, [{ name: 'dave', letInBy: 'anna' }]);
  await anna.want({ type: 'codesMatch', match: false });
  assert.deepEqual([verified(), anna.last('failure').failure.what], [undefined, 'codesDiffer']);
}));

test('two begin at one moment, and all end with one code', skip, () => World.run({}, async (world, anna) => {
  const [bob, carol] = await world.come('bob', 'carol');
  assert.ok(bob && carol);
  anna.meeting.command({ type: 'shortCode' });
  bob.meeting.command({ type: 'shortCode' });
  await world.settle();
  await world.pass(10_000);
  const ends = [anna, bob, carol].map((browser) => browser.last('shortCode'));
  assert.deepEqual(ends.map(({ phase }) => phase), ['done', 'done', 'done']);
  assert.equal(new Set(ends.map((end) => (end.phase === 'done' ? end.code : ''))).size, 1);
}));

test('somebody is not heard: failed after 10 s, one attempt in 10 s, and after three it is said', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  world.upward = (who, message) => (who === 'bob' && message.type === 'relay' ? undefined : message);
  for (let i = 0; i < 3; i++) {
    await anna.want({ type: 'shortCode' });
    assert.equal(anna.last('shortCode').phase, 'running');
    await world.pass(10_000);
    assert.deepEqual(anna.last('shortCode'), { type: 'shortCode', phase: 'failed', why: 'silence' });
  }
  await anna.want({ type: 'shortCode' });
  assert.deepEqual(anna.last('shortCode'), { type: 'shortCode', phase: 'notNow', why: 'disturbed' });
  await anna.want({ type: 'tryAgain' });
  world.upward = (_, message) => message;
  await bob.want({ type: 'tryAgain' });
  await anna.want({ type: 'shortCode' });
  assert.equal(anna.last('shortCode').phase, 'done');
  await anna.want({ type: 'shortCode' });
  assert.deepEqual(anna.last('shortCode'), { type: 'shortCode', phase: 'notNow', why: 'wait' });
}));

test('a ceremony is of one epoch', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  world.upward = (who, message) => (who === 'bob' && message.type === 'relay' ? undefined : message);
  await anna.want({ type: 'shortCode' });
  await anna.want({ type: 'vetoRule', rule: 'any' });
  assert.deepEqual(anna.last('shortCode'), { type: 'shortCode', phase: 'failed', why: 'epoch' });
}));

test('the long code is the same for all, and of its epoch', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  for (const browser of [anna, bob]) await browser.want({ type: 'longCode' });
  assert.match(bob.last('longCode').code, /^(\d{5} ){5}\d{5}$/);
  assert.deepEqual(anna.last('longCode'), bob.last('longCode'));
  const before = anna.last('longCode').code;
  await anna.want({ type: 'vetoRule', rule: 'any' });
  await anna.want({ type: 'longCode' });
  assert.notEqual(anna.last('longCode').code, before);
}));
