import type { Keys } from '../../src/e2ee/frame/epoch.ts';
import type { Card, MeetingEvent, Phase, RosterEntry } from '../../src/e2ee/meeting/events.ts';
import { Meeting } from '../../src/e2ee/meeting/meeting.ts';
import type { Clock, IdentityStore, Media, Memory } from '../../src/e2ee/meeting/ports.ts';
import { decodeFromServer, encodeToServer } from '../../src/e2ee/meeting/wire_json.ts';
import { newSuite } from '../../src/e2ee/mls/suite.ts';
import { newSigner, type Signer } from '../../src/e2ee/policy/signing.ts';
import { wallClock } from '../../src/e2ee/worker/wall_clock.ts';
import { protocolVersion, type ServerMessage, type Welcome } from '../../src/protocol/messages.ts';
import { Signalling } from '../../src/protocol/signalling.ts';
import { foundingTerms } from '../../src/session/owner.ts';
import type { Gateway } from './gateway.ts';
import type { Publisher } from './publisher.ts';

const suite = await newSuite();

/** In the first minutes every member of a meeting renews its keys once, at a random moment; here the latest, as the figures are not of that. */
const clock: Clock = { ...wallClock, random: () => 1 };

/** Member is in the room by its protocol alone: the client's meeting over a connection of its own. Its frames, if any, are the publisher's. */
export class Member implements IdentityStore, Media {
  cards: readonly Card[] = [];
  phase: Phase = 'connecting';
  /** Who is in the group, as we know it. */
  roster: readonly RosterEntry[] = [];
  readonly #gateway: Gateway;
  readonly #publisher: Publisher;
  readonly #host: boolean;
  readonly #signer: Signer;
  readonly #signalling: Signalling;
  readonly #watchers = new Set<() => void>();
  #meeting: Meeting | undefined;
  #memory: Memory | undefined;
  #keys: Keys | undefined;
  #publishing = false;
  /** What came while it is held back. */
  #held: ServerMessage[] | undefined;

  private constructor(gateway: Gateway, publisher: Publisher, readonly name: string, host: boolean, signer: Signer) {
    this.#gateway = gateway;
    this.#publisher = publisher;
    this.#host = host;
    this.#signer = signer;
    this.#signalling = new Signalling({
      opened: () => this.#hello(), message: (message) => this.#receive(message), closed: (code) => this.#closed(code),
    }, gateway.origin);
  }

  static async come(gateway: Gateway, publisher: Publisher, name: string, host: boolean): Promise<Member> {
    return new Member(gateway, publisher, name, host, await newSigner());
  }

  /** until waits for something of this member; it fails after a minute. */
  until(what: string, ok: () => boolean): Promise<void> {
    return new Promise((resolve, reject) => {
      const look = (): void => {
        if (!ok()) return;
        this.#watchers.delete(look);
        clearTimeout(timer);
        resolve();
      };
      const timer = setTimeout(() => reject(new Error(`${this.name}: ${what} did not happen; ${this.phase}, ${this.roster.length} people`)), 60_000);
      this.#watchers.add(look);
      look();
    });
  }

  /** admit is the host's tap: all cards there are. */
  admit(): void {
    this.#meeting?.command({ type: 'admit', refs: this.cards.map(({ ref }) => ref) });
  }

  /** putOut is the host's as well: whoever has that name has to go. */
  putOut(name: string): void {
    for (const { identity, name: theirs } of this.roster) if (theirs === name) this.#meeting?.command({ type: 'kick', identity });
  }

  /** publish shows a camera from now on, and says a tone, Hz, where it is not 0. */
  async publish(tone: number): Promise<void> {
    if (this.#keys !== undefined) this.#publisher.turn(this.name, this.#keys);
    this.#publishing = true;
    const { sdp, tracks } = await this.#publisher.publish(this.name, tone);
    this.#signalling.send({ type: 'offer', id: 1, sdp, tracks });
  }

  /** hold has one who only listens look at nothing more until release. */
  hold(): void {
    if (!this.#host && !this.#publishing) this.#held ??= [];
  }

  release(): void {
    const held = this.#held ?? [];
    this.#held = undefined;
    for (const message of held) this.#receive(message);
  }

  leave(): void {
    this.#signalling.close();
  }

  identity(): Promise<Signer> {
    return Promise.resolve(this.#signer);
  }

  memory(): Promise<Memory | undefined> {
    return Promise.resolve(this.#memory);
  }

  remember(_: string, memory: Memory): Promise<void> {
    this.#memory = memory;
    return Promise.resolve();
  }

  pinned(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  acquaintances(): Promise<readonly []> {
    return Promise.resolve([]);
  }

  install(keys: Keys): Promise<void> {
    // The caller erases what it gave.
    const { audio, video } = keys.media;
    this.#keys = { ...keys, media: { ...keys.media, audio: audio.slice(), video: video.slice() } };
    if (this.#publishing) this.#publisher.turn(this.name, this.#keys);
    return Promise.resolve();
  }

  halt(): void {
    // Nobody is removed here, and nobody's keys are taken away.
  }

  silence(): void {
    // As above.
  }

  goOn(): void {
    // As above.
  }

  #hello(): void {
    const { room } = this.#gateway;
    const key = this.#gateway.key(this.#host);
    this.#signalling.send({ type: 'hello', protocol: protocolVersion, room, key, name: this.name, language: 'en', muted: false });
  }

  #receive(message: ServerMessage): void {
    if (this.#held !== undefined) {
      this.#held.push(message);
      return;
    }
    switch (message.type) {
      case 'welcome':
        this.#meeting = this.#begin(message);
        break;
      case 'meeting':
        this.#meeting?.receive(decodeFromServer(JSON.stringify(message.message)));
        break;
      case 'answer':
        this.#publisher.answered(this.name, message.sdp);
        break;
      case 'error':
        throw new Error(`${this.name}: ${message.code} ${message.message}`);
      default:
    }
  }

  #begin(welcome: Welcome): Meeting {
    const { room } = this.#gateway;
    const founding = this.#host ? foundingTerms(this.#signer.publicKey, welcome, undefined) : undefined;
    return new Meeting({
      room, claim: { kind: this.#host ? 'account' : 'guest', name: this.name, subject: '' }, founding, suite, clock, store: this, media: () => this,
      send: (message) => this.#signalling.send({ type: 'meeting', message: JSON.parse(encodeToServer(message)) as object }),
      emit: (event) => this.#heard(event),
    });
  }

  #heard(event: MeetingEvent): void {
    if (event.type === 'phase') this.phase = event.phase;
    if (event.type === 'cards') this.cards = event.cards;
    if (event.type === 'roster') this.roster = event.members;
    if (event.type === 'broken') throw new Error(`${this.name}: the meeting broke, ${event.why}`);
    for (const look of [...this.#watchers]) look();
  }

  #closed(code: string | undefined): void {
    throw new Error(`${this.name}: the connection ended, ${code ?? 'without a word'}`);
  }
}
