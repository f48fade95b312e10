import { kinds as allKinds, type Kind } from '../frame/kind.ts';
import type { View } from '../mls/view.ts';
import type { SeatContext } from './context.ts';
import type { Wish } from './events.ts';
import type { Cancel } from './ports.ts';

/** How long the server has to carry out a wish before people are told that it does not, ms. */
const patienceMs = 3000;

interface Pledge {
  readonly fulfilled: (view: View) => boolean;
  readonly late: Cancel;
  /** Whether people were told that nothing came of it. */
  told: boolean;
}

/**
 * Voice is when we are silent, whatever the server does. Somebody who wants a change is muted from that moment until it is applied,
 * so that a server gains nothing of theirs by dropping the wish.
 */
export class Voice {
  readonly #context: SeatContext;
  readonly #holds = new Map<string, readonly Kind[]>();
  readonly #pledges = new Map<string, Pledge>();

  constructor(context: SeatContext) {
    this.#context = context;
    this.#silence(); // the engine may have had another seat of this group before
  }

  /** hold is silence of these kinds until release of the same reason. */
  hold(reason: string, kinds: readonly Kind[] = allKinds): void {
    this.#holds.set(reason, kinds);
    this.#silence();
  }

  release(reason: string): void {
    if (this.#holds.delete(reason)) this.#silence();
  }

  /** pledge is silence (of all kinds, where none are given) until the group is as it was wished; after 3 s people are told. A second one of the same name adds nothing. */
  pledge(name: string, wish: Wish, kinds: readonly Kind[] | undefined, fulfilled: (view: View) => boolean): void {
    if (this.#pledges.has(name) || fulfilled(this.#context.group.view)) return;
    const late = this.#context.later(patienceMs, () => {
      pledge.told = true;
      this.#context.emit({ type: 'notCarriedOut', wish });
    });
    const pledge: Pledge = { fulfilled, late, told: false };
    this.#pledges.set(name, pledge);
    this.hold(name, kinds);
  }

  /** drop ends a pledge whose wish has no object any more. */
  drop(name: string): void {
    const pledge = this.#pledges.get(name);
    pledge?.late();
    this.#pledges.delete(name);
    this.release(name);
    const left = [...this.#pledges.values()].some(({ told }) => told);
    if (pledge?.told === true && !left) this.#context.emit({ type: 'carriedOut' });
  }

  /** goOn ends the silence for wishes that people know were not carried out, and speak all the same. */
  goOn(): void {
    for (const [name, { told }] of this.#pledges) if (told) this.drop(name);
  }

  /** applied looks which wishes a commit has fulfilled. */
  applied(view: View): void {
    for (const [name, { fulfilled }] of this.#pledges) if (fulfilled(view)) this.drop(name);
  }

  #silence(): void {
    const held = new Set([...this.#holds.values()].flat());
    this.#context.media.silence(allKinds.filter((kind) => held.has(kind)));
  }
}
