import { Refusal, type RefusalReason } from '../frame/refusal.ts';
import type { Source } from '../frame/keyid.ts';
import type { TrackCount } from './messages.ts';

/** Tally counts what one transform does. */
export class Tally {
  readonly #dropped: Partial<Record<RefusalReason, number>> = {};
  seen = 0;
  passed = 0;
  bytes = 0;
  source: Source | undefined;

  /** pass counts a frame that goes on with that many bytes. */
  pass(bytes: number): void {
    this.passed++;
    this.bytes += bytes;
  }

  /** drop counts a frame that goes no further, by the error that kept it. */
  drop(error: unknown): void {
    const reason = error instanceof Refusal ? error.reason : 'failed';
    this.#dropped[reason] = 1 + (this.#dropped[reason] ?? 0);
  }

  report(id: string, side: 'send' | 'receive'): TrackCount {
    const count = { id, side, seen: this.seen, passed: this.passed, bytes: this.bytes, dropped: { ...this.#dropped } };
    return this.source === undefined ? count : { ...count, source: this.source };
  }
}
