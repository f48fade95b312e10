import type { ViewItem } from '../protocol/messages.ts';

/** How long a change of the layout may settle before the gateway is told, ms. */
const settleMs = 200;

/** ViewTeller tells the gateway which videos are on the screen, and how large: the last layout of a moment, and none twice. */
export class ViewTeller {
  readonly #tell: (items: readonly ViewItem[]) => boolean;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #items: readonly ViewItem[] = [];
  #told = '';

  /** tell is false where there was no connection to tell it by. */
  constructor(tell: (items: readonly ViewItem[]) => boolean) {
    this.#tell = tell;
  }

  set(items: readonly ViewItem[]): void {
    this.#items = items;
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined;
      const now = JSON.stringify(this.#items);
      if (now !== this.#told && this.#tell(this.#items)) this.#told = now;
    }, settleMs);
  }

  /** anew: the gateway knows nothing of it any more. */
  anew(): void {
    this.#told = '';
    this.set(this.#items);
  }

  clear(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    this.#items = [];
  }
}
