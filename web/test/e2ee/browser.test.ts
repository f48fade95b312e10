// Frames in a real browser: sealed, sent, opened, decoded; and what happens when something is wrong.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Counted, TrackCount } from '../../src/e2ee/worker/messages.ts';
import type { Tests } from './browser/page.ts';
import { chromium } from './chromium.ts';

const { skip, open } = chromium();

declare const tests: Tests;

const near = (frequency: number, wanted: number) => Math.abs(frequency - wanted) < 30;

/** passed and dropped of one transform. */
function of(counted: Counted, id: string): TrackCount {
  const found = counted.tracks.find((track) => track.id === id);
  assert.ok(found, id);
  return found;
}

test('every codec goes through a real browser sealed, both ways, and a dead worker ends it', { skip, timeout: 60_000 }, async (t) => {
  const { page, faults } = await open();
  const codecs = ['VP8', 'VP9', 'H264', 'AV1'];
  const result = await page.evaluate((names) => tests.talk(names, { a: 1, b: 1 }, true), codecs);
  t.diagnostic(`proved after ${result.provedAfter} ms; pictures decoded ${JSON.stringify(result.decoded)}; not in this browser: ${result.missing.join() || 'none'}`);
  assert.ok(!result.missing.includes('VP8'));
  assert.ok(result.proved, JSON.stringify(result.verdicts));
  assert.ok(near(result.atB ?? 0, 440), `leaf 2 hears ${result.atB ?? 0} Hz`);
  assert.ok(near(result.atA ?? 0, 880), `leaf 1 hears ${result.atA ?? 0} Hz`);
  assert.equal(Object.keys(result.decoded).length, codecs.length);
  for (const [mid, frames] of Object.entries(result.decoded)) assert.ok(frames > 15, `m-line ${mid}: ${frames} decoded`);
  // Frames may come before the worker has its keys; for no other reason is one dropped.
  const early = ['empty', 'noKey', 'epoch'];
  for (const track of [...result.a.tracks, ...result.b.tracks]) {
    assert.ok(track.passed > 0, track.id);
    assert.deepEqual(Object.keys(track.dropped).filter((reason) => !early.includes(reason)), [], `${track.id} ${JSON.stringify(track.dropped)}`);
  }
  // The watchdog rests on this: the browser counts the very bytes of sound that the worker sealed.
  const sealed = of(result.a, 'a audio').bytes;
  assert.ok(result.sound > 0 && result.sound <= sealed && result.sound > 0.8 * sealed, `${result.sound} bytes of sound sent, ${sealed} sealed`);
  assert.deepEqual(result.events.filter((e) => e === 'proved').length, codecs.length + 1);
  assert.deepEqual(result.dead, { senders: codecs.length + 1, cut: true, sentAfter: 0, verdicts: Array.from({ length: codecs.length + 1 }, () => 'broken') });
  assert.deepEqual(faults, []);
});

test('a receiver with other keys decodes nothing', { skip, timeout: 60_000 }, async () => {
  const { page } = await open();
  const result = await page.evaluate(() => tests.talk(['VP8'], { a: 1, b: 50 }, false));
  assert.ok(result.proved, JSON.stringify(result.verdicts));
  assert.deepEqual([Object.values(result.decoded), result.atA, result.atB], [[0], 0, 0]);
  for (const track of [of(result.b, 'b VP8'), of(result.b, 'b hears'), of(result.a, 'a hears')]) {
    assert.equal(track.passed, 0, track.id);
    assert.ok((track.dropped.authentication ?? 0) > 10, `${track.id} ${JSON.stringify(track.dropped)}`);
  }
});

test('a transform that was set too late is noticed, and the track cut off', { skip, timeout: 60_000 }, async () => {
  const { page } = await open();
  assert.deepEqual(await page.evaluate(() => tests.late()), { cut: true, verdicts: ['broken'] });
});
