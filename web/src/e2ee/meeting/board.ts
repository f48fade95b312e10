import type { Applied } from '../mls/group.ts';
import { nameOf, type SeatContext } from './context.ts';
import type { Cancel } from './ports.ts';
import { roomState, type Allowed, type BrokenWhy, type Compared, type RoomState, type Seen, type Turn } from './room_state.ts';

/** How many commits back the board remembers: more than any retention or laggard needs. */
const mostTurns = 32;

/** What the board asks others for. */
export interface Sources {
  readonly asked: () => boolean;
  readonly compared: () => Compared | undefined;
  readonly vouched: () => boolean;
  /** Is told of the mark whenever the state is another. */
  readonly marked: (mark: RoomState['mark']) => void;
}

/** Board keeps the facts that the room state follows from, and tells the page whenever it is another. */
export class Board {
  readonly #context: SeatContext;
  readonly #sources: Sources;
  readonly #seen = new Map<number, Seen>();
  /** The latest epoch of each leaf under whose keys something of it was opened. */
  readonly #proved = new Map<number, bigint>();
  readonly #allowed = new Map<number, Allowed>();
  #turns: readonly Turn[] = [];
  #broken: BrokenWhy | undefined;
  #watchdog = true;
  #shown = '';
  #wake: Cancel | undefined;

  constructor(context: SeatContext, sources: Sources) {
    this.#context = context;
    this.#sources = sources;
  }

  /** applied notes a commit. */
  applied({ before, after, removed, sender }: Applied): void {
    if (after === undefined) return;
    const { clock } = this.#context;
    for (const { leaf } of removed) for (const known of [this.#seen, this.#proved]) known.delete(leaf);
    const gone = before.room.grants.filter((old) => !after.room.grants.some((grant) => grant.n === old.n));
    const turn = { epoch: after.epoch, at: clock.ms(), removed: removed.length > 0, revoked: gone.length > 0 };
    this.#turns = [...this.#turns.slice(1 - mostTurns), turn];
    for (const { n } of gone) this.#allowed.delete(n);
    for (const { n } of after.room.grants) {
      if (!before.room.grants.some((old) => old.n === n)) this.#allowed.set(n, { by: nameOf(sender), at: clock.unix() });
    }
  }

  /**
   * seen takes the epoch byte of a frame of a leaf, and gives the epoch that it means. Unless the frame was opened nothing in it is
   * proved: then it may warn of somebody who sends under older keys, and not take the warning back.
   */
  seen(leaf: number, epochByte: number, proved: boolean): bigint {
    const { clock, group: { view: { epoch } } } = this.#context;
    const ahead = (epochByte - Number(epoch & 0xffn)) & 0xff;
    const meant = ahead < 128 ? epoch + BigInt(ahead) : epoch - BigInt(256 - ahead);
    const latest = this.#proved.get(leaf) ?? -1n;
    // Nobody goes back to an earlier epoch: what says so was on its way, or forged.
    if (meant > epoch || meant < latest || (meant === epoch && !proved)) return meant;
    if (proved) this.#proved.set(leaf, meant);
    this.#seen.set(leaf, { epoch: meant, at: clock.ms() });
    this.show();
    return meant;
  }

  /** broken is for good: only a new leaf ends it. */
  broken(why: BrokenWhy): void {
    this.#broken ??= why;
    this.show();
  }

  watchdog(fine: boolean): void {
    this.#watchdog = fine;
    this.show();
  }

  /** show tells the page if the state is another, and looks again when it may be. */
  show(): void {
    const { group, clock, emit, later } = this.#context;
    const now = clock.ms();
    const state = roomState({
      view: group.view, turns: this.#turns, seen: this.#seen, allowed: this.#allowed, broken: this.#broken, watchdog: this.#watchdog, now,
      asked: this.#sources.asked(), compared: this.#sources.compared(), vouched: this.#sources.vouched(),
    });
    this.#wake?.();
    if (state.until !== undefined) this.#wake = later(state.until - now, () => this.show());
    const { mark, checked, says, legs } = state;
    const shown = JSON.stringify([mark, checked, says, legs], (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value));
    if (shown === this.#shown) return;
    this.#shown = shown;
    emit({ type: 'state', state });
    this.#sources.marked(mark);
  }
}
