import type { Command } from '../e2ee/meeting/events.ts';
import { CaptureDevices } from '../media/capture.ts';
import type { FrameGuard, GuardEvents } from '../media/encrypted.ts';
import type { MediaOptions } from '../media/options.ts';
import { offerReply } from '../media/peer.ts';
import type { Playback } from '../media/playback.ts';
import { remember } from '../preference/preference.ts';
import type { ViewItem } from '../protocol/messages.ts';
import type { HostCommand } from './command.ts';
import type { Noted } from './encryption.ts';
import { carried } from './host_command.ts';
import { MediaLink } from './media_link.ts';
import { Store } from './store.ts';
import { silent, type State } from './state.ts';
import { ViewTeller } from './view.ts';
import { Visit } from './visit.ts';

export interface SessionConfig {
  readonly options: MediaOptions;
  /** BCP 47 tag of the page's language, asked at each join. */
  readonly language: () => string;
  readonly playback: (blocked: (blocked: boolean) => void) => Playback;
  /** Starts the worker of an encrypted room. Errors: GuardError. */
  readonly guard: (events: GuardEvents) => Promise<FrameGuard>;
}

/**
 * A visit: it turns what the user wants and what the gateway says into events of the Store, and the changes of its State
 * into what the devices, the media connection and the gateway do.
 */
export class Session {
  readonly store = new Store();
  readonly #capture: CaptureDevices;
  readonly #playback: Playback;
  readonly #media: MediaLink;
  readonly #view: ViewTeller;
  readonly #visit: Visit;
  #re = offerReply;
  #cameraWanted: boolean;
  #last: State;

  constructor({ options, language, playback, guard }: SessionConfig) {
    const { store } = this;
    this.#cameraWanted = options.camera;
    this.#last = store.state;
    this.#capture = new CaptureDevices(options, (capture) => store.dispatch({ type: 'captureChanged', capture }));
    this.#playback = playback((blocked) => store.dispatch({ type: 'playbackChanged', blocked }));
    this.#playback.setSpeaker(this.#capture.state.chosen.speaker);
    this.#media = new MediaLink({
      playback: this.#playback,
      track: (source) => this.#capture.track(source),
      events: { send: (message) => this.#visit.send(message), health: (media) => store.dispatch({ type: 'mediaChanged', media }) },
    });
    this.#view = new ViewTeller((items) => this.#tellView(items));
    this.#visit = new Visit({ store, media: this.#media, view: this.#view, language, guard, ended: () => this.#capture.close() });
    store.subscribe(() => this.#follow());
    if (!options.microphone) store.dispatch({ type: 'muted', muted: true });
    addEventListener('pagehide', () => this.#visit.send({ type: 'leave' }));
    addEventListener('online', () => this.#visit.hurry());
  }

  // What the user does.

  rename(name: string): void {
    this.store.dispatch({ type: 'named', name });
    remember('name', name);
  }

  join(): void {
    this.store.dispatch({ type: 'joinAsked' });
    if (this.store.state.phase.name === 'joining') this.#visit.begin();
  }

  leave(): void {
    void this.#visit.leave();
  }

  /** back gives up joining, or comes from the end to the green room. */
  back(): void {
    this.#visit.drop();
    this.store.dispatch({ type: 'wentBack' });
  }

  setMuted(muted: boolean): void {
    this.store.dispatch({ type: 'muted', muted });
    if (!muted && this.store.state.capture.microphone !== 'on') void this.#capture.startMicrophone();
  }

  setCamera(on: boolean): void {
    this.#cameraWanted = on;
    if (on) void this.#capture.startCamera();
    else this.#capture.stopCamera();
  }

  setScreen(on: boolean): void {
    if (on) void this.#capture.startScreen();
    else this.#capture.stopScreen();
  }

  setHand(raised: boolean): void {
    this.#visit.send({ type: 'hand', raised });
  }

  choose(kind: 'microphone' | 'camera' | 'speaker', id: string): void {
    void this.#capture.choose(kind, id);
    if (kind === 'speaker') this.#playback.setSpeaker(id);
  }

  /** openDevices asks for microphone and camera again, after a permission was given. */
  openDevices(): void {
    void this.#capture.open(this.#cameraWanted);
  }

  command(command: HostCommand): void {
    const { meeting, gateway } = carried(this.store.state, command);
    if (meeting !== undefined) this.meeting(meeting);
    if (gateway === undefined) return;
    this.#re++;
    this.#visit.send({ ...gateway, re: this.#re });
  }

  /** meeting says what the user wants of the meeting behind an encrypted room. Leaving is for leave. */
  meeting(command: Command): void {
    this.#visit.meeting?.command(command);
  }

  /** beginAsOwner begins a meeting as the room's new owner, where Encryption.mayBegin. */
  beginAsOwner(): void {
    this.#visit.meeting?.beginAsOwner();
  }

  /** note tells that the user has read something. */
  note(noted: Noted): void {
    this.store.dispatch({ type: 'noted', noted });
  }

  /** goOnLooser enters an open room that was encrypted when this browser saw it last: the user was asked. */
  goOnLooser(): void {
    this.#visit.goOnLooser();
  }

  /** setView tells which videos are on the screen, and how large. */
  setView(items: readonly ViewItem[]): void {
    this.#view.set(items);
  }

  playBlocked(): void {
    this.#playback.resume();
  }

  // What the page shows.

  /** own is what this browser records from a source. */
  own(source: 'microphone' | 'camera' | 'screen'): MediaStreamTrack | undefined {
    return this.#capture.track(source);
  }

  /** received is the video of somebody else, if a slot carries it now. */
  received(participant: string, source: 'camera' | 'screen'): MediaStreamTrack | undefined {
    const slot = this.store.state.slots.find((s) => s.participant === participant && s.source === source);
    return slot === undefined ? undefined : this.#media.peer?.track(slot.mid);
  }

  // What follows from a change of the state.

  #follow(): void {
    const before = this.#last;
    const now = this.store.state;
    this.#last = now;
    if (now.phase.name === 'greenRoom' && before.phase.name !== 'greenRoom' && now.capture.microphone === 'off') this.openDevices();
    if (now.muted !== before.muted) this.#capture.setMuted(now.muted);
    if (silent(now) !== silent(before)) this.#tellMuted();
    if (now.capture.revision !== before.capture.revision) this.#media.feed();
    // A leaf may be somebody else's in another epoch: who is meant is said anew with each.
    const people = now.told !== before.told || now.encryption?.roster !== before.encryption?.roster;
    if (people || now.slots !== before.slots) this.#media.expect(now);
    if (now.slots !== before.slots || now.encryption?.spoiled !== before.encryption?.spoiled) this.#media.play(now);
    if (now.phase.name === 'room' && before.phase.name !== 'room') this.#visit.openMedia();
    if (now.phase.name === 'lobby' && before.phase.name === 'room') this.#visit.anew(); // the meeting has put us out
  }

  #tellMuted(): void {
    const { me, told } = this.store.state;
    const muted = silent(this.store.state);
    if (told.get(me)?.muted !== muted) this.#visit.send({ type: 'mute', muted });
  }

  #tellView(items: readonly ViewItem[]): boolean {
    if (this.store.state.network !== 'online') return false;
    this.#visit.send({ type: 'view', items });
    return true;
  }
}
