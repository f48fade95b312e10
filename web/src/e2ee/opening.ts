import type { TrackCount } from './worker/messages.ts';

/** How long frames come and none of them opens before it is said, ms: the keys of an epoch may be 2 s on their way. */
const shutMs = 3000;
/** Fewer frames than these are no stream that fails, but what is left of one. */
const leastShut = 3;
/** How long frames have to open again before it is taken back, ms. */
const openMs = 500;
/** Where nothing has come for so long, nothing is said of what comes, ms. */
const goneMs = 5000;

/** What one look at the counters of a receiver found since the look before. */
export interface Passage {
  /** When, ms on a clock that does not go back. */
  readonly at: number;
  readonly opened: number;
  readonly refused: number;
}

/** passageOf compares two looks. What a browser sends as padding is no frame. */
export function passageOf(at: number, before: TrackCount | undefined, now: TrackCount): Passage {
  return { at, opened: now.passed - (before?.passed ?? now.passed), refused: before === undefined ? 0 : refusals(now) - refusals(before) };
}

function refusals({ dropped }: TrackCount): number {
  return Object.entries(dropped).reduce((sum, [reason, count]) => (reason === 'empty' ? sum : sum + count), 0);
}

/** Opening is what is known of a receiver: whether what comes there opens. */
export interface Opening {
  /** Frames come, and none of them opens. */
  readonly shut: boolean;
  /** Since when, ms, none has opened that came; and how many. */
  readonly failing?: { readonly since: number; readonly last: number; readonly frames: number };
  /** Since when, ms, they open again. */
  readonly opens?: number;
}

/** open is a receiver of which nothing is known yet. */
export const open: Opening = { shut: false };

/**
 * looked is what is known after another look. Pure. It is slow to say that nothing opens, as every commit is a moment in which that is
 * so, and a little slower than the first frame to take it back.
 */
export function looked(before: Opening, { at, opened, refused }: Passage): Opening {
  if (opened > 0) {
    const opens = before.opens ?? at;
    return before.shut && at - opens < openMs ? { ...before, opens } : open;
  }
  const { failing } = before;
  if (refused === 0) return failing === undefined || at - failing.last >= goneMs ? open : before;
  const now = { since: failing?.since ?? at, last: at, frames: (failing?.frames ?? 0) + refused };
  return { shut: before.shut || (at - now.since >= shutMs && now.frames >= leastShut), failing: now };
}
