// The page's own Peer and FrameGuard in a real browser.
import { openWorker } from '../../../src/e2ee/worker/open.ts';
import { FrameWorker } from '../../../src/e2ee/worker/page.ts';
import { FrameGuard } from '../../../src/media/encrypted.ts';
import { GuardError } from '../../../src/media/guard_error.ts';
import { Peer } from '../../../src/media/peer.ts';
import { Bench, Far, Log } from './peer_bench.ts';
import { later, loudest, picture, tone, until } from './signals.ts';

/** shown counts the pictures that a track brings onto the screen within that time, or until there are enough. */
async function shown(track: MediaStreamTrack, ms: number, enough = 10): Promise<number> {
  const video = document.createElement('video');
  video.muted = true;
  video.srcObject = new MediaStream([track]);
  document.body.append(video);
  void video.play().catch(() => undefined);
  await until(() => video.getVideoPlaybackQuality().totalVideoFrames >= enough, ms);
  const { totalVideoFrames } = video.getVideoPlaybackQuality();
  video.remove();
  return totalVideoFrames;
}

/** meet has sound and picture go both ways; with keys of its own the other end neither hears nor is heard. */
async function meet(far: number) {
  const bench = await Bench.open({ far });
  const { peer, log, context } = bench;
  const microphone = tone(context, 440);
  const camera = picture();
  peer.setSource('microphone', microphone);
  peer.setSource('camera', camera);
  const began = performance.now();
  peer.start();
  const proved = await until(() => log.has('microphone proved') && log.has('camera proved'), 10_000);
  const provedAfter = Math.round(performance.now() - began);
  const unexpected = bench.slot('audio') !== undefined || bench.slot('video') !== undefined;
  const patience = far === 1 ? 8000 : 2000;
  bench.expect(2);
  const [sound, pictures] = [bench.slot('audio'), bench.slot('video')];
  const [heardHere, shownHere, heardThere, shownThere] = await Promise.all([
    sound === undefined ? -1 : loudest(context, sound, patience), pictures === undefined ? -1 : shown(pictures, patience),
    loudest(context, bench.far.received('microphone'), patience), shown(bench.far.received('camera'), patience),
  ]);
  const result = {
    proved, provedAfter, unexpected, heardHere, shownHere, heardThere, shownThere,
    untouched: microphone.enabled && camera.enabled,
    words: [...log.words], health: [...bench.health], tracks: (await bench.counted())?.tracks ?? [],
    offer: bench.far.offer,
  };
  await bench.close();
  return result;
}

/** stranger is shown nothing of: the gateway says leaf 3 where leaf 2 sends. */
async function stranger() {
  const bench = await Bench.open({ far: 1 });
  bench.peer.start();
  await until(() => bench.health.includes('connected'), 8000);
  bench.expect(3);
  const [sound, pictures] = [bench.slot('audio'), bench.slot('video')];
  if (sound === undefined || pictures === undefined) throw new Error('no slots');
  const look = async (ms: number) => {
    const [heard, pictured] = await Promise.all([loudest(bench.context, sound, ms), shown(pictures, ms)]);
    return { heard, shown: pictured };
  };
  const before = await look(1500);
  const said = (word: string) => bench.log.words.filter((w) => w.endsWith(` ${word}`)).length;
  const shut = await until(() => said('shut') === 2, 8000);
  bench.expect(2);
  const after = await look(8000);
  const opens = said('opens');
  await bench.close();
  return { before, shut, after, opens };
}

/** later sources: a screen with its sound begins in the middle, a microphone is replaced, a camera ends. */
async function change() {
  const bench = await Bench.open({ far: 1 });
  const { peer, log, context } = bench;
  peer.setSource('microphone', tone(context, 440));
  peer.start();
  await until(() => log.has('microphone proved'), 8000);
  peer.setSource('microphone', tone(context, 660));
  peer.setSource('screen', picture());
  peer.setSource('screenAudio', tone(context, 1320));
  const proved = await until(() => log.has('screen proved') && log.has('screenAudio proved'), 10_000);
  // The one before may still be on its way.
  let microphone = 0;
  await until(async () => Math.abs((microphone = await loudest(context, bench.far.received('microphone'), 500)) - 660) < 30, 8000);
  const result = {
    proved, microphone,
    screenAudio: await loudest(context, bench.far.received('screenAudio'), 8000),
    screen: await shown(bench.far.received('screen'), 8000),
    words: [...log.words],
  };
  await bench.close();
  return result;
}

