import { CaptureDevices } from '../media/capture.ts';
import type { MediaOptions } from '../media/options.ts';
import { offerReply, Peer } from '../media/peer.ts';
import type { Playback } from '../media/playback.ts';
import { protocolVersion, type ClientMessage, type ServerMessage, type ViewItem, type Welcome } from '../protocol/messages.ts';
import { remember } from '../preference/preference.ts';
import type { HostCommand } from './command.ts';
import { Connection } from './connection.ts';
import { Store } from './store.ts';
import type { EndCode, State } from './state.ts';

/** How long a change of the layout may settle before the gateway is told, ms. */
const viewSettleMs = 200;

export interface SessionConfig {
  readonly options: MediaOptions;
  /** BCP 47 tag of the page's language, asked at each join. */
  readonly language: () => string;
  readonly playback: (blocked: (blocked: boolean) => void) => Playback;
}

/**
 * A visit: it turns what the user wants and what the gateway says into events of the Store, and the changes of its State
 * into what the devices, the media connection and the gateway do.
 */
export class Session {
  readonly store = new Store();
  readonly #config: SessionConfig;
  readonly #capture: CaptureDevices;
  readonly #playback: Playback;
  #connection: Connection | undefined;
  #peer: Peer | undefined;
  /** Token of the latest welcome; it serves once. */
  #resume = '';
  /** Who the peer belongs to: another participant needs another peer. */
  #peerOf = '';
  #welcome: Welcome | undefined;
  #viewTimer: ReturnType<typeof setTimeout> | undefined;
  #view: readonly ViewItem[] = [];
  #toldView = '';
  #re = offerReply;
  #cameraWanted: boolean;
  #last: State;

  constructor(config: SessionConfig) {
    this.#config = config;
    this.#cameraWanted = config.options.camera;
    this.#last = this.store.state;
    this.#capture = new CaptureDevices(config.options, (capture) => this.store.dispatch({ type: 'captureChanged', capture }));
    this.#playback = config.playback((blocked) => this.store.dispatch({ type: 'playbackChanged', blocked }));
    this.#playback.setSpeaker(this.#capture.state.chosen.speaker);
    this.store.subscribe(() => this.#follow());
    if (!config.options.microphone) this.store.dispatch({ type: 'muted', muted: true });
    addEventListener('pagehide', () => this.#send({ type: 'leave' }));
    addEventListener('online', () => this.#connection?.hurry());
  }

  // What the user does.

  rename(name: string): void {
    this.store.dispatch({ type: 'named', name });
    remember('name', name);
  }

  join(): void {
    this.#resume = '';
    this.store.dispatch({ type: 'joinAsked' });
    if (this.store.state.phase.name === 'joining') this.#connect();
  }

  leave(): void {
    this.#send({ type: 'leave' });
    this.#end('left');
  }

  /** back gives up joining, or comes from the end to the green room. */
  back(): void {
    this.#disconnect();
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
    this.#send({ type: 'hand', raised });
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
    this.#re++;
    this.#send({ ...command, re: this.#re });
  }

  /** setView tells which videos are on the screen, and how large. */
  setView(items: readonly ViewItem[]): void {
    this.#view = items;
    this.#viewTimer ??= setTimeout(() => {
      this.#viewTimer = undefined;
      this.#tellView();
    }, viewSettleMs);
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
    return slot === undefined ? undefined : this.#peer?.track(slot.mid);
  }

  // What follows from a change of the state.

  #follow(): void {
    const before = this.#last;
    const now = this.store.state;
    this.#last = now;
    if (now.phase.name === 'greenRoom' && before.phase.name !== 'greenRoom' && now.capture.microphone === 'off') this.openDevices();
    if (now.muted !== before.muted) this.#capture.setMuted(now.muted);
    if (silent(now) !== silent(before)) this.#tellMuted();
    if (now.capture.revision !== before.capture.revision) this.#feed();
    if (now.slots !== before.slots) this.#playback.show(now.slots, (mid) => this.#peer?.track(mid));
    if (now.phase.name === 'room' && before.phase.name !== 'room') this.#openPeer();
  }

