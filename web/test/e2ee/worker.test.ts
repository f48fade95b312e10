// The engine of the media worker, with streams in place of a browser's.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Bytes } from '../../src/e2ee/frame/bytes.ts';
import { KeysError } from '../../src/e2ee/frame/keycheck.ts';
import type { Source } from '../../src/e2ee/frame/keyid.ts';
import { patience } from '../../src/e2ee/worker/receive.ts';
import type { EncodedFrame } from '../../src/e2ee/worker/scope.ts';
import { Bench, frame, Pipe, sealed, sound } from './engine_bench.ts';
import { hex, keys, phone, run } from './keys.ts';

test('nothing passes in clear: no key, unknown codecs, padding, broken frames', async () => {
  const bench = new Bench();
  const pipe = bench.send();
  await pipe.put(frame(sound));
  await bench.engine.install(keys(), []);
  for (const mimeType of ['audio/PCMU', 'audio/red', 'audio/G722', 'audio/CN', 'video/VP8', '', 'audio/__proto__']) await pipe.put(frame(sound, mimeType));
  await pipe.put(frame(sound, null));
  await pipe.put(frame(new Uint8Array(0)));
  await pipe.put({ data: sound.slice().buffer, getMetadata: () => { throw new Error('gone'); } });
  assert.equal(pipe.out.length, 0);
  assert.deepEqual(bench.count('send audio'), { id: 'send audio', side: 'send', seen: 11, passed: 0, bytes: 0, dropped: { noKey: 1, codec: 8, empty: 1, failed: 1 } });
});

test('three sealed frames prove a sender, once', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  const pipe = bench.send();
  for (let i = 0; i < 5; i++) {
    await pipe.put(frame(sound));
    assert.equal(bench.said.filter((m) => m.type === 'proved').length, i < 2 ? 0 : 1);
  }
  assert.ok(pipe.out.every((out) => !hex(out).includes(hex(sound))));
  assert.deepEqual(bench.said, [{ type: 'proved', id: 'send audio' }]);
});

test('the payload type names the codec where the frame does not', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  bench.engine.handle({ type: 'formats', id: 'send audio', mimeTypes: { 111: 'audio/opus' } });
  const pipe = bench.send();
  await pipe.put(frame(sound, null, 111));
  await pipe.put(frame(sound, null, 8));
  bench.engine.handle({ type: 'formats', id: 'send audio', mimeTypes: { 8: 'audio/opus' } });
  await pipe.put(frame(sound, null, 8));
  assert.equal(pipe.out.length, 2);
});

test('what members send is opened and the source reported, and clear frames are dropped', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  const pipe = bench.receive();
  for (const data of await sealed(3)) await pipe.put(frame(data));
  for (const data of await sealed(1, { leaf: 3 })) await pipe.put(frame(data));
  await pipe.put(frame(sound));
  assert.deepEqual(pipe.out.map(hex), Array.from({ length: 4 }, () => hex(sound)));
  const source = (leaf: number) => ({ type: 'source', id: 'receive', source: { type: 'leaf', leaf, track: 0 } });
  assert.deepEqual(bench.said, [source(2), source(3)]);
  const { seen, passed, dropped } = bench.count('receive');
  assert.deepEqual([seen, passed, dropped], [5, 4, { epoch: 1 }]);
});

test('a receiver takes nothing before it was told what it shows, and nothing else after', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  const pipe = new Pipe(bench.engine, { side: 'receive', generation: 1, id: 'receive', medium: 'video' });
  const frames = await sealed(3, {}, 'video/VP8', 'video');
  const put = (i: number) => pipe.put(frame(frames[i] ?? sound, 'video/VP8'));
  await put(0);
  bench.engine.handle({ type: 'expect', id: 'receive', epoch: 257n, expected: { kind: 'video', source: { type: 'leaf', leaf: 3, track: 0 } } });
  await put(1);
  assert.deepEqual(bench.dropped('receive'), { binding: 2 });
  bench.engine.handle({ type: 'expect', id: 'receive', epoch: 257n, expected: { kind: 'video', source: { type: 'leaf', leaf: 2, track: 0 } } });
  await put(2);
  assert.equal(pipe.out.length, 1);
});

test('a tile does not show who comes after on the same leaf, however the messages cross', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  const anna: Source = { type: 'leaf', leaf: 2, track: 0 };
  const pipe = bench.receive('video', anna);
  const [first] = await sealed(1, {}, 'video/VP8', 'video');
  const later = await sealed(3, { epoch: 258n, removed: [2] }, 'video/VP8', 'video');
  const put = (data: Bytes | undefined) => pipe.put(frame(data ?? sound, 'video/VP8'));
  await put(first);
  await bench.engine.install(keys({ epoch: 258n, removed: [2] }), []);
  await put(later[0]);
  bench.engine.handle({ type: 'expect', id: 'receive', epoch: 257n, expected: { kind: 'video', source: anna } });
  await put(later[1]);
  assert.equal(pipe.out.length, 1);
  bench.engine.handle({ type: 'expect', id: 'receive', epoch: 258n, expected: { kind: 'video', source: anna } });
  await put(later[2]);
  assert.equal(pipe.out.length, 2);
});

