// One engine a group: what was made for the group before lets nothing through.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Kind } from '../../src/e2ee/frame/kind.ts';
import type { FromEngine } from '../../src/e2ee/worker/messages.ts';
import type { EncodedFrame } from '../../src/e2ee/worker/scope.ts';
import { Stage } from '../../src/e2ee/worker/stage.ts';
import { keys, run } from './keys.ts';

const group = (n: number) => new Uint8Array(16).fill(n);

class Bench {
  readonly said: FromEngine[] = [];
  readonly renewed: number[] = [];
  readonly stage = new Stage({ engine: (message) => this.said.push(message), renewed: (generation) => this.renewed.push(generation) }, () => 0);

  /** sender is a transform that is fed frames of sound; out counts those that came through. */
  sender(generation: number, id: string, kind: Kind = 'audio') {
    const source = new TransformStream<EncodedFrame, EncodedFrame>();
    const writer = source.writable.getWriter();
    const result = { out: 0, put: async () => {
      void writer.write({ data: run(40, 1).buffer, getMetadata: () => ({ mimeType: 'audio/opus' }) }).catch(() => undefined);
      for (let i = 0; i < 4; i++) {
        await crypto.subtle.digest('SHA-256', new Uint8Array(1));
        await new Promise((resolve) => setImmediate(resolve));
      }
      return result.out;
    } };
    const writable = new WritableStream<EncodedFrame>({ write: () => {
      result.out++;
    } });
    this.stage.attach({ options: { side: 'send', id, generation, kind, track: 0 }, readable: source.readable, writable });
    return result;
  }
}

test('transforms may be there before the group is, and pass nothing until it has keys', async () => {
  const bench = new Bench();
  const early = bench.sender(1, 'early');
  assert.equal(await early.put(), 0);
  await bench.stage.media(group(1)).install(keys(), []);
  assert.equal(await early.put(), 1);
  assert.deepEqual(bench.renewed, []);
});

test('another leaf of the same group keeps the engine, and with it the counters', async () => {
  const bench = new Bench();
  const media = bench.stage.media(group(1));
  await media.install(keys(), []);
  assert.equal(bench.stage.media(group(1)), media);
  assert.deepEqual(bench.renewed, []);
  await assert.rejects(media.install(keys(), []), 'the same epoch twice');
});

test('another group has another engine: no transform of the old one passes a frame again', async () => {
  const bench = new Bench();
  const old = bench.sender(1, 'old');
  await bench.stage.media(group(1)).install(keys(), []);
  assert.equal(await old.put(), 1);
  const media = bench.stage.media(group(2));
  assert.deepEqual(bench.renewed, [2]);
  await media.install(keys(), []);
  const late = bench.sender(1, 'late');
  const fresh = bench.sender(2, 'fresh');
  assert.deepEqual([await old.put(), await late.put(), await fresh.put()], [1, 0, 1]);
  bench.stage.handle({ type: 'count', request: 1 });
  const counted = bench.said.at(-1);
  assert.ok(counted?.type === 'counted');
  assert.deepEqual(counted.tracks.map(({ id }) => id), ['fresh']);
});
