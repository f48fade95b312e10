import type { Applied } from '../mls/group.ts';
import { adds } from './added.ts';
import { Applicants } from './applicants.ts';
import { Asks } from './asks.ts';
import { Board } from './board.ts';
import { Bundler } from './bundler.ts';
import { CodeTable } from './code_table.ts';
import { Committer } from './committer.ts';
import { nameOf, person, type SeatContext } from './context.ts';
import { Desk } from './desk.ts';
import type { Command } from './events.ts';
import { Follower } from './follower.ts';
import { Listening } from './listening.ts';
import { grown } from './memory.ts';
import { Notes } from './notes.ts';
import type { Memory } from './ports.ts';
import type { BrokenWhy } from './room_state.ts';
import { Roster } from './roster.ts';
import { shownPolicy } from './shown_policy.ts';
import { Talk, type Heard } from './talk.ts';
import { isCode } from './talk_message.ts';
import { Upkeep } from './upkeep.ts';
import { Voice } from './voice.ts';
import { Witness } from './witness.ts';
import type { LogRecord, Notice } from './wire.ts';

/** How long messages of the epoch before are taken, ms. */
const formerMs = 5000;
/** How often we say that we are here, ms: less than what makes anybody ask (see Claims). */
const hereMs = 500;

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
  readonly #listening: Listening;
  readonly #witness: Witness;
  readonly #notes: Notes;
  #broken = false;
  /** When we last said that we are here, ms. */
  #said = -Infinity;
  /** Revision of the policy that the page was told. */
  #shownRev = -1;

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
      ask: (leaf) => this.#talk.say({ t: 'where', leaf }),
    });
    this.#committer = new Committer(context, { catchUp: () => this.#follower.fetch(), dropped: (edit) => this.#applicants.dropped(edit) });
    this.#talk = new Talk(context, (epoch) => this.#follower.sighted('messages', epoch));
    this.#asks = new Asks(context, { committer: this.#committer, talk: this.#talk, voice: this.#voice });
    this.#listening = new Listening(context, this.#asks);
    this.#bundler = new Bundler(context);
    this.#codes = new CodeTable(context, this.#talk);
    this.#notes = new Notes(context, () => this.#codes.note);
    this.#witness = new Witness(context);
    this.#roster = new Roster(context);
    this.#applicants = new Applicants(context, {
      committer: this.#committer, roster: this.#roster, returning: (identity) => this.#upkeep.forget(identity),
    });
    this.#board = new Board(context, {
      asked: () => this.#asks.pending, compared: () => this.#codes.compared, vouched: () => this.#roster.vouched,
      marked: (mark) => this.#witness.marked(mark),
    });
    this.#upkeep = new Upkeep(context, this.#committer, this.#voice);
    const [committer, voice, asks, applicants, upkeep] = [this.#committer, this.#voice, this.#asks, this.#applicants, this.#upkeep];
    this.#desk = new Desk(context, { committer, voice, asks, applicants, upkeep, talk: this.#talk, codes: this.#codes });
  }

  get group(): Uint8Array {
    return this.#context.group.view.group;
  }

  /** start seals from now on. */
  async start({ askLooser }: Beginning, memory: Memory | undefined): Promise<void> {
    await this.#listening.start(askLooser);
    await this.#remember(memory);
    this.#upkeep.start();
    await this.#show();
  }

  /** disconnected: nothing is sent until we know what we missed. */
  disconnected(): void {
    this.#voice.hold('break');
    this.#committer.pause();
    this.#talk.pause();
    this.#follower.away();
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
        return this.#applicants.came(notice.keyPackage, notice.participant);
      case 'applicantGone':
        return this.#applicants.gone(notice.ref);
      case 'relayed':
        return this.#heard(await this.#talk.hear(notice.message));
      case 'bundled':
        this.#bundler.given(notice.epoch, notice.n);
        return this.#notes.tell();
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
        this.#listening.muteMe();
        return;
      case 'seen': {
        const { leaf, epochByte, proved } = command;
        const epoch = this.#board.seen(leaf, epochByte, proved);
        if (proved) { this.#follower.heard(leaf, epoch); return; }
        return this.#follower.sighted(leaf, epoch);
      }
      case 'watchdog':
        { this.#board.watchdog(command.fine); return; }
      case 'leave':
        await this.#witness.leaving();
        return this.#desk.command(command);
      default:
        await this.#desk.command(command);
        if (command.type === 'codesMatch') await this.#notes.tell();
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
      this.#ends.removed(nameOf(sender), adds(record.commit, this.#context.identity.publicKey));
      return;
    }
    for (const { leaf } of removed) absent.delete(leaf);
    const joined = this.#roster.applied(before, after, sender);
    this.#board.applied(applied);
    await this.#listening.applied(before, after);
    this.#voice.applied(after);
    await this.#desk.applied(after);
    this.#upkeep.applied(after);
    await this.#asks.applied(after);
    await this.#applicants.applied(after);
    this.#bundler.applied();
    await this.#codes.applied(joined);
    later(formerMs, async () => {
      if (group.open && group.view.epoch === after.epoch) await group.forget();
    });
    await this.#committer.applied();
    await this.#remember(await this.#context.store.memory(this.#context.room));
    await this.#show();
  }

  async #current(): Promise<void> {
    this.#voice.release('break');
    await this.#talk.resume();
    await this.#committer.resume();
    await this.#witness.again();
  }

  async #heard(heard: Heard | undefined): Promise<void> {
    if (heard === undefined) return;
    const { message, from, epoch } = heard;
    const { emit } = this.#context;
    this.#follower.heard(from.leaf, epoch);
    if (isCode(message)) return this.#codes.hear(heard, message);
    switch (message.t) {
      case 'chat':
        { emit({ type: 'chat', from: person(from), text: message.text }); return; }
      case 'hand':
        { emit({ type: 'hand', from: person(from), up: message.up }); return; }
      case 'leave':
        return this.#upkeep.departed(from);
      case 'where':
        return this.#here(message.leaf);
      case 'here':
        return; // to be heard is all it is for
      default:
        await this.#asks.hear(heard, message);
        this.#board.show();
    }
  }

  /** here answers who asks whether we are still in this epoch. What others were told just now they know. */
  async #here(leaf: number): Promise<void> {
    const { group, clock } = this.#context;
    if (leaf !== group.leaf || clock.ms() - this.#said < hereMs) return;
    this.#said = clock.ms();
    await this.#talk.say({ t: 'here' });
  }

  async #show(): Promise<void> {
    const { group: { view: { room } }, emit } = this.#context;
    if (room.rev !== this.#shownRev) emit({ type: 'policy', policy: shownPolicy(room) });
    this.#shownRev = room.rev;
    await this.#roster.show();
    this.#asks.show();
    this.#board.show();
  }

  async #remember(memory: Memory | undefined): Promise<void> {
    const { group: { view }, store, room } = this.#context;
    await store.remember(room, grown(memory, view));
  }
}