test('frames of the coming epoch wait for its keys, in order, at most 64 and 500 ms', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  const pipe = bench.receive();
  const next = await sealed(patience.frames + 3, { epoch: 258n });
  await pipe.put(frame(next[0] ?? sound));
  bench.now = patience.ms + 1;
  for (const data of next.slice(1, -1)) await pipe.put(frame(data));
  // The first waited too long, and the last but one found no room.
  assert.deepEqual(bench.dropped('receive'), { late: 2 });
  assert.equal(pipe.out.length, 0);
  bench.now = 2 * patience.ms + 1;
  await bench.engine.install(keys({ epoch: 258n }), []);
  await pipe.put(frame(next.at(-1) ?? sound));
  assert.equal(pipe.out.length, patience.frames + 1);
  assert.deepEqual(bench.dropped('receive'), { late: 2 });
  assert.deepEqual([bench.counted().epoch, bench.counted().retained], [258n, 1]);
});

test('keys that come too late open nothing that waited', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  const pipe = bench.receive();
  for (const data of await sealed(2, { epoch: 258n })) await pipe.put(frame(data));
  bench.now = patience.ms + 1;
  await bench.engine.install(keys({ epoch: 258n }), []);
  assert.equal(pipe.out.length, 0);
  assert.deepEqual(bench.dropped('receive'), { late: 2 });
});

test('muted towards an epoch until the user goes on from that epoch', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  const audio = bench.send('audio');
  const video = bench.send('video');
  const passes = async (pipe: Pipe, f: EncodedFrame) => {
    const before = pipe.out.length;
    await pipe.put(f);
    return pipe.out.length > before;
  };
  const heard = () => passes(audio, frame(sound));
  const seen = () => passes(video, frame(Uint8Array.of(0x31, ...sound), 'video/VP8'));
  assert.deepEqual([await heard(), await seen()], [true, true]);
  await bench.engine.install(keys({ epoch: 258n, grants: [phone()] }), ['audio']);
  assert.deepEqual([await heard(), await seen()], [false, true]);
  assert.deepEqual(bench.counted().asking, ['audio']);
  bench.engine.goOn(257n);
  assert.equal(await heard(), false);
  await bench.engine.install(keys({ epoch: 259n, grants: [phone()] }), []);
  assert.equal(await heard(), false);
  bench.engine.goOn(259n);
  assert.equal(await heard(), true);
  // A wider grant asks again, and a tap that was meant for the first question does not count.
  await bench.engine.install(keys({ epoch: 260n, grants: [phone({ scope: ['audio', 'video'] })] }), ['audio', 'video']);
  bench.engine.goOn(259n);
  assert.deepEqual([await heard(), await seen()], [false, false]);
  // Nobody else hears any more: there is nothing to ask.
  await bench.engine.install(keys({ epoch: 261n }), []);
  assert.deepEqual([await heard(), await seen()], [true, true]);
});

test('who asks for silence has it at once, and a group that cannot be followed sends nothing', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  const pipe = bench.send();
  const put = () => pipe.put(frame(sound));
  bench.engine.silence(['audio', 'screen-audio']);
  await put();
  bench.engine.goOn(1000n);
  await put();
  assert.equal(pipe.out.length, 0);
  bench.engine.silence([]);
  await put();
  assert.equal(pipe.out.length, 1);
  bench.engine.halt();
  bench.engine.silence([]);
  await put();
  assert.equal(pipe.out.length, 1);
  await bench.engine.install(keys({ epoch: 258n }), []);
  await put();
  assert.equal(pipe.out.length, 2);
  assert.deepEqual(bench.dropped('send audio'), { muted: 3 });
});

test('bad keys change nothing, and keys install in the order in which they came', async () => {
  const bench = new Bench();
  await bench.engine.install(keys(), []);
  await assert.rejects(bench.engine.install(keys({ tag: run(31, 0) }), ['audio']), KeysError);
  // The first takes longer to take in than the others.
  const grants = Array.from({ length: 8 }, (_, i) => phone({ n: i, keys: keys().media }));
  await Promise.all([258n, 259n, 260n].map((epoch) => bench.engine.install(keys({ epoch, grants: epoch === 258n ? grants : [] }), [])));
  assert.deepEqual([bench.counted().epoch, bench.counted().asking], [260n, []]);
});

test('a transform that ended is not counted any more', async () => {
  const bench = new Bench();
  const pipe = bench.send();
  assert.equal(bench.counted().tracks.length, 1);
  await pipe.end();
  assert.equal(bench.counted().tracks.length, 0);
});
