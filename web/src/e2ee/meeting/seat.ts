import { equal } from '../policy/bytes.ts';
import { looser } from '../policy/charter.ts';
import { decodeRequest } from '../policy/grant_request.ts';
import { kinds as allKinds, type Kind } from '../frame/kind.ts';
import type { Applied } from '../mls/group.ts';
import type { View } from '../mls/view.ts';
import { adds } from './added.ts';
import { Applicants } from './applicants.ts';
import { Asks } from './asks.ts';
import { Board } from './board.ts';
import { Bundler } from './bundler.ts';
import { CodeTable } from './code_table.ts';
import { Committer } from './committer.ts';
import { person, type SeatContext } from './context.ts';
import { Desk } from './desk.ts';
import type { Command } from './events.ts';
import { Follower } from './follower.ts';
import type { Cancel, Memory } from './ports.ts';
import { newKinds, type BrokenWhy } from './room_state.ts';
import { Roster } from './roster.ts';
import { Talk, type Heard } from './talk.ts';
import { isCode } from './talk_message.ts';
import { Upkeep } from './upkeep.ts';
import { Voice } from './voice.ts';
import type { LogRecord, Notice } from './wire.ts';

/** How long messages of the epoch before are taken, ms. */
const formerMs = 5000;
/** How long people are silent for a new listener who are not asked to decide, ms. */
const chimeMs = 3000;

/** How a membership begins. */
export interface Beginning {
  /** The record after which we follow the log. */
  readonly seq: number;
  /** The room is looser than this browser has seen it. */
  readonly askLooser: boolean;
}

/** What a membership tells its owner. */
export interface SeatEnds {
  /** A commit removed us; replaced: by a new leaf of our own identity. */
  removed(by: string, replaced: boolean): void;
  /** The service says that we have no leaf. */
  unseated(): void;
  /** We cannot follow any more, and have stopped sending: a new leaf is needed. */
  broken(why: BrokenWhy): void;
}

/** Seat is one membership: one leaf of one group, from the first epoch it is in to its end. It runs in the meeting's queue. */
export class Seat {
  readonly #context: SeatContext;
  readonly #ends: SeatEnds;
  readonly #voice: Voice;
  readonly #committer: Committer;
  readonly #follower: Follower;
  readonly #applicants: Applicants;
  readonly #talk: Talk;
  readonly #asks: Asks;
  readonly #bundler: Bundler;
  readonly #codes: CodeTable;
  readonly #roster: Roster;
  readonly #board: Board;
  readonly #upkeep: Upkeep;
  readonly #desk: Desk;
  readonly #joinedSealed: boolean;
  readonly #guest: boolean;
  #chime: Cancel | undefined;
  #broken = false;

