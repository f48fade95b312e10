import type { ClientMessage, ICEServer, OfferTrack, SlotCounts, SlotItem } from '../protocol/messages.ts';
import type { MediaHealth } from '../session/state.ts';
import type { CaptureSource } from './capture.ts';
import type { FrameGuard } from './encrypted.ts';
import { expectedOf, type Named } from './expected.ts';
import { cameraEncodings, microphoneEncodings, restrict, screenEncodings } from './negotiable.ts';
import type { Protection } from './protection.ts';
import { AnswerError, checkedAnswer, trimmedOffer } from './sealed_sdp.ts';
import type { SendGate } from './send_gate.ts';

/** How a Peer speaks to its owner. */
export interface PeerEvents {
  readonly send: (message: ClientMessage) => void;
  readonly health: (health: MediaHealth) => void;
}

/** How long a broken connection may mend itself before ICE is restarted, and between two restarts, ms. */
const patienceMs = 3000;
const restartEveryMs = 6000;
/** Restarts in vain before the user is told that the network lets no media through. */
const restartsInVain = 2;

/**
 * The media connection to the gateway. It is the only offerer: it makes every transceiver, sending ones first, and offers
 * again for every change; an offer made while another is under way waits for that one's answer.
 */
export class Peer {
  readonly #events: PeerEvents;
  readonly #pc: RTCPeerConnection;
  readonly #senders = new Map<CaptureSource, RTCRtpTransceiver>();
  /** What sees to it that nothing leaves in clear; none in an open room. */
  readonly #protection: Protection | undefined;
  readonly #gates = new Map<RTCRtpTransceiver, SendGate>();
  readonly #tracks = new Map<CaptureSource, MediaStreamTrack>();
  readonly #early: RTCIceCandidateInit[] = [];
  #offerID = 0;
  #pending = false;
  #again = false;
  #planned = false;
  #restarts = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #closed = false;

