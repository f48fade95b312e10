/** What may be said about starting another ceremony now. */
export type PaceAnswer = 'start' | 'running' | 'wait' | 'disturbed';

const apartMs = 10_000;
const mostFailures = 3;

/**
 * CodePace holds ceremonies apart, as each is one guess for a ghost: one at a time, one in 10 s, and after three that failed people
 * are told that somebody disturbs the comparison. Times: ms of a monotonic clock.
 */
export class CodePace {
  #running = false;
  #last = -Infinity;
  #failures = 0;

  /** ask says whether a ceremony, ours or another's, may begin, and counts it where it may. */
  ask(now: number): PaceAnswer {
    if (this.#running) return 'running';
    if (this.#failures >= mostFailures) return 'disturbed';
    if (now - this.#last < apartMs) return 'wait';
    this.#running = true;
    this.#last = now;
    return 'start';
  }

  /** ended counts how it went. */
  ended(well: boolean): void {
    this.#running = false;
    this.#failures = well ? 0 : this.#failures + 1;
  }

  /** reset begins to count anew, once people have read the warning and want to try again. */
  reset(): void {
    this.#failures = 0;
  }
}
