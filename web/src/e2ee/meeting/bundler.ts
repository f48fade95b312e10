import { encodeSealed } from '../mls/bundle.ts';
import { turnOf, type SeatContext } from './context.ts';

/** How long a gateway waits for the keys of an epoch before the first host seals them anew, ms. */
const missingMs = 1000;

/**
 * Bundler sees to it that every gateway with a grant has the keys of the epoch. They come with a host's commit; after one of
 * somebody else, and wherever one is missing for 1 s, the lowest host seals them, the next a second later.
 */
export class Bundler {
  readonly #context: SeatContext;
  /** By grant: the newest epoch whose bundle its gateway has. */
  readonly #given = new Map<number, number>();

  constructor(context: SeatContext) {
    this.#context = context;
  }

  /** applied looks, some time after a commit, whether every gateway has the keys. */
  applied(): void {
    const { room, epoch } = this.#context.group.view;
    const wait = turnOf(this.#context, 'hosts');
    if (room.grants.length === 0 || wait === undefined) return;
    this.#context.later(missingMs + wait, async () => {
      if (this.#context.group.view.epoch === epoch) await this.#seal();
    });
  }

  /** given is told of a bundle that its gateway took. */
  given(epoch: number, n: number): void {
    this.#given.set(n, Math.max(epoch, this.#given.get(n) ?? 0));
  }

  async #seal(): Promise<void> {
    const { group, line } = this.#context;
    const missing = group.view.room.grants.filter(({ n }) => this.#given.get(n) !== Number(group.view.epoch));
    if (missing.length === 0) return;
    for (const sealed of await group.bundles()) {
      if (missing.some(({ n }) => n === sealed.n)) line.ask({ type: 'bundle', sealed: encodeSealed(sealed) }, () => undefined);
    }
  }
}
