import { able, type FrameGuard, type GuardEvents } from '../media/encrypted.ts';
import { offerReply } from '../media/peer.ts';
import { protocolVersion, type ClientMessage, type ServerMessage, type Welcome } from '../protocol/messages.ts';
import { Connection } from './connection.ts';
import { EncryptedVisit } from './encrypted_visit.ts';
import type { EncryptionFault } from './encryption.ts';
import type { MediaLink } from './media_link.ts';
import { strictestSeen } from './seen_rooms.ts';
import type { Store } from './store.ts';
import { silent, type EndCode } from './state.ts';
import type { ViewTeller } from './view.ts';
import { checkWelcome } from './welcome_check.ts';

/** What a Visit is made of. */
export interface VisitParts {
  readonly store: Store;
  readonly media: MediaLink;
  readonly view: ViewTeller;
  /** BCP 47 tag of the page's language. */
  readonly language: () => string;
  /** Starts the worker of an encrypted room. Errors: GuardError. */
  readonly guard: (events: GuardEvents) => Promise<FrameGuard>;
  /** The visit is over, and devices are not needed any more. */
  readonly ended: () => void;
}

/** Visit is one stay in a room: the connection to the gateway, and behind an encrypted room the meeting. */
export class Visit {
  readonly #parts: VisitParts;
  #connection: Connection | undefined;
  /** Token of the latest welcome; it serves once. */
  #resume = '';
  #welcome: Welcome | undefined;
  #meeting: EncryptedVisit | undefined;
  /** The user has said that a room that was encrypted may be open now. */
  #looserTaken = false;

  constructor(parts: VisitParts) {
    this.#parts = parts;
  }

  /** meeting is the one behind an encrypted room. */
  get meeting(): EncryptedVisit | undefined {
    return this.#meeting;
  }

  /** begin connects. */
  begin(): void {
    this.#resume = '';
    this.#connection?.close();
    this.#connection = new Connection({
      opened: () => this.#hello(),
      message: (message) => this.#receive(message),
      broke: () => this.#broke(),
      ended: (code) => this.end(code),
    });
    this.#connection.open();
  }

  /**
   * anew ends this stay and begins another, as a reload of the page does: the meeting has put us out, or its worker is gone. The media
   * connection that belonged to it is closed, and the gateway makes one for a stay.
   */
  anew(): void {
    const { store, media } = this.#parts;
    this.send({ type: 'leave' });
    media.close();
    this.#meeting?.restart();
    this.begin();
    store.dispatch({ type: 'rejoined' });
  }

  /** send drops what no connection is there for. */
  send(message: ClientMessage): void {
    this.#connection?.send(message);
  }

  /** hurry tries at once to come back. */
  hurry(): void {
    this.#connection?.hurry();
  }

  /** goOnLooser enters an open room that was encrypted when this browser saw it last. */
  goOnLooser(): void {
    this.#looserTaken = true;
    this.#parts.store.dispatch({ type: 'looserTaken' });
  }

  /** openMedia begins to send and receive, in an encrypted room never without a guard. */
  openMedia(): void {
    const { media, store: { state } } = this.#parts;
    const guard = this.#meeting?.guard;
    if (this.#welcome === undefined || (state.encryption !== undefined && guard === undefined)) return;
    media.open(this.#welcome, guard, state);
  }

  /**
   * leave says goodbye to the meeting first: what it says goes over the connection, which the gateway ends when the media connection
   * is closed. Nothing is sent or heard meanwhile.
   */
  async leave(): Promise<void> {
    this.#parts.media.hush();
    await this.#meeting?.leave();
    this.send({ type: 'leave' });
    this.end('left');
  }

  /** drop ends everything without a word. */
  drop(): void {
    const { view, media } = this.#parts;
    view.clear();
    this.#connection?.close();
    this.#connection = undefined;
    media.close();
    this.#meeting?.close();
    this.#meeting = undefined;
    this.#looserTaken = false;
  }

  end(code: EndCode): void {
    this.drop();
    this.#parts.ended();
    this.#parts.store.dispatch({ type: 'ended', code });
  }

  #hello(): void {
    const { store: { state }, language } = this.#parts;
    if (state.invitation === undefined) return;
    this.send({
      type: 'hello',
      protocol: protocolVersion,
      room: state.invitation.room,
      key: state.invitation.key,
      name: state.name.trim(),
      language: language(),
      muted: silent(state),
      ...(this.#resume === '' ? {} : { resume: this.#resume }),
    });
  }

  #receive(message: ServerMessage): void {
    const { store, media } = this.#parts;
    switch (message.type) {
      case 'welcome':
        this.#welcomed(message);
        return;
      case 'meeting':
        this.#meeting?.receive(message);
        return;
      case 'answer':
        void media.peer?.answer(message.id, message.sdp);
        return;
      case 'candidate':
        media.peer?.candidate(message.candidate, message.mid);
        return;
      case 'error':
        if (message.re === offerReply) {
          console.error('media: offer refused:', message.code, message.message);
          media.peer?.refused();
          if (message.code === 'noRoomCodec') store.dispatch({ type: 'guarded', finding: { what: 'noRoomCodec' } });
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
    store.dispatch({ type: 'received', message });
  }

  #welcomed(message: Welcome): void {
    const { store, media, view } = this.#parts;
    const renewed = media.foreign(message.participant);
    this.#connection?.reached();
    if (!this.#safe(message)) return;
    this.#welcome = message;
    this.#resume = message.resume;
    if (renewed) media.close();
    store.dispatch({ type: 'received', message });
    if (renewed) store.dispatch({ type: 'rejoined' }); // another peer follows when it is admitted
    else media.peer?.resumed();
    this.#meeting?.welcomed(message);
    view.anew();
  }

  /** safe says whether the room is as safe as it has to be; otherwise the visit ends. Before an open room that was encrypted the user is asked. */
  #safe(message: Welcome): boolean {
    const { store } = this.#parts;
    const { invitation, encryption } = store.state;
    const strictest = this.#looserTaken ? undefined : strictestSeen(message.room.number);
    const verdict = checkWelcome(message, { link: invitation?.link, strictest, encrypted: this.#meeting !== undefined, able: able(), now: Date.now() });
    switch (verdict) {
      case 'open':
        return true;
      case 'ask':
        if (encryption === undefined) store.dispatch({ type: 'looserFound' });
        return true;
      case 'encrypted':
        this.#meeting ??= this.#newMeeting();
        return true;
      default:
        store.dispatch({ type: 'received', message }); // the end tells which room it was
        this.#fault(verdict);
        return false;
    }
  }

  #newMeeting(): EncryptedVisit {
    const { store, media, guard } = this.#parts;
    return new EncryptedVisit({
      guard,
      state: () => store.state,
      dispatch: (event) => store.dispatch(event),
      send: (message) => this.send({ type: 'meeting', message }),
      renew: () => {
        media.close();
        if (store.state.phase.name === 'room') this.openMedia();
      },
      anew: () => this.anew(),
      fault: (fault) => this.#fault(fault),
      removed: (replaced) => this.end(replaced ? 'replaced' : 'removed'),
      now: () => performance.now(),
    });
  }

  #fault(fault: EncryptionFault): void {
    this.send({ type: 'leave' });
    this.#parts.store.dispatch({ type: 'faulted', fault });
    this.end('encryption');
  }

  #broke(): void {
    this.#meeting?.broke();
    this.#parts.store.dispatch({ type: 'connectionBroke' });
  }
}
