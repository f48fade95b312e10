// What the engine tells the meeting of others, and what it forgets.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { Bench, frame, Pipe, sealed, sound } from './engine_bench.ts';
import { keys } from './keys.ts';

test('the epoch that others send under is told as it changes, and again while it stays', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  const pipe = bench.receive();
  const [first, second, third] = await sealed(3);
  await pipe.put(frame(first ?? sound));
  await pipe.put(frame(second ?? sound));
  assert.deepEqual(bench.seen, [[2, 1, true]]);
  bench.now = 1000;
  await pipe.put(frame(third ?? sound));
  assert.deepEqual(bench.seen, [[2, 1, true], [2, 1, true]]);
  // Somebody who goes on under the epoch before is told of, though nothing of it can be opened any more.
  await bench.engine.install(keys({ epoch: 258n, removed: [3] }), []);
  bench.now = 9000;
  for (const data of await sealed(1)) await pipe.put(frame(data));
  assert.deepEqual(bench.seen.slice(2), [[2, 1, false]]);
  assert.equal(pipe.out.length, 3);
});

test('who is ahead of us is told of after half a second, and strangers never', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  const pipe = bench.receive();
  const [first, second] = await sealed(2, { epoch: 258n });
  await pipe.put(frame(first ?? sound));
  assert.deepEqual(bench.seen, []);
  bench.now = 500;
  await pipe.put(frame(second ?? sound));
  assert.deepEqual(bench.seen, [[2, 2, false]]);
  for (const data of await sealed(1, { leaf: 4, roster: [1, 2, 3, 4] })) await pipe.put(frame(data));
  for (const data of await sealed(1, { leaf: 1 })) await pipe.put(frame(data)); // our own
  bench.engine.handle({ type: 'expect', id: 'receive', epoch: 257n, expected: { kind: 'audio', source: { type: 'leaf', leaf: 2, track: 0 } } });
  for (const data of await sealed(1, { leaf: 3 })) await pipe.put(frame(data)); // not the one who is shown here
  assert.deepEqual(bench.seen, [[2, 2, false]]);
});

test('a header that says where we are says nothing; what is opened of somebody who seems ahead is told as often as what seems so', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  const pipe = bench.receive();
  const good = await sealed(6);
  const [broken, ...rest] = good;
  const damaged = (broken ?? sound).slice();
  damaged[damaged.length - 1] = (damaged[damaged.length - 1] ?? 0) ^ 1;
  await pipe.put(frame(damaged));
  assert.deepEqual([bench.seen, bench.dropped('receive')], [[], { authentication: 1 }]);
  const forged = await sealed(6, { epoch: 258n });
  for (const [i, data] of rest.entries()) {
    await pipe.put(frame(forged[i] ?? sound));
    await pipe.put(frame(data));
    bench.now += 250;
  }
  const told = bench.seen.map(([, epochByte, proved]) => `${epochByte}${proved ? ' proved' : ''}`);
  assert.deepEqual(told, ['1 proved', '2', '1 proved', '2', '1 proved', '2', '1 proved']);
});

test('what is forgotten shows nothing, and what was said of it is gone', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  bench.receive();
  bench.engine.handle({ type: 'forget', ids: ['receive'] });
  assert.equal(bench.counted().tracks.length, 0);
  const pipe = new Pipe(bench.engine, { side: 'receive', generation: 1, id: 'receive', medium: 'audio' });
  for (const data of await sealed(1)) await pipe.put(frame(data));
  assert.deepEqual([pipe.out.length, bench.dropped('receive')], [0, { binding: 1 }]);
});
