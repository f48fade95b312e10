import type { CaptureSource } from '../media/capture.ts';
import type { FrameGuard } from '../media/encrypted.ts';
import { Peer, type PeerEvents } from '../media/peer.ts';
import type { Playback } from '../media/playback.ts';
import type { Welcome } from '../protocol/messages.ts';
import type { State } from './state.ts';

const sources: readonly CaptureSource[] = ['microphone', 'camera', 'screen', 'screenAudio'];

/** What a MediaLink is made of. */
export interface MediaLinkParts {
  readonly playback: Playback;
  /** What this browser records from a source. */
  readonly track: (source: CaptureSource) => MediaStreamTrack | undefined;
  readonly events: PeerEvents;
}

/** MediaLink is the media connection of a visit, as often as it has to be made anew: one at a time. */
export class MediaLink {
  readonly #parts: MediaLinkParts;
  #peer: Peer | undefined;
  /** Nothing is to be sent or heard by this peer any more. */
  #hushed = false;
  /** Who the peer belongs to: another participant needs another peer. */
  #of = '';

  constructor(parts: MediaLinkParts) {
    this.#parts = parts;
  }

  /** peer is the connection there is. */
  get peer(): Peer | undefined {
    return this.#peer;
  }

  /** foreign says whether there is a connection, and it is another participant's. */
  foreign(participant: string): boolean {
    return this.#peer !== undefined && this.#of !== participant;
  }

  /** open makes the connection, unless there is one. Without a guard it is that of an open room: the caller knows which it is. */
  open(welcome: Welcome, guard: FrameGuard | undefined, state: State): void {
    if (this.#peer !== undefined) return;
    this.#of = welcome.participant;
    this.#hushed = false;
    this.#peer = new Peer(welcome.iceServers, welcome.slots, this.#parts.events, guard);
    this.feed();
    this.#peer.start();
    this.expect(state);
  }

  close(): void {
    this.#peer?.close();
    this.#peer = undefined;
    this.#parts.playback.show([], () => undefined);
  }

  /** hush sends nothing any more and lets nothing be heard; the connection stays. */
  hush(): void {
    this.#hushed = true;
    for (const source of sources) this.#peer?.setSource(source, undefined);
    this.#parts.playback.show([], () => undefined);
  }

  /** feed sends what this browser records now. */
  feed(): void {
    if (this.#hushed) return;
    for (const source of sources) this.#peer?.setSource(source, this.#parts.track(source));
  }

  /** expect says whose frames belong into each slot: what anybody else sends there is neither shown nor heard. */
  expect({ slots, told }: State): void {
    this.#peer?.expect(slots, (participant) => told.get(participant));
  }

  /** play lets hear what the slots carry. */
  play({ slots }: State): void {
    if (this.#hushed) return;
    this.#parts.playback.show(slots, (mid) => this.#peer?.track(mid));
  }
}
