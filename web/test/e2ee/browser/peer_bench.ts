// A Peer with its guard, and a connection at the other end that stands for the gateway and whoever is behind it.
import { mediumOf, type Kind } from '../../../src/e2ee/frame/kind.ts';
import type { Source } from '../../../src/e2ee/frame/keyid.ts';
import type { MeetingEvent } from '../../../src/e2ee/meeting/events.ts';
import type { Counted } from '../../../src/e2ee/worker/messages.ts';
import { openWorker } from '../../../src/e2ee/worker/open.ts';
import { FrameWorker } from '../../../src/e2ee/worker/page.ts';
import { FrameGuard, type GuardEvents } from '../../../src/media/encrypted.ts';
import { Peer } from '../../../src/media/peer.ts';
import type { ClientMessage, Offer } from '../../../src/protocol/messages.ts';
import { picture, tone } from './signals.ts';

/** What happened to a guard, in words. */
export class Log implements GuardEvents {
  readonly words: string[] = [];
  readonly met: MeetingEvent[] = [];
  readonly sent: { readonly type: string; readonly id?: number }[] = [];
  readonly meeting = (event: MeetingEvent) => void this.met.push(event);
  readonly send = (message: object) => void this.sent.push(message as { type: string });
  readonly renew = () => this.#say('renew');
  readonly dead = () => this.#say('dead');
  readonly sender = (source: string, verdict: string) => this.#say(`${source} ${verdict}`);
  readonly receiver = (mid: string, verdict: string) => this.#say(`${mid} ${verdict}`);
  readonly opening = (mid: string, opens: boolean) => this.#say(`${mid} ${opens ? 'opens' : 'shut'}`);
  readonly heard = (mid: string, source: Source) => this.#say(`${mid} shows ${source.type === 'leaf' ? `leaf ${source.leaf}` : 'a phone'}`);
  readonly overstepped = (n: number) => this.#say(`overstepped ${n}`);

  has(word: string): boolean {
    return this.words.includes(word);
  }

  #say(word: string): void {
    this.words.push(word);
  }
}

interface FarParts {
  /** Undefined: nothing is sealed or opened there. */
  readonly worker: FrameWorker | undefined;
  readonly tracks: Readonly<Partial<Record<Kind, MediaStreamTrack>>>;
  /** What becomes of the answer on its way. */
  readonly answer: (sdp: string) => string;
}

/** Far answers what a Peer offers. What the Peer sends is opened, and its slots get the tracks. */
export class Far {
  readonly pc = new RTCPeerConnection();
  /** M-lines of the Peer's sources and slots. */
  readonly sources = new Map<string, string>();
  readonly slots = new Map<Kind, string>();
  offer = '';
  readonly #parts: FarParts;
  #peer: Peer | undefined;

  constructor(parts: FarParts) {
    this.#parts = parts;
    this.pc.onicecandidate = ({ candidate }) => {
      if (candidate !== null) this.#peer?.candidate(candidate.candidate, candidate.sdpMid ?? '0');
    };
  }

  serve(peer: Peer): void {
    this.#peer = peer;
  }

  readonly take = (message: ClientMessage): void => {
    if (message.type === 'offer') void this.#answer(message);
    if (message.type === 'candidate') void this.pc.addIceCandidate({ candidate: message.candidate, sdpMid: message.mid }).catch(() => undefined);
  };

  /** received is the track of a source. */
  received(source: string): MediaStreamTrack {
    const found = this.pc.getTransceivers().find((t) => t.mid === this.sources.get(source));
    if (found === undefined) throw new Error(`no ${source}`);
    return found.receiver.track;
  }

