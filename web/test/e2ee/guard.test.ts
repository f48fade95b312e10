// The page's own part in encryption, as far as it needs no browser: the gate of a sender, what a slot may show, what a description may hold.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { StreamStats, Verdict } from '../../src/e2ee/watchdog.ts';
import { expectedOf } from '../../src/media/expected.ts';
import { AnswerError, checkedAnswer, trimmedOffer } from '../../src/media/sealed_sdp.ts';
import { SendGate, type TrackSender } from '../../src/media/send_gate.ts';
import { SharedStats } from '../../src/media/shared_stats.ts';

/** FakeTrack is what a gate needs of a track. */
class FakeTrack {
  enabled = true;
  contentHint = 'detail';
  stopped = false;
  readonly copies: FakeTrack[] = [];

  constructor(readonly name: string) {}

  clone(): FakeTrack {
    const copy = new FakeTrack(`${this.name} copy`);
    copy.contentHint = '';
    this.copies.push(copy);
    return copy;
  }

  stop(): void {
    this.stopped = true;
  }
}

/** FakeSender takes its time over each track, as browsers do. */
class FakeSender implements TrackSender {
  track: MediaStreamTrack | null = null;
  readonly sent: string[] = [];
  refuse = false;

  async replaceTrack(track: MediaStreamTrack | null): Promise<void> {
    await Promise.resolve();
    if (this.refuse) throw new TypeError('no');
    this.track = track;
    const fake = track as unknown as FakeTrack | null;
    this.sent.push(fake === null ? 'nothing' : `${fake.name}${fake.enabled ? '' : ' silent'}`);
  }
}

function bench() {
  const sender = new FakeSender();
  const failures: unknown[] = [];
  const gate = new SendGate(sender, (error) => failures.push(error));
  const feed = (track: FakeTrack | null) => gate.feed(track as unknown as MediaStreamTrack | null);
  const settle = () => new Promise((resolve) => setImmediate(resolve));
  const judged = async (verdict: Verdict) => {
    gate.judged(verdict);
    await settle();
  };
  return { sender, failures, feed, judged, settle };
}

test('a track goes out as a silent copy until its sender is proved, and itself stays as it is', async () => {
  const { sender, feed, judged } = bench();
  const voice = new FakeTrack('voice');
  await feed(voice);
  assert.deepEqual(sender.sent, ['voice copy silent']);
  assert.deepEqual([voice.enabled, voice.copies[0]?.contentHint], [true, 'detail']);
  await judged('proved');
  assert.deepEqual(sender.sent, ['voice copy silent', 'voice']);
  assert.deepEqual([voice.copies[0]?.stopped, voice.stopped], [true, false]);
  const other = new FakeTrack('other');
  await feed(other);
  assert.equal(sender.sent.at(-1), 'other');
  assert.equal(other.copies.length, 0, 'proved once is enough');
});

test('a muted track stays muted when the gate opens', async () => {
  const { sender, feed, judged } = bench();
  const voice = new FakeTrack('voice');
  voice.enabled = false;
  await feed(voice);
  await judged('proved');
  assert.equal(sender.sent.at(-1), 'voice silent');
});

test('a track that is taken away or changed before the proof leaves nothing behind', async () => {
  const { sender, feed, judged } = bench();
  const [first, second] = [new FakeTrack('first'), new FakeTrack('second')];
  await feed(first);
  await feed(second);
  await feed(null);
  assert.deepEqual(sender.sent, ['first copy silent', 'second copy silent', 'nothing']);
  assert.ok(first.copies[0]?.stopped === true && second.copies[0]?.stopped === true);
  await judged('proved');
  assert.equal(sender.sent.at(-1), 'nothing');
});

test('broken is for good, whatever is under way', async () => {
  const { sender, feed, judged, settle } = bench();
  const voice = new FakeTrack('voice');
  const feeding = feed(voice);
  await judged('broken');
  await feeding;
  assert.equal(sender.track, null);
  await judged('proved');
  void feed(new FakeTrack('again'));
  await settle();
  assert.equal(sender.track, null);
  assert.ok(!sender.sent.includes('voice') && !sender.sent.includes('again'));
});

test('the gate opens while a copy is on its way, and the last wish counts', async () => {
  const { sender, feed, judged, settle } = bench();
  const [first, second] = [new FakeTrack('first'), new FakeTrack('second')];
  void feed(first);
  void judged('proved');
  void feed(second);
  await settle();
  assert.equal(sender.sent.at(-1), 'second');
  assert.ok(!sender.sent.includes('first'));
});

test('a sender that refuses a track is told of, and tried again with the next', async () => {
  const { sender, failures, feed } = bench();
  sender.refuse = true;
  await feed(new FakeTrack('voice'));
  assert.equal(failures.length, 1);
  sender.refuse = false;
  await feed(new FakeTrack('other'));
  assert.deepEqual(sender.sent, ['other copy silent']);
});

