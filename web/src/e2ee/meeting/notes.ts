import { encodeSealed } from '../mls/bundle.ts';
import type { Note } from '../mls/note.ts';
import { iAmHost, type SeatContext } from './context.ts';

/** Notes has hosts tell telephone systems which code people compared last, for who asks by telephone. */
export class Notes {
  readonly #context: SeatContext;
  readonly #compared: () => Note | undefined;
  /** By grant: of when the note is that its gateway has. */
  readonly #told = new Map<number, number>();

  /** compared is the last short code that people found to be the same. */
  constructor(context: SeatContext, compared: () => Note | undefined) {
    this.#context = context;
    this.#compared = compared;
  }

  /** tell seals the note to those who do not have it. They can open it once they have the keys of the epoch. */
  async tell(): Promise<void> {
    const note = this.#compared();
    const { group, line } = this.#context;
    if (note === undefined || !iAmHost(this.#context)) return;
    const missing = group.view.room.grants.filter(({ n }) => this.#told.get(n) !== note.at);
    if (missing.length === 0) return;
    for (const sealed of await group.notes(note)) {
      if (!missing.some(({ n }) => n === sealed.n)) continue;
      line.ask({ type: 'note', sealed: encodeSealed(sealed) }, (answer) => {
        if (answer.type === 'done') this.#told.set(sealed.n, note.at);
      });
    }
  }
}
