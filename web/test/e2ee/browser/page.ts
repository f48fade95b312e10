// Two connections of one page, each with a media worker of its own: what a real browser makes of our frames.
import type { Medium } from '../../../src/e2ee/frame/kind.ts';
import { Watchdog, type Verdict } from '../../../src/e2ee/watchdog.ts';
import type { Counted } from '../../../src/e2ee/worker/messages.ts';
import { openWorker } from '../../../src/e2ee/worker/open.ts';
import { FrameWorker } from '../../../src/e2ee/worker/page.ts';
import { later, loudest, picture, tone, until } from './signals.ts';

export interface Side {
  readonly pc: RTCPeerConnection;
  readonly worker: FrameWorker;
  readonly watchdog: Watchdog;
  readonly events: string[];
  readonly verdicts: Map<string, Verdict>;
}

function side(leaf: number, base: number): Side {
  const events: string[] = [];
  const worker = new FrameWorker(openWorker(new URL(`worker.js?leaf=${leaf}&base=${base}`, location.href)), (e) => events.push(e.type));
  const watchdog = new Watchdog((ms) => worker.count(ms));
  watchdog.start();
  return { pc: new RTCPeerConnection(), worker, watchdog, events, verdicts: new Map() };
}

/** guard has the sender watched: silence until it is proved, nothing once it is broken. */
function guard(from: Side, sender: RTCRtpSender, id: string, medium: Medium): void {
  if (sender.track !== null) sender.track.enabled = false;
  from.watchdog.watch({
    id, side: 'send', medium,
    stats: () => sender.getStats(),
    cut: () => void sender.replaceTrack(null),
    verdict: (verdict) => {
      from.verdicts.set(id, verdict);
      if (verdict === 'proved' && sender.track !== null) sender.track.enabled = true;
    },
  });
}

function prefer(transceiver: RTCRtpTransceiver, name: string): boolean {
  const fits = (c: RTCRtpCodec) => c.mimeType.toLowerCase() === `video/${name.toLowerCase()}`
    && (name !== 'H264' || /packetization-mode=1;profile-level-id=42e01f/.test(c.sdpFmtpLine ?? ''))
    && (name !== 'VP9' || /profile-id=0/.test(c.sdpFmtpLine ?? ''));
  const sends = (RTCRtpSender.getCapabilities('video')?.codecs ?? []).filter(fits);
  if (sends.length > 0) transceiver.setCodecPreferences(sends);
  return sends.length > 0;
}

async function negotiate(a: RTCPeerConnection, b: RTCPeerConnection, answering: () => Promise<void>): Promise<void> {
  a.onicecandidate = (e) => void b.addIceCandidate(e.candidate ?? undefined);
  b.onicecandidate = (e) => void a.addIceCandidate(e.candidate ?? undefined);
  await a.setLocalDescription(await a.createOffer());
  await b.setRemoteDescription(a.localDescription ?? { type: 'offer', sdp: '' });
  await answering();
  await b.setLocalDescription(await b.createAnswer());
  await a.setRemoteDescription(b.localDescription ?? { type: 'answer', sdp: '' });
}

/** decoded are the frames that the decoders of a connection gave, by m-line. */
async function decoded(pc: RTCPeerConnection): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  (await pc.getStats()).forEach((s: { type: string; kind: string; mid: string; framesDecoded?: number }) => {
    if (s.type === 'inbound-rtp' && s.kind === 'video') counts[s.mid] = s.framesDecoded ?? 0;
  });
  return counts;
}

async function packets(pc: RTCPeerConnection): Promise<number> {
  let sent = 0;
  (await pc.getStats()).forEach((s: { type: string; packetsSent?: number }) => (sent += s.type === 'outbound-rtp' ? s.packetsSent ?? 0 : 0));
  return sent;
}

const counted = async (s: Side): Promise<Counted> => {
  const answer = await s.worker.count(2000);
  if (answer === undefined) throw new Error('no answer of the worker');
  return answer;
};

/** soundSent is the payload of sound that a connection sent, bytes. */
async function soundSent(pc: RTCPeerConnection): Promise<number> {
  let sent = 0;
  (await pc.getStats()).forEach((s: { type: string; kind: string; bytesSent?: number }) => {
    if (s.type === 'outbound-rtp' && s.kind === 'audio') sent += s.bytesSent ?? 0;
  });
  return sent;
}

/**
 * talk: leaf 1 offers sound and a camera with each codec, leaf 2 sends sound back. All is set in the task that makes the
 * transceivers, on both sides and in both directions. In the end the worker of leaf 1 dies.
 */