  async #answer({ id, sdp, tracks }: Offer): Promise<void> {
    this.offer = sdp;
    await this.pc.setRemoteDescription({ type: 'offer', sdp });
    for (const { mid, source } of tracks) this.sources.set(source, mid);
    const free = new Map(Object.entries(this.#parts.tracks) as [Kind, MediaStreamTrack][]);
    for (const transceiver of this.pc.getTransceivers()) this.#dress(transceiver, free);
    await this.pc.setLocalDescription(await this.pc.createAnswer());
    await this.#peer?.answer(id, this.#parts.answer(this.pc.localDescription?.sdp ?? ''));
  }

  #dress(transceiver: RTCRtpTransceiver, free: Map<Kind, MediaStreamTrack>): void {
    const { worker } = this.#parts;
    const mid = transceiver.mid ?? '';
    const source = [...this.sources].find(([, m]) => m === mid)?.[0];
    const medium = transceiver.receiver.track.kind === 'audio' ? 'audio' : 'video';
    if (source !== undefined && transceiver.receiver.transform === null && worker !== undefined) {
      const kinds: Readonly<Record<string, Kind>> = { microphone: 'audio', camera: 'video', screen: 'screen', screenAudio: 'screen-audio' };
      worker.protectReceiver(transceiver.receiver, `far ${source}`, medium);
      worker.expect(`far ${source}`, 1n, { kind: kinds[source] ?? 'audio', source: { type: 'leaf', leaf: 1, track: 0 } });
    }
    // What only receives at the other end is a slot.
    const kind = [...free.keys()].find((k) => mediumOf(k) === medium);
    if (source !== undefined || transceiver.direction !== 'recvonly' || kind === undefined || this.slots.has(kind) || transceiver.sender.track !== null) return;
    if (!slotLine(this.offer, mid)) return;
    this.slots.set(kind, mid);
    transceiver.direction = 'sendonly';
    worker?.protectSender(transceiver.sender, `far ${kind}`, kind, 0);
    void transceiver.sender.replaceTrack(free.get(kind) ?? null);
    free.delete(kind);
  }
}

/** slotLine tells whether the m-line of an offer receives. */
function slotLine(sdp: string, mid: string): boolean {
  return sdp.split(/\r\nm=/).some((section) => section.includes(`\r\na=mid:${mid}\r\n`) && section.includes('\r\na=recvonly'));
}

interface Meet {
  /** The keys of the other end: those of ours (1), others, or none at all. */
  readonly far: number | undefined;
  readonly worker?: string;
  readonly answer?: (sdp: string) => string;
}

export class Bench {
  readonly log = new Log();
  readonly context = new AudioContext();
  readonly health: string[] = [];

  private constructor(readonly guard: FrameGuard, readonly far: Far, readonly farWorker: FrameWorker | undefined, readonly peer: Peer) {}

  static async open({ far: base, worker = 'worker.js?leaf=1&base=1', answer = (sdp) => sdp }: Meet): Promise<Bench> {
    const log = new Log();
    const guard = await FrameGuard.open(new URL(worker, location.href), log);
    const context = new AudioContext();
    const farWorker = base === undefined ? undefined : new FrameWorker(openWorker(new URL(`worker.js?leaf=2&base=${base}`, location.href)), () => undefined);
    const far = new Far({ worker: farWorker, answer, tracks: { audio: tone(context, 880), video: picture() } });
    const health: string[] = [];
    const peer = new Peer([], { audio: 1, video: 1 }, { send: far.take, health: (h) => void health.push(h) }, guard);
    far.serve(peer);
    return Object.assign(new Bench(guard, far, farWorker, peer), { log, context, health });
  }

  /** expect has the Peer take the slots for those of that leaf. */
  expect(leaf: number): void {
    const items = [...this.far.slots].map(([kind, mid]) => ({ mid, participant: 'bo', source: kind === 'audio' ? 'microphone' as const : 'camera' as const }));
    this.peer.expect(items, () => ({ leaf }));
  }

  slot(kind: Kind): MediaStreamTrack | undefined {
    return this.peer.track(this.far.slots.get(kind) ?? '');
  }

  async counted(): Promise<Counted | undefined> {
    return this.farWorker?.count(2000);
  }

  async close(): Promise<void> {
    this.peer.close();
    this.guard.close();
    this.far.pc.close();
    this.farWorker?.close();
    await this.context.close();
  }
}
