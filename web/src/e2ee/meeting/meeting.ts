import { equal, type Bytes } from '../policy/bytes.ts';
import type { Link } from '../policy/link.ts';
import { PolicyError } from '../policy/policy_error.ts';
import type { Signer } from '../policy/signing.ts';
import { Group } from '../mls/group.ts';
import { GroupError } from '../mls/group_error.ts';
import { JoinKey, type LeafClaim } from '../mls/join_key.ts';
import { Serial } from '../mls/serial.ts';
import type { Suite } from '../mls/suite.ts';
import type { SeatContext, Unnumbered } from './context.ts';
import type { Command, MeetingEvent, Phase } from './events.ts';
import { found, foundingRoom, type FoundingTerms } from './founding.ts';
import type { Cancel, Clock, IdentityStore, Media } from './ports.ts';
import { Seat, type Beginning } from './seat.ts';
import type { Answer, FromServer, Notice, ToServer } from './wire.ts';

/** Before its KeyPackage is too old to be added, somebody who waits makes a new one, ms. */
const waitAnewMs = 50 * 60_000;

/** MeetingConfig is what one meeting is made of. */
export interface MeetingConfig {
  /** Number of the room. */
  readonly room: string;
  /** What we call ourselves. */
  readonly claim: Omit<LeafClaim, 'room' | 'linkSecret'>;
  readonly link?: Link | undefined;
  /** Given where this browser may begin a meeting when there is none. */
  readonly founding?: FoundingTerms | undefined;
  readonly suite: Suite;
  readonly clock: Clock;
  readonly store: IdentityStore;
  /** Makes the frame engine of a group; for a new leaf of the same group it may be the same engine. */
  readonly media: (group: Uint8Array) => Media;
  readonly send: (message: ToServer) => void;
  readonly emit: (event: MeetingEvent) => void;
}

/**
 * Meeting is the browser's side of one encrypted room: it begins the meeting or waits to be let in, follows the group, and comes back
 * by itself when it lost its place. Everything that happens to it goes through one queue, one thing after another.
 */
export class Meeting {
  readonly #config: MeetingConfig;
  readonly #queue = new Serial();
  readonly #answers = new Map<number, (answer: Answer) => void | Promise<void>>();
  #questions = 0;
  #phase: Phase = 'connecting';
  #seat: Seat | undefined;
  /** Ends the timers of a membership. */
  #life = { over: false };
  #key: JoinKey | undefined;
  #waitAnew: Cancel | undefined;
  /** What the service calls the group. */
  #group: Bytes | undefined;
  /** The link that vouches for people: the one we came by, or the one under which we began. */
  #link: Link | undefined;

  constructor(config: MeetingConfig) {
    this.#config = config;
    this.#link = config.link;
  }

  /** receive takes a message from the delivery service. */
  receive(message: FromServer): void {
    this.#run(() => this.#receive(message));
  }