  constructor(context: SeatContext, { seq }: Beginning, ends: SeatEnds) {
    this.#context = context;
    this.#ends = ends;
    this.#voice = new Voice(context);
    this.#follower = new Follower(context, seq, {
      applied: (applied, record) => this.#applied(applied, record),
      reopened: () => this.#committer.applied(),
      current: () => this.#current(),
      lost: (why) => this.broken(why),
      unseated: () => this.#ends.unseated(),
    });
    this.#committer = new Committer(context, () => this.#follower.fetch());
    this.#talk = new Talk(context, (epoch) => this.#follower.unreached(epoch));
    this.#applicants = new Applicants(context, this.#committer, (identity) => this.#upkeep.forget(identity));
    this.#asks = new Asks(context, { committer: this.#committer, talk: this.#talk, voice: this.#voice });
    this.#bundler = new Bundler(context);
    this.#codes = new CodeTable(context, this.#talk);
    this.#roster = new Roster(context);
    this.#board = new Board(context, {
      asked: () => this.#asks.pending, compared: () => this.#codes.compared, vouched: () => this.#roster.vouched,
    });
    this.#upkeep = new Upkeep(context, this.#committer, this.#voice);
    const [committer, voice, asks, applicants, upkeep] = [this.#committer, this.#voice, this.#asks, this.#applicants, this.#upkeep];
    this.#desk = new Desk(context, { committer, voice, asks, applicants, upkeep, talk: this.#talk, codes: this.#codes });
    const { room, members } = context.group.view;
    this.#joinedSealed = room.mode === 'sealed' || room.grants.length === 0;
    this.#guest = members.get(context.group.leaf)?.credential.kind === 'guest';
  }

  get group(): Uint8Array {
    return this.#context.group.view.group;
  }

  /** start seals from now on. Whoever is let in into a room where somebody listens, or that is looser than it was, decides first. */
  async start({ askLooser }: Beginning, memory: Memory | undefined): Promise<void> {
    const { group: { view }, emit } = this.#context;
    const ask = askLooser ? allKinds : newKinds(undefined, view.room);
    await this.#install(ask);
    emit({ type: 'joined', epoch: view.epoch, askLooser });
    if (ask.length > 0) emit({ type: 'listener', epoch: view.epoch, kinds: ask, wait: true });
    await this.#remember(memory);
    this.#upkeep.start();
    await this.#show();
  }

  /** disconnected: nothing is sent until we know what we missed. */
  disconnected(): void {
    this.#voice.hold('break');
    this.#committer.pause();
    this.#talk.pause();
  }

  connected(): void {
    if (!this.#broken) this.#follower.fetch();
  }

  /** notice takes what the service says. */
  async notice(notice: Notice): Promise<void> {
    if (this.#broken) return;
    switch (notice.type) {
      case 'applied':
        return this.#follower.take(notice.record);
      case 'applicant':
        return this.#applicants.came(notice.keyPackage);
      case 'applicantGone':
        { this.#applicants.gone(notice.ref); return; }
      case 'relayed':
        return this.#heard(await this.#talk.hear(notice.message));
      case 'bundled':
        { this.#bundler.given(notice.epoch, notice.n); return; }
      case 'presence':
        this.#upkeep.presence(notice.leaf, notice.here);
        return this.#roster.show();
      case 'asked':
        await this.#asks.came({ request: notice.request, sig: notice.sig });
        { this.#board.show(); return; }
      case 'withdrawn':
        await this.#asks.withdrawn(notice.request);
        { this.#board.show(); return; }
      default:
    }
  }

  /** command does what the page wants. */
  async command(command: Command): Promise<void> {
    if (this.#broken) return;
    switch (command.type) {
      case 'continue':
        this.#context.media.goOn(this.#context.group.view.epoch);
        this.#voice.goOn();
        return;
      case 'muteMe':
        this.#chime?.();
        return;
      case 'seen': {
        const ahead = this.#board.seen(command.leaf, command.epochByte);
        if (ahead !== undefined) this.#follower.unreached(ahead);
        return;
      }
      case 'watchdog':
        { this.#board.watchdog(command.fine); return; }
      default:
        await this.#desk.command(command);
        this.#board.show();
    }
  }

  /** broken ends sending for good. */
  broken(why: BrokenWhy): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#context.media.halt();
    this.#committer.pause();
    this.#board.broken(why);
    this.#context.emit({ type: 'broken', why });
    this.#ends.broken(why);
  }

  /** end: we send nothing more from here. */
  end(): void {
    this.#broken = true;
    this.#context.media.halt();
  }

  async #applied(applied: Applied, record: LogRecord): Promise<void> {
    const { before, after, removed, sender } = applied;
    const { group, absent, later } = this.#context;
    if (after === undefined) {
      this.#context.media.halt();
      this.#ends.removed(sender.credential.name, adds(record.commit, this.#context.identity.publicKey));
      return;
    }
    for (const { leaf } of removed) absent.delete(leaf);
    const joined = this.#roster.applied(before, after, sender);
    this.#board.applied(applied);
    await this.#listen(before, after);
    this.#voice.applied(after);
    this.#upkeep.applied(after);
    await this.#asks.applied(after);
    this.#applicants.applied(after);
    this.#bundler.applied();
    await this.#codes.applied(joined);
    later(formerMs, async () => {
      if (group.open && group.view.epoch === after.epoch) await group.forget();
    });
    await this.#committer.applied();
    await this.#remember(await this.#context.store.memory(this.#context.room));
    await this.#show();
  }

  /** listen installs the keys, and sees to it that nobody is heard by somebody new without a word. */
  async #listen(before: View, after: View): Promise<void> {
    const { emit, later, media } = this.#context;
    const unasked = { ...after.room, grants: after.room.grants.filter((grant) => !this.#asks.agreed(grant)) };
    const kinds = newKinds(before.room, unasked);
    await this.#install(kinds);
    for (const { n, request } of after.room.grants) {
      if (!before.room.grants.some((old) => old.n === n)) emit({ type: 'lines', n, legs: decodeRequest(request).legs });
    }
    if (kinds.length === 0) return;
    const wait = this.#guest || this.#joinedSealed;
    emit({ type: 'listener', epoch: after.epoch, kinds, wait });
    if (!wait) this.#chime = later(chimeMs, () => media.goOn(after.epoch));
  }

  async #install(ask: readonly Kind[]): Promise<void> {
    const keys = await this.#context.group.keys();
    try {
      await this.#context.media.install(keys, ask);
    } finally {
      const grants = keys.grants.flatMap((grant) => Object.values(grant.keys));
      for (const secret of [...Object.values(keys.media), ...grants, keys.tag]) secret.fill(0);
    }
  }

  async #current(): Promise<void> {
    this.#voice.release('break');
    await this.#talk.resume();
    await this.#committer.resume();
  }

  async #heard(heard: Heard | undefined): Promise<void> {
    if (heard === undefined) return;
    const { message, from } = heard;
    const { emit } = this.#context;
    if (isCode(message)) return this.#codes.hear(heard, message);
    switch (message.t) {
      case 'chat':
        { emit({ type: 'chat', from: person(from), text: message.text }); return; }
      case 'hand':
        { emit({ type: 'hand', from: person(from), up: message.up }); return; }
      case 'leave':
        return this.#upkeep.departed(from);
      default:
        await this.#asks.hear(heard, message);
        this.#board.show();
    }
  }

  async #show(): Promise<void> {
    await this.#roster.show();
    this.#asks.show();
    this.#board.show();
  }

  async #remember(memory: Memory | undefined): Promise<void> {
    const { group: { view }, store, room } = this.#context;
    const known = memory !== undefined && equal(memory.group, view.group) ? memory.identities : [];
    const present = [...view.members.values()].map(({ credential }) => credential.identity);
    const fresh = present.filter((identity) => !known.some((k) => equal(k, identity)));
    const strictest = memory !== undefined && looser(view.room.mode, memory.strictest) ? memory.strictest : view.room.mode;
    await store.remember(room, { group: view.group, identities: [...known, ...fresh].slice(-512), strictest });
  }
}
