import { equal, hex } from '../policy/bytes.ts';
import { PolicyError } from '../policy/policy_error.ts';
import { encodeSealed } from '../mls/bundle.ts';
import type { Edit } from '../mls/edit.ts';
import { GroupError } from '../mls/group_error.ts';
import type { Plan } from '../mls/plan.ts';
import { Wishes } from '../mls/wishes.ts';
import type { SeatContext } from './context.ts';
import type { Cancel } from './ports.ts';
import type { Answer, ServerFault } from './wire.ts';

/** Roster changes that can wait are put together for this long, ms, and up to as much more by chance. */
const batchMs = 1000;
/** How long a commit that was taken, or lost, may be without the record that says which one won, ms. */
const recordMs = 2000;

/**
 * Urgency: at once; together with what else comes in 1 to 2 s; or at once where nothing went before, and together with what else
 * comes until 1 to 2 s after the last commit where something did: who comes alone does not wait.
 */
export type Urgency = 'now' | 'soon' | 'next';

/** Attempt is a commit that was sent, and who was to come by it or a later one. */
interface Attempt {
  readonly newcomers: readonly Edit[];
}

/** CommitterEnds is what a Committer tells. */
export interface CommitterEnds {
  /** A record that tells who won did not come: it is to be asked for. */
  catchUp(): void;
  /** Nothing comes of that wish. */
  dropped(edit: Edit): Promise<void>;
}

/**
 * Committer brings wishes into the group: one commit under way at a time, made anew from the wishes that are still open whenever
 * another commit won. Our state stays where it is until the record of the winner comes back.
 */
export class Committer {
  readonly #context: SeatContext;
  readonly #wishes = new Wishes();
  readonly #open = new Set<Edit>();
  readonly #ends: CommitterEnds;
  /** The commit under way. */
  #attempt: Attempt | undefined;
  #paused = false;
  #due = Infinity;
  #batchedUntil = 0;
  #notBefore = 0;
  #timer: Cancel | undefined;

  constructor(context: SeatContext, ends: CommitterEnds) {
    this.#context = context;
    this.#ends = ends;
  }

  /** want adds a wish. The same wish twice is one. */
  async want(edit: Edit, urgency: Urgency = 'now'): Promise<void> {
    await this.wantAll([edit], urgency);
  }