  /** disconnected: the connection broke. The next one begins with the service's hello. */
  disconnected(): void {
    this.#run(() => {
      this.#answers.clear();
      this.#seat?.disconnected();
    });
  }

  /** command takes what the page wants. */
  command(command: Command): void {
    this.#run(() => (command.type === 'leave' ? this.#leave() : this.#seat?.command(command)));
  }

  /** idle is done when everything that was given so far is. */
  idle(): Promise<void> {
    return this.#queue.run(() => Promise.resolve());
  }

  #run(work: () => void | Promise<void>): void {
    void this.#queue.run(async () => {
      try {
        if (this.#phase !== 'out') await work();
      } catch {
        // An error that nothing foresaw: what state we are in is not known, so nothing more is sent from it.
        if (this.#seat === undefined) this.#enter('out');
        else this.#seat.broken('failed');
      }
    });
  }

  async #receive(message: FromServer): Promise<void> {
    switch (message.type) {
      case 'done':
      case 'records':
      case 'failed': {
        const then = this.#answers.get(message.id);
        this.#answers.delete(message.id);
        await then?.(message);
        return;
      }
      case 'hello':
        return this.#hello(message);
      case 'welcomed':
        return this.#welcomed(message.welcome, message.seq);
      default:
        await this.#seat?.notice(message);
    }
  }

  async #hello({ group, seated }: Extract<Notice, { type: 'hello' }>): Promise<void> {
    this.#group = group;
    const seat = this.#seat;
    if (seat !== undefined && group !== undefined && equal(seat.group, group)) {
      // A seat that broke waits for its successor; one that the service does not know is over.
      if (this.#key !== undefined) await this.#wait();
      else if (seated) seat.connected();
      else await this.#unseated();
      return;
    }
    if (seat !== undefined) this.#stand();
    if (group !== undefined) await this.#wait();
    else if (this.#config.founding === undefined) this.#enter('noMeeting');
    else await this.#found(this.#config.founding);
  }

  async #found(terms: FoundingTerms): Promise<void> {
    const { room, suite, clock, emit } = this.#config;
    const identity = await this.#config.store.identity(room);
    const link = this.#link ?? terms.link;
    const key = await this.#newKey(identity, link);
    let made: Awaited<ReturnType<typeof found>>;
    try {
      made = await found(key, await foundingRoom(identity, room, terms, clock.unix()), suite, () => clock.ms());
    } catch (error) {
      if (!(error instanceof PolicyError) && !(error instanceof GroupError)) throw error;
      emit({ type: 'failure', failure: { what: 'notFounded', fault: 'malformed' } });
      this.#enter('noMeeting'); return;
    }
    this.#ask({ type: 'found', keyPackage: key.keyPackage, groupInfo: made.groupInfo }, async (answer) => {
      if (answer.type !== 'failed') {
        this.#link = link;
        return this.#sit(made.group, identity, { seq: 1, askLooser: false });
      }
      if (answer.fault === 'group') return this.#wait(); // somebody was faster
      emit({ type: 'failure', failure: { what: 'notFounded', fault: answer.fault } });
      this.#enter('noMeeting');
    });
  }

  /** wait is in the lobby with one new KeyPackage. */
  async #wait(): Promise<void> {
    const { room, clock, store, emit } = this.#config;
    this.#waitAnew?.();
    const key = await this.#newKey(await store.identity(room), this.#link);
    this.#key = key;
    this.#ask({ type: 'wait', keyPackage: key.keyPackage }, (answer) => {
      if (answer.type === 'failed') emit({ type: 'failure', failure: { what: 'notWaiting', fault: answer.fault } });
    });
    if (this.#seat === undefined) this.#enter('waiting');
    this.#waitAnew = clock.after(waitAnewMs, () => this.#run(async () => {
      if (this.#key === key) await this.#wait();
    }));
  }

  async #welcomed(welcome: Uint8Array, seq: number): Promise<void> {
    const { room, suite, clock, store, emit } = this.#config;
    const key = this.#key;
    if (key === undefined) return;
    const memory = await store.memory(room);
    // Those we remember may let us back into that very group, and into no other.
    const back = memory !== undefined && this.#group !== undefined && equal(memory.group, this.#group);
    const expect = { room, link: this.#link, strictest: memory?.strictest, remembered: back ? memory.identities : undefined };
    let joined: Awaited<ReturnType<typeof Group.join>>;
    try {
      joined = await Group.join(welcome, key, expect, suite, () => clock.ms());
      if (back && !equal(joined.group.view.group, memory.group)) throw new GroupError('refused', 'another group than the service said');
    } catch (error) {
      if (!(error instanceof GroupError)) throw error;
      if (unspent(key) === undefined) {
        this.#key = undefined;
        emit({ type: 'failure', failure: { what: 'badWelcome', why: error.why } });
      }
      return;
    }
    await this.#sit(joined.group, await store.identity(room), { seq, askLooser: joined.askLooser });
  }

  async #sit(group: Group, identity: Signer, beginning: Beginning): Promise<void> {
    const { room, store, emit } = this.#config;
    this.#stand();
    this.#key = undefined;
    this.#waitAnew?.();
    const memory = await store.memory(room);
    const life = { over: false };
    this.#life = life;
    const seat = new Seat(this.#context(group, identity, life), beginning, {
      removed: (by, replaced) => this.#removed(by, replaced),
      unseated: () => this.#run(() => this.#unseated()),
      broken: () => this.#run(() => this.#wait()),
    });
    this.#seat = seat;
    this.#enter('in');
    if (memory !== undefined && !equal(memory.group, group.view.group)) emit({ type: 'newMeeting' });
    await seat.start(beginning, memory);
  }

  #context(group: Group, identity: Signer, life: { readonly over: boolean }): SeatContext {
    const { room, suite, clock, store, emit, send } = this.#config;
    return {
      group, suite, clock, store, identity, room, link: this.#link, emit, media: this.#config.media(group.view.group), absent: new Map(),
      line: { send, ask: (question, then) => this.#ask(question, (answer) => (life.over ? undefined : then(answer))) },
      later: (ms, work) => clock.after(ms, () => this.#run(() => (life.over ? undefined : work()))),
    };
  }

  /** stand ends the membership on our side. */
  #stand(): void {
    this.#seat?.end();
    this.#life.over = true;
    this.#seat = undefined;
  }

  #removed(by: string, replaced: boolean): void {
    this.#stand();
    // With a key in the lobby this is how we come back, and the Welcome follows.
    if (replaced && this.#key !== undefined) return;
    if (this.#key !== undefined) this.#config.send({ type: 'unwait' });
    this.#config.emit({ type: 'removed', by, replaced });
    this.#enter('out');
  }

  /** unseated: while we were away somebody removed our leaf. We ask to be let in again, like anybody. */
  async #unseated(): Promise<void> {
    this.#stand();
    await this.#wait();
  }

  async #leave(): Promise<void> {
    await this.#seat?.command({ type: 'leave' });
    this.#config.send({ type: 'unwait' });
    this.#stand();
    this.#enter('out');
  }

  #newKey(identity: Signer, link: Link | undefined): Promise<JoinKey> {
    const { room, claim, clock, suite } = this.#config;
    return JoinKey.make(identity, { ...claim, room, linkSecret: link?.secret }, clock.unix(), suite);
  }

  #ask(question: Unnumbered, then: (answer: Answer) => void | Promise<void>): void {
    const id = ++this.#questions;
    this.#answers.set(id, then);
    this.#config.send({ ...question, id });
  }

  #enter(phase: Phase): void {
    if (phase === this.#phase) return;
    this.#phase = phase;
    this.#config.emit({ type: 'phase', phase });
  }
}

/** unspent is what waits for a Welcome; undefined once one has used it up. */
function unspent(key: JoinKey): JoinKey['packages'] | undefined {
  try {
    return key.packages;
  } catch {
    return undefined;
  }
}
