// What a connection may show, as the worker is told of it.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Expected } from '../../src/e2ee/frame/opener.ts';
import { Watchdog } from '../../src/e2ee/watchdog.ts';
import type { ToWorker, TrackCount } from '../../src/e2ee/worker/messages.ts';
import { FrameWorker } from '../../src/e2ee/worker/page.ts';
import { Protection } from '../../src/media/protection.ts';

/** What RTCRtpScriptTransform is given, in place of it. */
Object.assign(globalThis, { RTCRtpScriptTransform: class {
  constructor(readonly worker: unknown, readonly options: unknown) {}
} });

const leaf = (n: number): Expected => ({ kind: 'video', source: { type: 'leaf', leaf: n, track: 0 } });

class Bench {
  epoch = 7n;
  readonly told: ToWorker[] = [];
  readonly log: string[] = [];
  readonly transceiver = {
    mid: null as string | null,
    sender: { track: null, transform: null, getStats: () => Promise.resolve([]), getParameters: () => ({ codecs: [] }), replaceTrack: () => Promise.resolve() },
    receiver: { track: { enabled: true }, transform: null, getStats: () => Promise.resolve([]), getParameters: () => ({ codecs: [{ payloadType: 96, mimeType: 'video/VP8' }] }) },
  };
  readonly protection: Protection;

  constructor() {
    const port = Object.assign(new EventTarget(), { postMessage: (message: ToWorker) => void this.told.push(message), terminate: () => undefined });
    const connection = { getStats: () => Promise.resolve([]) };
    this.protection = new Protection(connection as unknown as RTCPeerConnection, {
      name: '1', worker: new FrameWorker(port as unknown as Worker, () => undefined), watchdog: new Watchdog(() => Promise.resolve(undefined)),
      epoch: () => this.epoch, sender: () => undefined, receiver: (mid, verdict) => this.log.push(`${mid} ${verdict}`),
      opening: (mid, opens) => this.log.push(`${mid} ${opens ? 'opens' : 'shut'}`), closed: () => this.log.push('closed'),
    });
    this.protection.receiver(this.transceiver as unknown as RTCRtpTransceiver, 'video');
  }

  /** expects are the expectations told since the last time: leaf and epoch. */
  expects(): unknown[] {
    return this.told.splice(0).flatMap((m) => (m.type === 'expect' ? [[m.id, m.expected?.source?.type === 'leaf' ? m.expected.source.leaf : 'nothing', m.epoch]] : []));
  }
}

test('what is expected on an m-line is told once it has its name, and after that at once', () => {
  const bench = new Bench();
  bench.protection.expect('4', leaf(2));
  assert.deepEqual(bench.expects(), []);
  bench.transceiver.mid = '4';
  bench.protection.negotiated();
  assert.deepEqual(bench.told.map(({ type }) => type), ['formats', 'expect']);
  assert.deepEqual(bench.expects(), [['1 video 0', 2, 7n]]);
  assert.ok(bench.protection.shows('4'));
  bench.protection.expect('4', leaf(3));
  assert.deepEqual(bench.expects(), [['1 video 0', 3, 7n]]);
  bench.protection.expect('4', undefined);
  assert.deepEqual(bench.expects(), [['1 video 0', 'nothing', 7n]]);
  assert.ok(!bench.protection.shows('4') && !bench.protection.shows('5'));
});

test('the same words in the same epoch are said once; in another epoch the leaf may be somebody else’s', () => {
  const bench = new Bench();
  bench.transceiver.mid = '4';
  bench.protection.expect('4', leaf(2));
  bench.protection.expect('4', leaf(2));
  assert.equal(bench.expects().length, 1);
  bench.epoch = 8n;
  bench.protection.expect('4', leaf(2));
  assert.deepEqual(bench.expects(), [['1 video 0', 2, 8n]]);
});

test('what the gateway said while a commit was on its way is said again of the epoch after it, and nothing older is', (t) => {
  let now = 0;
  t.mock.method(performance, 'now', () => now);
  const bench = new Bench();
  bench.transceiver.mid = '4';
  bench.protection.expect('4', leaf(2));
  bench.expects();
  now = 1999;
  bench.epoch = 8n;
  bench.protection.turned();
  assert.deepEqual(bench.expects(), [['1 video 0', 2, 8n]]);
  now = 4000;
  bench.epoch = 9n;
  bench.protection.turned();
  assert.deepEqual(bench.expects(), []);
});

test('a connection that is over shows nothing, is forgotten, and says so once', () => {
  const bench = new Bench();
  bench.transceiver.mid = '4';
  bench.protection.expect('4', leaf(2));
  bench.protection.close();
  bench.protection.close();
  assert.ok(!bench.protection.shows('4'));
  assert.deepEqual(bench.told.at(-1), { type: 'forget', ids: ['1 video 0'] });
  bench.protection.expect('4', leaf(3));
  assert.equal(bench.told.at(-1)?.type, 'forget');
  assert.deepEqual(bench.log, ['closed']);
});

test('a slot whose frames do not open is said, until they open or it is somebody else’s; an empty one never is', () => {
  const bench = new Bench();
  bench.transceiver.mid = '4';
  let count: TrackCount = { id: '1 video 0', side: 'receive', seen: 0, passed: 0, bytes: 0, dropped: {} };
  let at = 0;
  const looks = (times: number, passed: number, refused: number) => {
    for (let i = 0; i < times; i++) {
      count = { ...count, passed: count.passed + passed, dropped: { authentication: (count.dropped.authentication ?? 0) + refused } };
      bench.protection.counted([count], (at += 250));
    }
    return bench.log.splice(0);
  };
  assert.deepEqual(looks(20, 0, 5), [], 'nothing is expected there');
  bench.protection.expect('4', leaf(2));
  assert.deepEqual(looks(12, 0, 5), []);
  assert.deepEqual(looks(8, 0, 5), ['4 shut']);
  bench.epoch = 8n;
  bench.protection.expect('4', leaf(2));
  assert.deepEqual(looks(4, 0, 5), [], 'a commit alone opens nothing');
  assert.deepEqual(looks(8, 5, 0), ['4 opens']);
  assert.deepEqual(looks(20, 0, 5), ['4 shut']);
  bench.protection.expect('4', leaf(3));
  assert.deepEqual(bench.log.splice(0), ['4 opens']);
  assert.deepEqual(looks(20, 0, 5), ['4 shut']);
  bench.protection.close();
  assert.deepEqual(bench.log, ['closed']);
});
