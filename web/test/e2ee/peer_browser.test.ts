// The page's own media connection in an encrypted room, in a real browser: what it sends, what it shows, and what it does when a browser lets it down.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { TrackCount } from '../../src/e2ee/worker/messages.ts';
import type { PeerTests } from './browser/peer.ts';
import { chromium } from './chromium.ts';

const { skip, open, context } = chromium('peer.js');

declare const tests: PeerTests;

const near = (frequency: number, wanted: number) => Math.abs(frequency - wanted) < 30;

function of(tracks: readonly TrackCount[], id: string): TrackCount {
  const found = tracks.find((track) => track.id === id);
  assert.ok(found, id);
  return found;
}

test('sound and picture go both ways, nothing is shown before it is expected, and the offer names nothing that is not on the list', { skip, timeout: 90_000 }, async (t) => {
  const { page, faults } = await open();
  const result = await page.evaluate(() => tests.meet(1));
  t.diagnostic(`proved ${result.provedAfter} ms after the start`);
  assert.ok(result.proved, JSON.stringify(result.words));
  assert.equal(result.unexpected, false, 'a slot was shown that nobody had named');
  assert.ok(near(result.heardHere, 880), `we hear ${result.heardHere} Hz`);
  assert.ok(near(result.heardThere, 440), `they hear ${result.heardThere} Hz`);
  assert.ok(result.shownHere >= 10 && result.shownThere >= 10, `${result.shownHere} pictures here, ${result.shownThere} there`);
  assert.ok(result.untouched, 'the own tracks are as the user has them');
  assert.equal(result.words.filter((word) => word.endsWith(' shows leaf 2')).length, 2, JSON.stringify(result.words));
  assert.ok(!result.words.some((word) => word.includes('broken')), JSON.stringify(result.words));
  assert.deepEqual(faults, []);
  allowed(result.offer);
});

/** allowed: an offer names no codec and no header extension that is not on the list. */
function allowed(offer: string): void {
  const uris = [...offer.matchAll(/^a=extmap:\d+(?:\/\w+)? (\S+)/gm)].map(([, uri = '']) => uri.split('/').at(-1)?.split(':').at(-1));
  assert.deepEqual([...new Set(uris)].sort(), [
    'abs-send-time', 'draft-holmer-rmcat-transport-wide-cc-extensions-01', 'mid', 'repaired-rtp-stream-id', 'rtp-stream-id', 'ssrc-audio-level',
  ]);
  const codecs = [...offer.matchAll(/^a=rtpmap:\d+ ([^/]+)/gm)].map(([, name]) => name);
  assert.deepEqual([...new Set(codecs)], ['opus', 'VP8', 'rtx', 'H264'], 'VP8 first');
  assert.ok(!offer.includes('m=application'));
}

test('without the key nothing is heard or shown, here or there', { skip, timeout: 90_000 }, async () => {
  const { page } = await open();
  const result = await page.evaluate(() => tests.meet(50));
  assert.ok(result.proved, 'sealing does not depend on who opens');
  assert.deepEqual([result.heardHere, result.shownHere, result.heardThere, result.shownThere], [0, 0, 0, 0]);
  for (const id of ['far microphone', 'far camera']) {
    const { passed, dropped } = of(result.tracks, id);
    assert.ok(passed === 0 && (dropped.authentication ?? 0) > 5, `${id}: ${JSON.stringify(dropped)}`);
  }
});

test('a slot shows nobody but the leaf that was named, and says that nothing opens there', { skip, timeout: 90_000 }, async () => {
  const { page } = await open();
  const { before, shut, after, opens } = await page.evaluate(() => tests.stranger());
  assert.deepEqual(before, { heard: 0, shown: 0 });
  assert.deepEqual([shut, opens], [true, 2]);
  assert.ok(near(after.heard, 880) && after.shown >= 10, JSON.stringify(after));
});

test('another microphone and a screen with its sound, in the middle of a call', { skip, timeout: 90_000 }, async () => {
  const { page } = await open();
  const result = await page.evaluate(() => tests.change());
  assert.ok(result.proved, JSON.stringify(result.words));
  assert.ok(near(result.microphone, 660), `${result.microphone} Hz`);
  assert.ok(near(result.screenAudio, 1320), `${result.screenAudio} Hz`);
  assert.ok(result.screen >= 10, `${result.screen} pictures`);
});

test('the layers of a camera are one sealed source', { skip, timeout: 90_000 }, async (t) => {
  const { page } = await open();
  const { proved, words, sent } = await page.evaluate(() => tests.simulcast());
  assert.ok(proved, JSON.stringify(words));
  t.diagnostic(`layers ${sent.join()}`);
  assert.ok(sent.length >= 2, 'a browser that has nothing left for the highest layer still sends two');
  assert.ok(!words.some((word) => word.includes('broken')), JSON.stringify(words));
});

test('a browser that ignores the transform sends silence, then nothing at all', { skip, timeout: 90_000 }, async () => {
  const { page } = await open();
  const result = await page.evaluate(() => tests.stripped());
  assert.ok(result.connected && result.broken, JSON.stringify(result.words));
  assert.equal(result.heard, 0, 'something was heard in clear');
  assert.deepEqual([result.sentAfter, result.again], [0, 0], 'broken is for good');
});

test('a dead worker ends all sending', { skip, timeout: 90_000 }, async () => {
  const { page } = await open();
  assert.deepEqual(await page.evaluate(() => tests.death()), { proved: true, dead: true, sentAfter: 0 });
});

test('another group cuts everything of the old one, and another connection goes on', { skip, timeout: 90_000 }, async () => {
  const { page } = await open();
  const { proved, renewed, old, heard, words } = await page.evaluate(() => tests.renewal());
  assert.ok(proved && renewed, JSON.stringify(words));
  assert.deepEqual(old, { sent: 0, shown: false, enabled: true });
  assert.ok(near(heard, 440), `${heard} Hz, ${JSON.stringify(words)}`);
  assert.ok(!words.some((word) => word.includes('broken')), JSON.stringify(words));
});

test('what cannot be encrypted says why, and sends nothing', { skip, timeout: 90_000 }, async () => {
  const { page } = await open();
  assert.deepEqual(await page.evaluate(() => tests.faults()), { missing: 'worker', foreign: 'worker', mute: 'worker after 10 s', old: 'browser' });
});

test('a meeting begins in the real worker, and the account is the same after a reload', { skip, timeout: 90_000 }, async () => {
  const browser = await context();
  const visits = [];
  for (let i = 0; i < 2; i++) {
    const { page, faults } = await open(browser);
    visits.push(await page.evaluate(() => tests.found()));
    assert.deepEqual(faults, []);
    await page.close();
  }
  const [first, second] = visits;
  assert.ok(first !== undefined && second !== undefined);
  assert.deepEqual([first.inside, first.proved, first.out, first.kept, first.mark], [true, true, true, true, 'SEALED'], JSON.stringify(first));
  assert.deepEqual(first.names, ['Anna']);
  assert.deepEqual([second.account, second.secret], [first.account, first.secret]);
  assert.equal(second.guest, first.guest);
  assert.notEqual(first.guest, first.account);
  await browser.close();
});
