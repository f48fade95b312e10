import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { judge, outsideOf, Watchdog, type Sample, type Verdict } from '../../src/e2ee/watchdog.ts';
import type { Counted } from '../../src/e2ee/worker/messages.ts';

type Look = (i: number) => Partial<Sample>;

/** verdicts of looks at pictures every 250 ms. */
function verdicts(looks: number, look: Look): Verdict[] {
  const trail: Sample[] = [];
  let verdict: Verdict = 'proving';
  return Array.from({ length: looks }, (_, i) => {
    trail.push({ at: i * 250, outside: 0, inside: 0, answered: true, passed: 0, ...look(i) });
    verdict = judge(verdict, trail, 'video');
    return verdict;
  });
}

const all = (frames: number): Partial<Sample> => ({ outside: frames, inside: frames, passed: frames });

test('a sender is proved by three frames that did not go past', () => {
  assert.deepEqual(verdicts(5, (i) => all(i)), ['proving', 'proving', 'proving', 'proved', 'proved']);
  assert.deepEqual(verdicts(3, (i) => ({ ...all(i * 12), outside: 0 })), ['proving', 'proving', 'proving'], 'the browser sent nothing yet');
});

test('frames that go past break it within two seconds, at any rate', () => {
  for (const fps of [60, 25, 8]) {
    const last = verdicts(9, (i) => ({ outside: Math.floor((i * fps) / 4), inside: 0 }));
    assert.equal(last[8], 'broken', `${fps} from the beginning`);
    assert.equal(last[2], 'proving');
  }
  const later = (fps: number, share: number) => verdicts(60, (i) => {
    const sent = Math.floor((i * fps) / 4);
    const sealed = Math.floor(((Math.min(i, 20) + share * Math.max(0, i - 20)) * fps) / 4);
    return { outside: sent, inside: sealed, passed: sealed };
  });
  assert.deepEqual([later(25, 0)[20], later(25, 0)[27]], ['proved', 'broken']);
  assert.equal(later(25, 0.5)[32], 'broken', 'every other frame');
  assert.equal(later(1, 0)[50], 'broken', 'a picture that hardly moves');
});

test('clear frames at the beginning break it although all that follow are sealed', () => {
  const sealed = (i: number) => Math.max(0, i * 12 - 6);
  assert.equal(verdicts(8, (i) => ({ outside: i * 12, inside: sealed(i), passed: sealed(i) }))[7], 'broken');
});

test('counts that were not read in the same moment break nothing', () => {
  const late = (i: number) => (i % 3 === 0 ? 11 : 0);
  const steady: Look = (i) => ({ ...all(i * 12), inside: i * 12 + late(i) });
  assert.ok(verdicts(100, steady).slice(1).every((v) => v === 'proved'));
  // Held back in the middle: what was on its way comes out after the last was sealed.
  const held: Look = (i) => ({ ...all(Math.min(i, 21) * 12), outside: Math.min(i, 22) * 12 - (i > 21 ? 12 : 10), inside: Math.min(i, 21) * 12 + 11 });
  assert.equal(verdicts(100, held).at(-1), 'proved');
  // Lost between encoder and transform as a camera stopped.
  assert.equal(verdicts(100, (i) => ({ ...all(Math.min(i, 20) * 12), outside: Math.min(i, 20) * 12 + (i > 20 ? 3 : 0) })).at(-1), 'proved');
});

test('a silent or muted sender is not broken', () => {
  assert.equal(verdicts(40, () => ({})).at(-1), 'proving');
  assert.equal(verdicts(40, (i) => ({ outside: i * 7, inside: i * 7, passed: 0 })).at(-1), 'proving', 'pictures are encoded and held back');
});

test('a worker that does not answer three times in a row is dead, and stays so', () => {
  assert.deepEqual(verdicts(6, (i) => ({ ...all(36), answered: i < 2 || i > 4 })), ['proved', 'proved', 'proved', 'proved', 'broken', 'broken']);
  assert.equal(verdicts(40, (i) => ({ ...all(36), answered: i % 3 === 0 })).at(-1), 'proved', 'a busy one');
});

test('a worker that is too busy to answer breaks nothing, before the proof or after', () => {
  const known = (i: number) => i - (i % 3); // what it said last
  const busy: Look = (i) => ({ ...all(known(i) * 12), outside: i * 12, answered: i % 3 === 0 });
  assert.ok(!verdicts(60, busy).includes('broken'));
  assert.equal(verdicts(60, (i) => ({ ...busy(i), passed: 0 })).at(-1), 'proving');
  // Each look takes longer while it waits for an answer in vain.
  const at = (i: number) => (i <= 21 ? i * 250 : 5250 + (i - 21) * 1250);
  const stalled: Look = (i) => ({ ...all(at(i === 21 || i === 22 ? 20 : i) * 0.048), at: at(i), outside: at(i) * 0.048, answered: i !== 21 && i !== 22 });
  assert.ok(!verdicts(30, stalled).includes('broken'));
  // Frames that go past are seen all the same, by what it says when it does.
  assert.ok(verdicts(60, (i) => ({ ...busy(i), inside: Math.min(known(i), 20) * 12 })).includes('broken'));
});

test('what browsers count', () => {
  const stats = [
    { id: 'a', type: 'outbound-rtp', bytesSent: 10, retransmittedBytesSent: 2, framesEncoded: 3 },
    { id: 'b', type: 'outbound-rtp', bytesSent: 5 },
    { id: 'c', type: 'inbound-rtp', framesReceived: 7 },
    { id: 'd', type: 'codec' },
  ];
  assert.deepEqual([...outsideOf(stats, 'send', 'audio')], [['a', 8], ['b', 5]]);
  assert.deepEqual([...outsideOf(stats, 'send', 'video')], [['a', 3], ['b', 0]]);
  assert.deepEqual([...outsideOf(stats, 'receive', 'video')], [['c', 7]]);
  assert.deepEqual([...outsideOf(stats, 'receive', 'audio')], []);
});

test('the watchdog cuts off what goes past, before it says so, and keeps the counts of streams that went', async () => {
  let now = 0;
  let frames = 0;
  let sealed = 0;
  let id = 'first';
  const counted = (): Counted => ({
    type: 'counted', request: 1, epoch: 1n, retained: 0, asking: [],
    tracks: [{ id: 'x', side: 'send', seen: frames, passed: sealed, bytes: sealed * 60, dropped: {} }],
  });
  const watchdog = new Watchdog(() => Promise.resolve(counted()), () => now);
  const events: string[] = [];
  const unwatch = watchdog.watch({
    id: 'x', side: 'send', medium: 'audio',
    stats: () => Promise.resolve(new Map([['s', { id, type: 'outbound-rtp', bytesSent: frames * 60 }]])),
    cut: () => events.push('cut'), verdict: (verdict) => events.push(verdict),
  });
  const looks = async (n: number, step: () => void) => {
    for (let i = 0; i < n; i++) {
      step();
      await watchdog.look();
      now += 250;
    }
  };
  await looks(8, () => { frames += 12; sealed += 12; });
  assert.deepEqual(events, ['proved']);
  id = 'second';
  frames = 0;
  sealed = 96;
  await looks(8, () => (frames += 12));
  assert.deepEqual(events, ['proved', 'cut', 'broken']);
  unwatch();
  await looks(8, () => (frames += 12));
  assert.deepEqual(events, ['proved', 'cut', 'broken']);
});
