import type { Cancel, Clock } from '../../src/e2ee/meeting/ports.ts';

/** FakeClock stands still unless it is moved. */
export class FakeClock implements Clock {
  readonly #timers = new Set<{ readonly at: number; readonly run: () => void }>();
  readonly #start = Math.floor(Date.now() / 1000) * 1000;
  now = 0;

  ms(): number {
    return this.now;
  }

  unix(): number {
    return Math.floor((this.#start + this.now) / 1000);
  }

  get date(): number {
    return this.#start + this.now;
  }

  random(): number {
    return 0.5;
  }

  after(ms: number, run: () => void): Cancel {
    const timer = { at: this.now + Math.max(0, ms), run };
    this.#timers.add(timer);
    return () => void this.#timers.delete(timer);
  }

  /** next takes the first timer that is due until then. */
  next(until: number): { readonly at: number; readonly run: () => void } | undefined {
    const [first] = [...this.#timers].filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at);
    if (first !== undefined) this.#timers.delete(first);
    return first;
  }
}
