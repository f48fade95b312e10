import type { Applied } from '../mls/group.ts';
import { GroupError } from '../mls/group_error.ts';
import { Claims, type Ahead } from './claims.ts';
import { nameOf, type SeatContext } from './context.ts';
import type { BrokenWhy } from './room_state.ts';
import type { Cancel } from './ports.ts';
import type { Answer, LogRecord } from './wire.ts';

/** How long an epoch that others are in may be out of our reach, ms. */
const reachMs = 2000;
/** How often sightings make us ask for what we may have missed, ms. */
const lookMs = 2000;
/** After somebody answered from our own epoch nobody is asked for so long, ms: forged headers shall not cost all a message each. */
const askAgainMs = 10_000;
/** Most records kept while older ones are fetched. */
const mostKept = 64;

/** What the follower tells of. */
export interface Followed {
  applied(applied: Applied, record: LogRecord): Promise<void>;
  /** The epoch we are in was opened again: another commit may come. */
  reopened(): Promise<void>;
  /** We have everything that the service has. */
  current(): Promise<void>;
  /** We cannot follow: sending stops, and we need a new leaf. */
  lost(why: BrokenWhy): void;
  /** That leaf seems to be in an epoch that we are not in: it has to be asked. Who is still with us answers. */
  ask(leaf: number): Promise<void>;
  /** The service says that we have no leaf. */
  unseated(): void;
}

/**
 * Follower reads the log in order, and judges what the group does with each commit. A commit that breaks the rules is ignored and
 * reported; one that we cannot apply, and an epoch that we do not reach in 2 s, ends our following. What frames say of themselves is never
 * enough for that: the leaf that they name is asked, through the service, and only its silence counts.
 */
export class Follower {
  readonly #context: SeatContext;
  readonly #followed: Followed;
  #seq: number;
  #fetching = false;
  /** When a sighting last made us ask, ms. */
  #looked = -Infinity;
  #kept: LogRecord[] = [];
  readonly #claims = new Claims();
  /** The epoch that we try to reach, and who seems to be in it: undefined where the log itself says so. */
  #behind: { readonly epoch: bigint; readonly by: Ahead | undefined; readonly timer: Cancel } | undefined;
  /** No leaf is asked before, ms. */
  #patientUntil = -Infinity;
  /** Without a connection there is nobody to ask. */
  #away = false;

  constructor(context: SeatContext, seq: number, followed: Followed) {
    this.#context = context;
    this.#seq = seq;
    this.#followed = followed;
  }

  /** fetch asks for what we missed: after a break, and where a record is missing. */
  fetch(): void {
    this.#fetching = true;
    this.#away = false;
    this.#context.line.ask({ type: 'missed', seq: this.#seq }, (answer) => this.#fetched(answer));
  }

  /** take is given each record as it comes. One that we have is a replay and does nothing. */
  async take(record: LogRecord): Promise<void> {
    if (record.seq <= this.#seq) return;
    if (record.seq === this.#seq + 1 && !this.#fetching) return this.#read(record);
    if (this.#kept.length < mostKept) this.#kept.push(record);
    if (!this.#fetching) this.fetch();
  }

  /** away: the connection broke. What others have done meanwhile is fetched after it. */
  away(): void {
    this.#away = true;
    this.#claims.clear();
    this.#reached();
  }

  /** sighted is told of an epoch that somebody seems to be in, by a header that nobody proves. */
  async sighted(by: Ahead, epoch: bigint): Promise<void> {
    const { group, clock, absent } = this.#context;
    const now = clock.ms();
    if (this.#away || epoch <= group.view.epoch) return;
    // To ask what we missed harms nobody.
    if (!this.#fetching && now - this.#looked >= lookMs) {
      this.#looked = now;
      this.fetch();
    }
    const ahead = this.#claims.sighted(by, epoch, group.view.epoch, now);
    if (ahead === undefined || this.#behind !== undefined) return;
    if (by !== 'messages') {
      // Who has no connection cannot answer, and sends no frames either.
      if (now < this.#patientUntil || absent.has(by)) return;
      await this.#followed.ask(by);
    }
    this.#unreached(ahead, by);
  }

  /** heard: something of that leaf was opened under keys of that epoch, a frame or a message. */
  heard(leaf: number, epoch: bigint): void {
    if (!this.#claims.heard(leaf, epoch) || this.#behind?.by !== leaf) return;
    this.#patientUntil = this.#context.clock.ms() + askAgainMs;
    this.#reached();
  }

  /** unreached: what says so after 2 s as well ends our following. */
  #unreached(epoch: bigint, by?: Ahead): void {
    if (this.#behind !== undefined) return;
    const { clock, later } = this.#context;
    const timer = later(reachMs, () => {
      this.#behind = undefined;
      // What has stopped was no epoch.
      if (by === undefined || this.#claims.still(by, clock.ms())) this.#followed.lost('behind');
    });
    this.#behind = { epoch, by, timer };
    this.fetch();
  }

  async #fetched(answer: Answer): Promise<void> {
    this.#fetching = false;
    if (answer.type === 'failed') {
      if (answer.fault === 'throttled') this.#context.later(answer.after, () => this.fetch());
      else if (answer.fault === 'leaf') this.#followed.unseated();
      else this.#followed.lost('behind');
      return;
    }
    const kept = this.#kept;
    this.#kept = [];
    const records = [...(answer.type === 'records' ? answer.records : []), ...kept].sort((a, b) => a.seq - b.seq);
    for (const record of records) {
      // A gap in the very answer is the server's to explain; what comes later shows whether we are behind.
      if (record.seq > this.#seq && this.#context.group.open) await this.#read(record);
    }
    if (this.#context.group.open) await this.#followed.current();
  }

  async #read(record: LogRecord): Promise<void> {
    this.#seq = record.seq;
    const { epoch } = this.#context.group.view;
    if (record.kind === 'committed') return this.#commit(record);
    if (record.kind === 'founded') return;
    if (BigInt(record.epoch) < epoch) this.#followed.lost('reopened');
    else if (BigInt(record.epoch) === epoch) {
      this.#reached();
      await this.#followed.reopened();
    }
  }

  async #commit(record: LogRecord): Promise<void> {
    const { group } = this.#context;
    const epoch = BigInt(record.epoch);
    if (epoch > group.view.epoch) { this.#unreached(epoch); return; }
    let applied: Applied;
    try {
      applied = await group.apply(record.commit);
    } catch (error) {
      if (!(error instanceof GroupError)) throw error;
      this.#refused(error, record); return;
    }
    this.#claims.reached(group.view.epoch);
    if (this.#behind !== undefined && group.view.epoch >= this.#behind.epoch) this.#reached();
    await this.#followed.applied(applied, record);
  }

  #refused(error: GroupError, { epoch }: LogRecord): void {
    const { group, emit, line } = this.#context;
    if (error.fault === 'unreachable') return this.#followed.lost('unreachable');
    if (BigInt(epoch) < group.view.epoch) return; // an old commit again
    const by = error.provenSender === undefined ? undefined : nameOf(group.view.members.get(error.provenSender));
    emit({ type: 'failure', failure: { what: 'badCommit', by } });
    line.ask({ type: 'refuse', epoch }, () => undefined);
  }

  #reached(): void {
    this.#behind?.timer();
    this.#behind = undefined;
  }
}