test('a slot shows the leaf or line that is named for it, of the kind it carries, and nothing else', () => {
  const slot = (source?: 'microphone' | 'camera' | 'screen' | 'screenAudio') => ({ mid: '3', participant: 'p', ...(source === undefined ? {} : { source }) });
  assert.deepEqual(expectedOf(slot('camera'), { leaf: 0 }), { kind: 'video', source: { type: 'leaf', leaf: 0, track: 0 } });
  assert.deepEqual(expectedOf(slot('screenAudio'), { leaf: 7 }), { kind: 'screen-audio', source: { type: 'leaf', leaf: 7, track: 0 } });
  assert.deepEqual(expectedOf(slot('microphone'), { grant: 3, line: 0 }), { kind: 'audio', source: { type: 'grantee', n: 3, leg: 0 } });
  for (const nobody of [undefined, {}, { grant: 3 }, { grant: 0, line: 2 }, { line: 2 }]) assert.equal(expectedOf(slot('microphone'), nobody), undefined);
  assert.equal(expectedOf(slot(), { leaf: 1 }), undefined, 'an empty slot');
});

const answer = (...lines: string[]) => [
  'v=0', 'o=- 1 1 IN IP4 0.0.0.0', 's=-', 't=0 0', 'm=audio 9 UDP/TLS/RTP/SAVPF 111', 'a=mid:0', 'a=rtpmap:111 opus/48000/2', ...lines, '',
].join('\r\n');

test('sound goes at a constant rate and without pauses, whatever the answer asks for', () => {
  const asked = (...lines: string[]) => checkedAnswer(answer(...lines)).split('\r\n').filter((line) => line.startsWith('a=fmtp:'));
  assert.deepEqual(asked(), ['a=fmtp:111 cbr=1;usedtx=0']);
  assert.deepEqual(asked('a=fmtp:111 minptime=10;useinbandfec=1; usedtx=1;cbr=0'), ['a=fmtp:111 minptime=10;useinbandfec=1;cbr=1;usedtx=0']);
  const plain = answer('a=fmtp:111 cbr=1;usedtx=0');
  assert.equal(checkedAnswer(plain), plain, 'and nothing else is touched');
});

test('an answer with a medium, codec or extension of the server’s own is refused', () => {
  const what = (sdp: string): string => {
    try {
      checkedAnswer(sdp);
      return 'taken';
    } catch (error) {
      assert.ok(error instanceof AnswerError);
      return error.what;
    }
  };
  assert.equal(what(answer('a=extmap:1 urn:ietf:params:rtp-hdrext:sdes:mid', 'a=extmap-allow-mixed')), 'taken');
  assert.equal(what(answer('m=video 9 UDP/TLS/RTP/SAVPF 96 97', 'a=rtpmap:96 VP8/90000', 'a=rtpmap:97 rtx/90000', 'a=fmtp:97 apt=96')), 'taken');
  assert.equal(what(answer('m=video 0 UDP/TLS/RTP/SAVPF 0')), 'taken', 'an m-line that is refused');
  assert.equal(what(answer('a=extmap:9/sendonly http://www.webrtc.org/experiments/rtp-hdrext/corruption-detection')), 'extension');
  assert.equal(what(answer('a=rtpmap:63 red/48000/2')), 'codec');
  assert.equal(what(answer().replace('SAVPF 111', 'SAVPF 111 0')), 'codec', 'PCMU needs no rtpmap');
  assert.equal(what(answer('m=video 9 UDP/TLS/RTP/SAVPF 98', 'a=rtpmap:98 VP9/90000')), 'codec');
  assert.equal(what(answer('m=video 9 UDP/TLS/RTP/SAVPF 98', 'a=rtpmap:98 opus/48000/2')), 'codec');
  assert.equal(what(answer('m=application 9 UDP/DTLS/SCTP webrtc-datachannel')), 'medium');
});

test('an offer is sent without the extensions that are not allowed', () => {
  const mid = 'a=extmap:4 urn:ietf:params:rtp-hdrext:sdes:mid';
  assert.equal(trimmedOffer(answer(mid, 'a=extmap:5 http://www.webrtc.org/experiments/rtp-hdrext/video-timing')), answer(mid));
});

test('a connection is asked once for all its lines', async () => {
  let asked = 0;
  let now = 0;
  const line = (mid: string, n: number): StreamStats => ({ id: `${mid} ${n}`, type: 'outbound-rtp', mid, framesEncoded: n });
  const all = [line('0', 1), line('1', 2), line('1', 3), { id: 'x', type: 'codec' }];
  const stats = new SharedStats({ getStats: () => Promise.resolve((asked++, all)) }, () => now);
  const own = { getStats: () => Promise.reject(new Error('not asked')) };
  const ids = async (mid: string | null) => {
    const found: string[] = [];
    (await stats.of(mid, own)).forEach(({ id }) => found.push(id));
    return found;
  };
  assert.deepEqual(await Promise.all([ids('0'), ids('1'), ids('2'), ids(null)]), [['0 1'], ['1 2', '1 3'], [], []]);
  assert.equal(asked, 1);
  now = 250;
  await ids('0');
  assert.equal(asked, 2);
});

test('a browser whose reports name no m-lines is asked sender by sender', async () => {
  const stats = new SharedStats({ getStats: () => Promise.resolve([{ id: 'a', type: 'inbound-rtp' }]) }, () => 0);
  const own = [{ id: 'b', type: 'inbound-rtp' }];
  assert.deepEqual(await stats.of('0', { getStats: () => Promise.resolve(own) }), own);
});