  /** With a guard everything is sealed and opened by it, and a track is heard of nobody who is not expected. Errors: of a browser that refuses a transform. */
  constructor(iceServers: readonly ICEServer[], slots: SlotCounts, events: PeerEvents, guard?: FrameGuard) {
    this.#events = events;
    this.#pc = new RTCPeerConnection({
      bundlePolicy: 'max-bundle',
      iceServers: iceServers.map((s) => ({ ...s, urls: [...s.urls] })),
    });
    this.#pc.onicecandidate = (e) => {
      if (e.candidate !== null) {
        this.#events.send({ type: 'candidate', candidate: e.candidate.candidate, mid: e.candidate.sdpMid ?? '0' });
      }
    };
    this.#pc.onconnectionstatechange = () => this.#judge();
    this.#protection = guard?.protect(this.#pc);
    this.#sender('microphone');
    this.#sender('camera');
    for (let i = 0; i < slots.audio; i++) this.#slot('audio');
    for (let i = 0; i < slots.video; i++) this.#slot('video');
  }

  /** start makes the first offer, with the sources set until then. */
  start(): void {
    this.#events.health('connecting');
    this.#arm(restartEveryMs);
    void this.#negotiate();
  }

  /** setSource sends track as the source from now on, or nothing. A source that begins or ends is a new offer. */
  setSource(source: CaptureSource, track: MediaStreamTrack | undefined): void {
    const before = this.#tracks.get(source);
    if (this.#closed || before === track) return;
    if (track === undefined) this.#tracks.delete(source);
    else this.#tracks.set(source, track);
    const transceiver = track === undefined ? this.#senders.get(source) : this.#sender(source);
    // A new source flows once the gateway knows what it is; another track of the same, or none, at once.
    if (before !== undefined && transceiver !== undefined) void this.#feed(transceiver, track ?? null);
    if ((before === undefined) !== (track === undefined)) this.#plan();
  }

  /** expect tells whose frames each slot carries, as the gateway says; with a guard no slot shows anything else. */
  expect(items: readonly SlotItem[], from: (participant: string) => Named | undefined): void {
    for (const item of items) this.#protection?.expect(item.mid, expectedOf(item, from(item.participant)));
  }

  /** track is what the slot with that mid receives; with a guard, where something is expected there. */
  track(mid: string): MediaStreamTrack | undefined {
    if (this.#protection?.shows(mid) === false) return undefined;
    return this.#pc.getTransceivers().find((t) => t.mid === mid)?.receiver.track;
  }

  async answer(id: number, sdp: string): Promise<void> {
    if (this.#closed || id !== this.#offerID || this.#pc.signalingState !== 'have-local-offer') return;
    try {
      await this.#pc.setRemoteDescription({ type: 'answer', sdp: this.#protection === undefined ? sdp : checkedAnswer(sdp) });
      this.#protection?.negotiated();
    } catch (error) {
      this.#complain('answer refused', error);
      this.refused(error instanceof AnswerError ? 'refused' : 'failed');
    }
    this.#pending = false;
    for (const candidate of this.#early.splice(0)) await this.#pc.addIceCandidate(candidate).catch(ignore);
    for (const [source, transceiver] of this.#senders) {
      await this.#feed(transceiver, this.#tracks.get(source) ?? null);
      if (source === 'camera' && takesLayers(sdp, transceiver.mid)) await this.#wake(transceiver.sender);
    }
    if (this.#again) await this.#negotiate();
  }

  /** refused tells that the offer under way will get no answer; health says why nothing flows, where nothing does. */
  refused(health: 'refused' | 'failed' = 'failed'): void {
    this.#pending = false;
    if (!this.#closed && this.#pc.connectionState !== 'connected') this.#events.health(health);
  }

  candidate(candidate: string, mid: string): void {
    const init: RTCIceCandidateInit = { candidate, sdpMid: mid };
    if (this.#pc.remoteDescription === null || this.#pending) this.#early.push(init);
    else void this.#pc.addIceCandidate(init).catch(ignore);
  }

  /** resumed tells that messages pass again: what was lost on the way is said anew. */
  resumed(): void {
    if (this.#pending || this.#pc.connectionState !== 'connected') this.#restart();
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#timer);
    this.#protection?.close();
    this.#pc.close();
  }

  #sender(source: CaptureSource): RTCRtpTransceiver {
    const known = this.#senders.get(source);
    if (known !== undefined) return known;
    const kind = source === 'microphone' || source === 'screenAudio' ? 'audio' : 'video';
    const encodings = { microphone: microphoneEncodings, screenAudio: microphoneEncodings, camera: cameraEncodings, screen: screenEncodings };
    const transceiver = this.#pc.addTransceiver(kind, {
      direction: 'sendonly',
      sendEncodings: encodings[source].map((e) => ({ ...e })),
    });
    // In this very task: a transform that comes later does nothing.
    const gate = this.#protection?.sender(transceiver, source, (error) => this.#complain('track not sent', error));
    if (gate !== undefined) this.#gates.set(transceiver, gate);
    restrict(transceiver, kind);
    this.#senders.set(source, transceiver);
    return transceiver;
  }

  #slot(kind: 'audio' | 'video'): void {
    const transceiver = this.#pc.addTransceiver(kind, { direction: 'recvonly' });
    this.#protection?.receiver(transceiver, kind);
    restrict(transceiver, kind);
  }

  async #feed(transceiver: RTCRtpTransceiver, track: MediaStreamTrack | null): Promise<void> {
    const gate = this.#gates.get(transceiver);
    if (gate !== undefined && !this.#closed) return gate.feed(track);
    if (this.#closed || transceiver.sender.track === track) return;
    try {
      await transceiver.sender.replaceTrack(track);
    } catch (error) {
      this.#complain('track not sent', error);
    }
  }

  /** wake makes all layers flow that an earlier answer put to sleep, as one does that takes no camera. */
  async #wake(sender: RTCRtpSender): Promise<void> {
    const parameters = sender.getParameters();
    if (parameters.encodings.every((e) => e.active !== false)) return;
    for (const encoding of parameters.encodings) encoding.active = true;
    await sender.setParameters(parameters).catch((error: unknown) => this.#complain('layers asleep', error));
  }

  /** plan makes one offer of all changes of the moment: a screen comes with its sound. */
  #plan(): void {
    if (this.#planned || this.#offerID === 0) return;
    this.#planned = true;
    queueMicrotask(() => {
      this.#planned = false;
      void this.#negotiate();
    });
  }

  async #negotiate(options?: RTCOfferOptions): Promise<void> {
    if (this.#closed) return;
    if (this.#pending && options === undefined) {
      this.#again = true;
      return;
    }
    this.#pending = true;
    this.#again = false;
    this.#offerID++;
    const id = this.#offerID;
    try {
      await this.#pc.setLocalDescription(await this.#pc.createOffer(options));
    } catch (error) {
      this.#complain('no offer', error);
      this.refused();
      return;
    }
    if (id !== this.#offerID) return; // a restart overtook this one
    const tracks: OfferTrack[] = [];
    for (const [source, transceiver] of this.#senders) {
      if (this.#tracks.has(source) && transceiver.mid !== null) tracks.push({ mid: transceiver.mid, source });
    }
    const sdp = this.#pc.localDescription?.sdp ?? '';
    this.#events.send({ type: 'offer', re: offerReply, id, sdp: this.#protection === undefined ? sdp : trimmedOffer(sdp), tracks });
  }

  /** complain writes a fault down, unless the visit ended meanwhile: then it is none. */
  #complain(what: string, error: unknown): void {
    if (!this.#closed) console.error(`media: ${what}:`, error instanceof Error ? error.message : error);
  }

  #judge(): void {
    switch (this.#pc.connectionState) {
      case 'connected':
        this.#restarts = 0;
        clearTimeout(this.#timer);
        this.#events.health('connected');
        break;
      case 'disconnected':
        this.#events.health('interrupted');
        this.#arm(patienceMs);
        break;
      case 'failed':
        this.#restart();
        break;
      case 'new':
      case 'connecting':
      case 'closed':
        break;
    }
  }

  #restart(): void {
    if (this.#closed) return;
    this.#restarts++;
    this.#events.health(this.#restarts > restartsInVain ? 'failed' : 'interrupted');
    this.#arm(restartEveryMs);
    void this.#negotiate({ iceRestart: true });
  }

  #arm(ms: number): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      if (this.#pc.connectionState !== 'connected') this.#restart();
    }, ms);
  }
}

/** The re of every offer: an error with it means that no answer comes. */
export const offerReply = 0;

/** takesLayers tells whether an answer takes simulcast on the m-line with that mid (RFC 8853). */
function takesLayers(sdp: string, mid: string | null): boolean {
  return sdp.split(/\r\nm=/).some((section) => section.includes(`\r\na=mid:${mid ?? ''}\r\n`) && section.includes('\r\na=simulcast:recv '));
}

function ignore(error: unknown): void {
  console.warn('media: candidate ignored:', error instanceof Error ? error.message : error);
}