  /** wantAll adds wishes that may come true in one commit. */
  async wantAll(edits: readonly Edit[], urgency: Urgency): Promise<void> {
    let added = false;
    for (const edit of edits) added = this.#add(edit) || added;
    if (!added) return;
    if (this.#attempt === undefined) this.#settle();
    this.#due = Math.min(this.#due, this.#dueOf(urgency));
    await this.#pump();
  }

  #add(edit: Edit): boolean {
    if ([...this.#open].some((open) => sameEdit(open, edit))) return false;
    if (this.#open.size === 0) this.#due = Infinity;
    this.#open.add(edit);
    this.#wishes.want(edit);
    return true;
  }

  #dueOf(urgency: Urgency): number {
    const { clock } = this.#context;
    switch (urgency) {
      case 'now':
        return clock.ms();
      case 'soon':
        return clock.ms() + batchMs + clock.random() * batchMs;
      case 'next':
        return Math.max(clock.ms(), this.#batchedUntil);
    }
  }

  /** withdraw takes back the wishes that match. */
  withdraw(matches: (edit: Edit) => boolean): void {
    for (const edit of this.#open) {
      if (!matches(edit)) continue;
      this.#open.delete(edit);
      this.#wishes.withdraw(edit);
    }
  }

  /** pause keeps wishes where they are, as long as we may not be in the present epoch. */
  pause(): void {
    this.#paused = true;
    this.#attempt = undefined;
  }

  async resume(): Promise<void> {
    this.#paused = false;
    await this.#pump();
  }

  /** applied is called after every applied commit, and after an epoch was opened again. */
  async applied(): Promise<void> {
    this.#attempt = undefined;
    this.#settle();
    await this.#pump();
  }

  /** settle ends wishes that are fulfilled, by whomever, and those that no longer can be. */
  #settle(): void {
    const { group } = this.#context;
    if (!group.open) return;
    for (const { edit, standing } of this.#wishes.settle(group.view, group.leaf)) {
      this.#open.delete(edit);
      if (standing === 'impossible') this.#undone(edit, 'impossible');
    }
  }

  async #pump(): Promise<void> {
    const { clock, group } = this.#context;
    if (this.#paused || this.#attempt !== undefined || !group.open || this.#open.size === 0) return;
    const wait = Math.max(this.#due, this.#notBefore) - clock.ms();
    if (wait > 0) {
      this.#timer?.();
      this.#timer = this.#context.later(wait, () => this.#pump());
      return;
    }
    this.#due = clock.ms(); // what is left over after this commit has waited long enough
    this.#batchedUntil = this.#due + batchMs + clock.random() * batchMs;
    const plan = await this.#plan();
    if (plan === undefined) {
      this.#due = Infinity;
      return;
    }
    await this.#submit(plan);
  }

  /** plan is the next commit. A change of policy that cannot be written takes the oldest wish with it. */
  async #plan(): Promise<Plan | undefined> {
    const { view, leaf } = this.#context.group;
    for (;;) {
      try {
        return this.#wishes.next(view, leaf);
      } catch (error) {
        if (!(error instanceof PolicyError) || !(await this.#dropOldest('invalid'))) throw error;
      }
    }
  }

  async #submit(plan: Plan): Promise<void> {
    const { group, line } = this.#context;
    const made = await group.make(plan).catch((error: unknown) => {
      if (!(error instanceof GroupError)) throw error;
      return undefined;
    });
    if (made === undefined) {
      // What others would refuse is not sent. The oldest wish goes, and the rest is tried without it.
      if (await this.#dropOldest('invalid')) await this.#pump();
      return;
    }
    const attempt = { newcomers: [...this.#open].filter(isNewcomer) };
    this.#attempt = attempt;
    const { commit, welcome } = made;
    const bundles = made.bundles.map(encodeSealed);
    const question = { type: 'submit', commit, bundles, ...(welcome === undefined ? {} : { welcome }) } as const;
    line.ask(question, (answer) => this.#answered(answer, plan, attempt));
  }

  async #answered(answer: Answer, plan: Plan, attempt: Attempt): Promise<void> {
    if (this.#attempt !== attempt) return; // the record of the winner was faster
    if (answer.type !== 'failed' || answer.fault === 'lost' || answer.fault === 'epoch') {
      this.#context.later(recordMs, () => {
        if (this.#attempt === attempt) this.#ends.catchUp();
      });
      return;
    }
    this.#attempt = undefined;
    if (answer.fault === 'throttled') {
      this.#notBefore = this.#context.clock.ms() + answer.after;
    } else if (answer.fault === 'roster' && plan.shape !== 'POLICY') {
      // Somebody in it does not wait any more. Their wish has gone with them, or else nobody knows whose it is.
      if (attempt.newcomers.every((edit) => this.#open.has(edit))) await this.#drop(isNewcomer, 'roster');
    } else {
      await this.#dropOldest(answer.fault);
    }
    await this.#pump();
  }

  async #dropOldest(why: 'invalid' | ServerFault): Promise<boolean> {
    this.#settle();
    const [oldest] = this.#open;
    if (oldest === undefined) return false;
    await this.#drop((edit) => edit === oldest, why);
    return true;
  }

  async #drop(matches: (edit: Edit) => boolean, why: 'invalid' | ServerFault): Promise<void> {
    for (const edit of [...this.#open].filter(matches)) {
      this.withdraw((open) => open === edit);
      this.#undone(edit, why);
      await this.#ends.dropped(edit);
    }
  }

  #undone(edit: Edit, why: 'impossible' | 'invalid' | ServerFault): void {
    // That somebody else's REFRESH came first, or a leaf is gone already, is nobody's loss.
    if (edit.do !== 'refresh') this.#context.emit({ type: 'undone', wish: edit.do, why });
  }
}

function isNewcomer(edit: Edit): boolean {
  return edit.do === 'add' || edit.do === 'rejoin';
}

function sameEdit(a: Edit, b: Edit): boolean {
  if ((a.do === 'add' || a.do === 'rejoin') && a.do === b.do) return equal(a.newcomer.ref, b.newcomer.ref);
  if (a.do === 'remove' && b.do === 'remove') return hex(a.identity) === hex(b.identity);
  if (a.do === 'revoke' && b.do === 'revoke') return a.n === b.n;
  if (a.do === 'refresh' && b.do === 'refresh') return a.epoch === b.epoch;
  return a === b;
}
