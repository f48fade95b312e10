import type { Edit } from './edit.ts';
import { planNext, standing, type Plan } from './plan.ts';
import type { View } from './view.ts';

/** A wish that came to its end. */
export interface Settled {
  readonly edit: Edit;
  readonly standing: 'done' | 'impossible';
}

/**
 * Wishes are edits that wait for a commit. settle has to be called after every applied commit, won or lost: it is what keeps a
 * wish that somebody else fulfilled, and a third has undone since, from being done again.
 */
export class Wishes {
  #open: readonly Edit[] = [];

  /** want adds a wish. */
  want(edit: Edit): void {
    this.#open = [...this.#open, edit];
  }

  /** withdraw takes one back, the same object that was given to want. */
  withdraw(edit: Edit): void {
    this.#open = this.#open.filter((wish) => wish !== edit);
  }

  /** settle takes out what is true by now, or can no longer be. */
  settle(view: View, self: number): readonly Settled[] {
    const settled: Settled[] = [];
    const open: Edit[] = [];
    for (const edit of this.#open) {
      const now = standing(view, self, edit);
      if (now === 'open') open.push(edit);
      else settled.push({ edit, standing: now });
    }
    this.#open = open;
    return settled;
  }

  /** next is the commit to make now for what is still open. Errors: as planNext. */
  next(view: View, self: number): Plan | undefined {
    return planNext(view, self, this.#open);
  }
}