  #tellMuted(): void {
    const { me, participants } = this.store.state;
    const muted = silent(this.store.state);
    if (participants.get(me)?.muted !== muted) this.#send({ type: 'mute', muted });
  }

  #feed(): void {
    for (const source of ['microphone', 'camera', 'screen', 'screenAudio'] as const) {
      this.#peer?.setSource(source, this.#capture.track(source));
    }
  }

  #openPeer(): void {
    const welcome = this.#welcome;
    if (welcome === undefined || this.#peer !== undefined) return;
    this.#peerOf = welcome.participant;
    this.#peer = new Peer(welcome.iceServers, welcome.slots, {
      send: (message) => this.#send(message),
      health: (media) => this.store.dispatch({ type: 'mediaChanged', media }),
    });
    this.#feed();
    this.#peer.start();
  }

  #closePeer(): void {
    this.#peer?.close();
    this.#peer = undefined;
    this.#playback.show([], () => undefined);
  }

  #tellView(): void {
    const told = JSON.stringify(this.#view);
    if (told === this.#toldView || this.store.state.network !== 'online') return;
    this.#toldView = told;
    this.#send({ type: 'view', items: this.#view });
  }

  // The connection to the gateway.

  #send(message: ClientMessage): void {
    this.#connection?.send(message);
  }

  #connect(): void {
    this.#connection?.close();
    this.#connection = new Connection({
      opened: () => this.#hello(),
      message: (message) => this.#receive(message),
      broke: () => this.store.dispatch({ type: 'connectionBroke' }),
      ended: (code) => this.#end(code),
    });
    this.#connection.open();
  }

  #hello(): void {
    const state = this.store.state;
    if (state.invitation === undefined) return;
    this.#send({
      type: 'hello',
      protocol: protocolVersion,
      room: state.invitation.room,
      key: state.invitation.key,
      name: state.name.trim(),
      language: this.#config.language(),
      muted: silent(state),
      ...(this.#resume === '' ? {} : { resume: this.#resume }),
    });
  }

  #receive(message: ServerMessage): void {
    switch (message.type) {
      case 'welcome':
        this.#welcomed(message);
        return;
      case 'answer':
        void this.#peer?.answer(message.id, message.sdp);
        return;
      case 'candidate':
        this.#peer?.candidate(message.candidate, message.mid);
        return;
      case 'error':
        if (message.re === offerReply) {
          console.error('media: offer refused:', message.code, message.message);
          this.#peer?.refused();
          return;
        }
        break;
      case 'waiting':
      case 'admitted':
      case 'roster':
      case 'rosterChange':
      case 'slots':
      case 'levels':
      case 'notice':
      case 'ok':
      case 'bye':
        break;
    }
    this.store.dispatch({ type: 'received', message });
  }

  #welcomed(message: Welcome): void {
    const renewed = this.#peer !== undefined && this.#peerOf !== message.participant;
    this.#connection?.reached();
    this.#welcome = message;
    this.#resume = message.resume;
    this.#toldView = '';
    if (renewed) this.#closePeer();
    this.store.dispatch({ type: 'received', message });
    if (renewed) this.store.dispatch({ type: 'rejoined' }); // another peer follows when it is admitted
    else this.#peer?.resumed();
    this.setView(this.#view);
  }

  #disconnect(): void {
    clearTimeout(this.#viewTimer);
    this.#viewTimer = undefined;
    this.#view = [];
    this.#connection?.close();
    this.#connection = undefined;
    this.#closePeer();
  }

  #end(code: EndCode): void {
    this.#disconnect();
    this.#capture.close();
    this.store.dispatch({ type: 'ended', code });
  }
}

/** silent tells that nothing of this microphone is to be heard, whether switched off or not there. */
function silent(state: State): boolean {
  return state.muted || state.capture.microphone !== 'on';
}