async function talk(codecs: readonly string[], base: { readonly a: number; readonly b: number }, kill: boolean) {
  const context = new AudioContext();
  const [a, b] = [side(1, base.a), side(2, base.b)];
  const add = (kind: Medium, id: string, number: number, name?: string): boolean => {
    const transceiver = a.pc.addTransceiver(kind === 'audio' ? tone(context, 440) : picture(), { direction: 'sendonly' });
    a.worker.protectSender(transceiver.sender, id, kind, number);
    guard(a, transceiver.sender, id, kind);
    return name === undefined || prefer(transceiver, name);
  };
  add('audio', 'a audio', 0);
  const missing = codecs.filter((name, i) => !add('video', `a ${name}`, i, name));
  const back = a.pc.addTransceiver('audio', { direction: 'recvonly' });
  a.worker.protectReceiver(back.receiver, 'a hears', 'audio');
  a.worker.expect('a hears', 1n, { kind: 'audio' });
  await negotiate(a.pc, b.pc, async () => {
    const [audio, ...rest] = b.pc.getTransceivers();
    const answer = rest.pop();
    if (audio === undefined || answer === undefined) throw new Error('no transceivers');
    b.worker.protectReceiver(audio.receiver, 'b hears', 'audio');
    b.worker.expect('b hears', 1n, { kind: 'audio' });
    rest.forEach((transceiver, i) => {
      b.worker.protectReceiver(transceiver.receiver, `b ${codecs[i] ?? ''}`, 'video');
      b.worker.expect(`b ${codecs[i] ?? ''}`, 1n, { kind: 'video', source: { type: 'leaf', leaf: 1, track: i } });
    });
    answer.direction = 'sendonly';
    b.worker.protectSender(answer.sender, 'b audio', 'audio', 0);
    await answer.sender.replaceTrack(tone(context, 880));
    guard(b, answer.sender, 'b audio', 'audio');
  });
  const began = performance.now();
  const proved = await until(() => [...a.verdicts.values(), ...b.verdicts.values()].filter((v) => v === 'proved').length === codecs.length + 2, 8000);
  const provedAfter = Math.round(performance.now() - began);
  // b shows its pictures, or nothing asks for key frames.
  const heard = b.pc.getReceivers().filter((r) => r.track.kind === 'audio')[0]?.track;
  const patienceMs = base.a === base.b ? 8000 : 1500;
  const [atB, atA] = await Promise.all([heard, back.receiver.track].map(async (t) => (t === undefined ? 0 : loudest(context, t, patienceMs))));
  await until(async () => Object.values(await decoded(b.pc)).filter((n) => n > 15).length === codecs.length, patienceMs);
  const sound = await soundSent(a.pc);
  const result = {
    sound, missing, proved, provedAfter, atA, atB, decoded: await decoded(b.pc),
    a: await counted(a), b: await counted(b), events: a.events, verdicts: [...a.verdicts.entries()],
  };
  const dead = kill ? await killed(a) : undefined;
  for (const s of [a, b]) {
    s.watchdog.stop();
    s.pc.close();
    s.worker.close();
  }
  await context.close();
  return { ...result, dead };
}

/** killed ends the worker: every track becomes null, and nothing more is sent. */
async function killed(a: Side) {
  a.worker.close();
  const senders = a.pc.getSenders().filter((s) => s.track !== null);
  await later(200);
  const before = await packets(a.pc);
  const cut = await until(() => senders.every((s) => s.track === null), 6000);
  return { senders: senders.length, cut, sentAfter: (await packets(a.pc)) - before, verdicts: [...a.verdicts.values()] };
}

/** late sets the transform a second after the negotiation, which a browser ignores: the watchdog has to cut the track off. */
async function late() {
  const context = new AudioContext();
  const a = side(1, 1);
  const b = new RTCPeerConnection();
  const { sender } = a.pc.addTransceiver(tone(context, 440), { direction: 'sendonly' });
  guard(a, sender, 'late', 'audio');
  await negotiate(a.pc, b, () => Promise.resolve());
  await until(() => a.pc.connectionState === 'connected', 5000);
  await later(300);
  a.worker.protectSender(sender, 'late', 'audio', 0);
  const cut = await until(() => sender.track === null, 6000);
  a.watchdog.stop();
  a.pc.close();
  b.close();
  a.worker.close();
  await context.close();
  return { cut, verdicts: [...a.verdicts.values()] };
}

export type Talk = Awaited<ReturnType<typeof talk>>;
export type Late = Awaited<ReturnType<typeof late>>;

/** What the test calls. */
export interface Tests {
  readonly talk: typeof talk;
  readonly late: typeof late;
}

Object.assign(globalThis, { tests: { talk, late } satisfies Tests });
