import type { MarkedState } from '../policy/checkpoint.ts';
import type { SeatContext } from './context.ts';
import type { RoomState } from './room_state.ts';

/** Most checkpoints of a leaf in an epoch: the log takes no more. */
const mostInEpoch = 16;

const marks: Readonly<Record<Exclude<RoomState['mark'], 'OPEN'>, MarkedState>> = {
  SEALED: 'sealed', ASKED: 'asked', 'AUDIO OPEN': 'audioOpen', 'MEDIA OPEN': 'mediaOpen', SEALING: 'sealing', BROKEN: 'broken',
};

/**
 * Witness vouches, in the meeting's log, for what our mark shows: as we come, whenever it changes, and as we go. So the server
 * cannot tell another history to the log than it told to us.
 */
export class Witness {
  readonly #context: SeatContext;
  #mark: MarkedState | undefined;
  /** The latest is not in the log yet, as far as we know. */
  #owed = false;
  #due = false;
  #epoch = -1n;
  #count = 0;

  constructor(context: SeatContext) {
    this.#context = context;
  }

  /** marked is told of every mark that is shown. It is vouched for once the meeting has done what it is at. */
  marked(mark: RoomState['mark']): void {
    if (mark === 'OPEN' || marks[mark] === this.#mark) return;
    this.#mark = marks[mark];
    this.#owed = true;
    if (this.#due) return;
    this.#due = true;
    this.#context.later(0, () => {
      this.#due = false;
      return this.#vouch();
    });
  }

  /** again says once more what a broken connection may have lost. */
  async again(): Promise<void> {
    if (this.#owed) await this.#vouch();
  }

  /** leaving is the last word. */
  async leaving(): Promise<void> {
    await this.#vouch();
  }

  async #vouch(): Promise<void> {
    const { group, line } = this.#context;
    const mark = this.#mark;
    if (mark === undefined || !group.open) return;
    const { epoch } = group.view;
    if (epoch !== this.#epoch) this.#count = 0;
    this.#epoch = epoch;
    if (++this.#count > mostInEpoch) return;
    const vouched = await group.vouch(mark);
    line.ask({ type: 'checkpoint', ...vouched }, (answer) => {
      // What the log does not take is the log's gap: nothing hangs on it here.
      if (answer.type === 'done' && mark === this.#mark) this.#owed = false;
    });
  }
}