/** simulcast has the other end take three layers of the camera. */
async function simulcast() {
  const rids = ['a=rid:l recv', 'a=rid:m recv', 'a=rid:h recv', 'a=simulcast:recv l;m;h'].join('\r\n');
  const three = (section: string) => (section.startsWith('m=video') && section.includes('\r\na=recvonly') ? `${section}\r\n${rids}` : section);
  const layers = (sdp: string) => `${sdp.trimEnd().split(/\r\n(?=m=)/).map(three).join('\r\n')}\r\n`;
  const { RTCPeerConnection: Real } = globalThis;
  const made: RTCPeerConnection[] = [];
  globalThis.RTCPeerConnection = class extends Real {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      made.push(this);
    }
  };
  const bench = await Bench.open({ far: 1, answer: layers });
  const { peer, log } = bench;
  peer.setSource('camera', picture(1280, 720));
  peer.start();
  const proved = await until(() => log.has('camera proved'), 10_000);
  const sent = new Set<string>();
  const began = performance.now();
  await until(async () => {
    for (const pc of made) {
      (await pc.getStats()).forEach((s: { type: string; rid?: string; framesEncoded?: number }) => {
        if (s.type === 'outbound-rtp' && s.rid !== undefined && (s.framesEncoded ?? 0) > 10) sent.add(s.rid);
      });
    }
    // A browser that has nothing left for the highest layer sends two.
    return sent.size === 3 || (sent.size === 2 && performance.now() - began > 5000);
  }, 15_000);
  await later(1500); // the watchdog looks at them together
  globalThis.RTCPeerConnection = Real;
  const result = { proved, words: [...log.words], sent: [...sent].sort() };
  await bench.close();
  return result;
}

/** stripped is a browser that ignores transforms, without a word. */
async function stripped() {
  const real = Object.getOwnPropertyDescriptor(RTCRtpSender.prototype, 'transform');
  if (real === undefined) throw new Error('no transform');
  Object.defineProperty(RTCRtpSender.prototype, 'transform', { configurable: true, get: () => null, set: () => undefined });
  const bench = await Bench.open({ far: undefined });
  const { peer, log, context } = bench;
  peer.setSource('microphone', tone(context, 440));
  peer.setSource('camera', picture());
  peer.start();
  const connected = await until(() => bench.health.includes('connected'), 8000);
  const heard = loudest(context, bench.far.received('microphone'), 6000);
  const broken = await until(() => log.has('microphone broken') && log.has('camera broken'), 8000);
  const result = { connected, broken, heard: await heard, sentAfter: await sentIn(bench.far.pc, 1000), words: [...log.words] };
  peer.setSource('microphone', tone(context, 550));
  const again = await loudest(context, bench.far.received('microphone'), 1500);
  Object.defineProperty(RTCRtpSender.prototype, 'transform', real);
  await bench.close();
  return { ...result, again };
}

/** sentIn is how many packets come in within that time. */
async function sentIn(pc: RTCPeerConnection, ms: number): Promise<number> {
  const count = async () => {
    let packets = 0;
    (await pc.getStats()).forEach((s: { type: string; packetsReceived?: number }) => (packets += s.type === 'inbound-rtp' ? s.packetsReceived ?? 0 : 0));
    return packets;
  };
  const before = await count();
  await later(ms);
  return (await count()) - before;
}

/** death: the worker ends in the middle of a call. */
async function death() {
  const bench = await Bench.open({ far: 1, worker: 'worker.js?leaf=1&base=1&life=4000' });
  const { peer, log, context } = bench;
  peer.setSource('microphone', tone(context, 440));
  peer.start();
  const proved = await until(() => log.has('microphone proved'), 8000);
  const dead = await until(() => log.has('dead'), 10_000);
  const sentAfter = await sentIn(bench.far.pc, 1000);
  await bench.close();
  return { proved, dead, sentAfter };
}

