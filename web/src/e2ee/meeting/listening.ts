import { kinds as allKinds, type Kind } from '../frame/kind.ts';
import type { View } from '../mls/view.ts';
import { decodeRequest } from '../policy/grant_request.ts';
import type { Asks } from './asks.ts';
import type { SeatContext } from './context.ts';
import { shownLeg } from './display_name.ts';
import type { Cancel } from './ports.ts';
import { newKinds } from './room_state.ts';

/** How long people are silent for a new listener who are not asked to decide, ms. */
const chimeMs = 3000;

/** Listening installs the keys of each epoch, and sees to it that nobody is heard by somebody new without a word. */
export class Listening {
  readonly #context: SeatContext;
  readonly #asks: Asks;
  /** Guests decide, and whoever came while nobody listened. */
  readonly #decides: boolean;
  #chime: Cancel | undefined;

  constructor(context: SeatContext, asks: Asks) {
    const { group: { view, leaf } } = context;
    this.#context = context;
    this.#asks = asks;
    this.#decides = view.room.mode === 'sealed' || view.room.grants.length === 0 || view.members.get(leaf)?.credential.kind === 'guest';
  }

  /** start seals from now on. Whoever comes into a room where somebody listens, or that is looser than it was, decides first. */
  async start(askLooser: boolean): Promise<void> {
    const { group: { view }, emit } = this.#context;
    const ask = askLooser ? allKinds : newKinds(undefined, view.room);
    await this.#install(ask);
    emit({ type: 'joined', epoch: view.epoch, askLooser });
    if (ask.length > 0) emit({ type: 'listener', epoch: view.epoch, kinds: ask, wait: true });
  }

  /** applied follows a commit. */
  async applied(before: View, after: View): Promise<void> {
    const { emit, later, media } = this.#context;
    const unasked = { ...after.room, grants: after.room.grants.filter((grant) => !this.#asks.agreed(grant)) };
    const kinds = newKinds(before.room, unasked);
    await this.#install(kinds);
    for (const { n, request } of after.room.grants) {
      if (!before.room.grants.some((old) => old.n === n)) emit({ type: 'lines', n, legs: decodeRequest(request).legs.map(shownLeg) });
    }
    if (kinds.length === 0) return;
    const wait = this.#decides || after.room.grants.some((grant) => this.#asks.objected(grant));
    emit({ type: 'listener', epoch: after.epoch, kinds, wait });
    if (wait) return;
    this.#chime = later(chimeMs, () => {
      media.goOn(after.epoch);
      emit({ type: 'wentOn', epoch: after.epoch });
    });
  }

  /** muteMe: silent until the user continues. */
  muteMe(): void {
    this.#chime?.();
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
}