/** renewal: the group is another one in the middle of a call. */
async function renewal() {
  const bench = await Bench.open({ far: 1, worker: 'worker.js?leaf=1&base=1&renew=4000' });
  const { peer, guard, log, context } = bench;
  const microphone = tone(context, 440);
  peer.setSource('microphone', microphone);
  peer.start();
  const proved = await until(() => log.has('microphone proved'), 8000);
  bench.expect(2);
  const renewed = await until(() => log.has('renew'), 10_000);
  await later(200);
  const old = { sent: await sentIn(bench.far.pc, 1000), shown: bench.slot('audio') !== undefined, enabled: microphone.enabled };
  peer.close();
  const worker = new FrameWorker(openWorker(new URL('worker.js?leaf=2&base=2', location.href)), () => undefined);
  const far = new Far({ worker, answer: (sdp) => sdp, tracks: {} });
  const next = new Peer([], { audio: 1, video: 1 }, { send: far.take, health: () => undefined }, guard);
  far.serve(next);
  next.setSource('microphone', microphone);
  next.start();
  await until(() => log.words.filter((word) => word === 'microphone proved').length === 2, 8000);
  const heard = await loudest(context, far.received('microphone'), 8000);
  const result = { proved, renewed, old, heard, words: [...log.words] };
  next.close();
  far.pc.close();
  worker.close();
  await bench.close();
  return result;
}

/** faults of guards that cannot be. */
async function faults() {
  const fault = async (address: string): Promise<string> => {
    const began = performance.now();
    try {
      (await FrameGuard.open(new URL(address, location.href), new Log())).close();
      return 'none';
    } catch (error) {
      const after = performance.now() - began;
      return error instanceof GuardError ? `${error.fault}${after > 9000 && after < 15_000 ? ' after 10 s' : ''}` : String(error);
    }
  };
  const result = { missing: await fault('missing.js'), foreign: await fault('https://example.org/worker.js'), mute: await fault('worker.js?leaf=1&base=1&mute=1') };
  Reflect.deleteProperty(globalThis, 'RTCRtpScriptTransform');
  return { ...result, old: await fault('worker.js?leaf=1&base=1') };
}

/** found begins a meeting in the real worker; the page answers for the delivery service. */
async function found() {
  const log = new Log();
  const guard = await FrameGuard.open(new URL('media.js', location.href), log);
  const account = await guard.profile('1000', 'account');
  const guest = await guard.profile('1000', 'guest');
  const link = await guard.ownLink('1000', 'mixed');
  guard.receive({ type: 'hello', seated: false });
  guard.begin({
    room: '1000', claim: { kind: 'account', name: 'Anna', subject: '' }, link,
    founding: {
      owner: account.identity, floor: 'mixed', mode: 'mixed', locked: false, maxScope: ['audio'], gateways: [], vetoRule: 'host', fallback: [],
    },
  });
  await until(() => log.sent.some(({ type }) => type === 'found'), 5000);
  guard.receive({ type: 'done', id: log.sent.find(({ type }) => type === 'found')?.id });
  const inside = await until(() => log.met.some((event) => event.type === 'state'), 5000);
  const context = new AudioContext();
  const farWorker = new FrameWorker(openWorker(new URL('worker.js?leaf=2&base=1', location.href)), () => undefined);
  const far = new Far({ worker: farWorker, answer: (sdp) => sdp, tracks: {} });
  const peer = new Peer([], { audio: 1, video: 1 }, { send: far.take, health: () => undefined }, guard);
  far.serve(peer);
  peer.setSource('microphone', tone(context, 440));
  peer.start();
  const proved = await until(() => log.has('microphone proved'), 8000);
  const roster = log.met.find((event) => event.type === 'roster');
  const state = log.met.findLast((event) => event.type === 'state');
  await guard.leave();
  const out = log.met.some((event) => event.type === 'phase' && event.phase === 'out');
  peer.close();
  guard.close();
  far.pc.close();
  farWorker.close();
  await context.close();
  const name = (key: Uint8Array) => [...key].join();
  return {
    account: name(account.identity), guest: name(guest.identity), kept: account.kept, secret: name(link.secret), inside, proved, out,
    names: roster?.members.map((member) => member.name), mark: state?.state.mark, sent: log.sent.map(({ type }) => type),
  };
}

/** What the test calls. */
export interface PeerTests {
  readonly meet: typeof meet;
  readonly stranger: typeof stranger;
  readonly change: typeof change;
  readonly simulcast: typeof simulcast;
  readonly stripped: typeof stripped;
  readonly death: typeof death;
  readonly renewal: typeof renewal;
  readonly faults: typeof faults;
  readonly found: typeof found;
}

Object.assign(globalThis, { tests: { meet, stranger, change, simulcast, stripped, death, renewal, faults, found } satisfies PeerTests });
