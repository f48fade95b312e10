import type { Medium } from './frame/kind.ts';
import { provingFrames, type Counted, type TrackCount } from './worker/messages.ts';

/** How often the watchdog looks, ms, and for how long something may be wrong before it acts, ms. */
export const watchEveryMs = 250;
export const toleranceMs = 1000;

/** How far back it compares: a picture that hardly moves has a frame a second. */
const memoryMs = 10_000;
/** How long something may be on its way between worker and network, in looks. */
const looksOnTheWay = 2;
/** How long the worker may take to answer, ms: one that is busy counts late, and what it counts then is still right. */
const answerMs = 1000;
/** Questions in a row that the worker has left unanswered when it counts as dead. What it does not answer it does not seal either. */
export const silentLooks = 3;

/**
 * What may be counted outside alone: of pictures the last one of each simulcast layer, which is lost between encoder and
 * transform when a camera stops; of sound a second of silence.
 */
const slack: Readonly<Record<Medium, number>> = { audio: 150, video: 3 };

/** Sample is one look at a sender or receiver. Sound is counted in bytes, pictures in frames, since it was made. */
export interface Sample {
  /** When, ms on a clock that does not go back. */
  readonly at: number;
  /** What the browser counts outside of the transform, and what the worker counted a moment later. */
  readonly outside: number;
  readonly inside: number;
  /** Whether the worker answered; if not, inside is what it said last. */
  readonly answered: boolean;
  /** Frames that went on sealed or opened. */
  readonly passed: number;
}

/** proving: silence only until the transform is seen to work; proved: it does; broken: frames go past it, or the worker is dead. */
export type Verdict = 'proving' | 'proved' | 'broken';

/**
 * judge decides over the looks of the last seconds, oldest first. Broken stays broken, and proved does not go back to proving.
 * Pure. Over any second or more, no more may have come outside than passed inside; the latter is counted from a little earlier,
 * for what was on its way.
 */
export function judge(before: Verdict, trail: readonly Sample[], medium: Medium): Verdict {
  const last = trail.at(-1);
  if (before === 'broken' || last === undefined) return before;
  const since = last.at - toleranceMs;
  if (trail.length >= silentLooks && trail.slice(-silentLooks).every((s) => !s.answered)) return 'broken';
  if (!last.answered) return before; // what it counts meanwhile is not known
  for (const [i, first] of trail.entries()) {
    const earlier = trail[i - looksOnTheWay];
    if (first.at > since) break;
    if (earlier !== undefined && last.outside - first.outside > last.inside - earlier.inside + slack[medium]) return 'broken';
  }
  if (before === 'proved') return 'proved';
  const agree = (s: Sample) => s.outside <= s.inside + slack[medium];
  if (last.passed >= provingFrames && last.outside > 0 && agree(last)) return 'proved';
  const whole = trail[0] !== undefined && trail[0].at <= since;
  return whole && trail.every((s) => s.at < since || !agree(s)) ? 'broken' : 'proving';
}

/** What getStats tells of one stream, as far as it is used (W3C WebRTC Statistics, sections 8.4 and 8.6). */
export interface StreamStats {
  readonly id: string;
  readonly type: string;
  /** The m-line, where the browser says it. */
  readonly mid?: string;
  readonly bytesSent?: number;
  readonly retransmittedBytesSent?: number;
  readonly framesEncoded?: number;
  readonly framesReceived?: number;
}

/**
 * outsideOf is what a browser counted for each stream of one sender or receiver: payload of sound sent, in bytes, as packets that
 * are nothing but padding count as packets; pictures encoded; pictures received. Of sound received there is nothing to hold
 * against: it goes into a buffer that makes up what is missing.
 */
export function outsideOf(stats: Iterable<StreamStats>, side: 'send' | 'receive', medium: Medium): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  if (side === 'receive' && medium === 'audio') return counts;
  for (const s of stats) {
    if (s.type !== (side === 'send' ? 'outbound-rtp' : 'inbound-rtp')) continue;
    const sound = (s.bytesSent ?? 0) - (s.retransmittedBytesSent ?? 0);
    const pictures = (side === 'send' ? s.framesEncoded : s.framesReceived) ?? 0;
    counts.set(s.id, medium === 'audio' ? sound : pictures);
  }
  return counts;
}

/** insideOf is the worker's count to hold against it: sound is compared as it leaves, pictures as they come in. */
export function insideOf(track: TrackCount, medium: Medium): number {
  return track.side === 'send' && medium === 'audio' ? track.bytes : track.seen;
}

/** Report is what getStats gives, or a part of it. */
export interface Report {
  forEach(each: (stats: StreamStats) => void): void;
}

/** Watched is one sender or receiver under watch. */
export interface Watched {
  readonly id: string;
  readonly side: 'send' | 'receive';
  readonly medium: Medium;
  readonly stats: () => Promise<Report>;
  /** Told of every new verdict. On broken it has already cut the stream off, at once and for good. */
  readonly verdict: (verdict: Verdict) => void;
  /** Cuts the stream off: a sender's track becomes null, a receiver's is disabled. */
  readonly cut: () => void;
}

/** The counts of a stream that came and went are kept, or a new one would hide behind the old. */
class Watch {
  readonly #counted = new Map<string, number>();
  #total = 0;
  #trail: readonly Sample[] = [];
  #verdict: Verdict = 'proving';

  constructor(readonly target: Watched) {}

  /** outside takes in what getStats says and gives the sum over all streams there ever were. */
  outside(counts: ReadonlyMap<string, number>): number {
    for (const [id, count] of counts) {
      this.#total += Math.max(0, count - (this.#counted.get(id) ?? 0));
      this.#counted.set(id, count);
    }
    return this.#total;
  }

  look(at: number, outside: number, track: TrackCount | undefined): void {
    const before = this.#trail.at(-1);
    const { medium } = this.target;
    const inside = track === undefined ? before?.inside ?? 0 : insideOf(track, medium);
    const passed = track?.passed ?? before?.passed ?? 0;
    const sample = { at, outside, inside, answered: track !== undefined, passed };
    this.#trail = [...this.#trail.filter((s) => s.at >= at - memoryMs), sample];
    const verdict = judge(this.#verdict, this.#trail, medium);
    if (verdict === this.#verdict) return;
    this.#verdict = verdict;
    if (verdict === 'broken') this.target.cut();
    this.target.verdict(verdict);
  }
}

/** Watchdog holds what the browser counts against what the worker counts, and cuts off whatever passes the worker by. */
export class Watchdog {
  readonly #count: (patienceMs: number) => Promise<Counted | undefined>;
  readonly #now: () => number;
  readonly #watches = new Set<Watch>();
  #timer: ReturnType<typeof setTimeout> | undefined;
  #stopped = false;

  /** count asks the worker; now is a clock that does not go back, ms. */
  constructor(count: (patienceMs: number) => Promise<Counted | undefined>, now: () => number = () => performance.now()) {
    this.#count = count;
    this.#now = now;
  }

  /** watch begins with a sender or receiver, in the task that made it. The result ends it. */
  watch(target: Watched): () => void {
    const watch = new Watch(target);
    this.#watches.add(watch);
    return () => void this.#watches.delete(watch);
  }

  /** start looks every 250 ms until stop. */
  start(): void {
    this.#timer = setTimeout(() => void this.look().finally(() => {
      if (!this.#stopped) this.start();
    }), watchEveryMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  /** look takes one sample of everything. The worker is asked after the browser: what it counts is then never behind. */
  async look(): Promise<void> {
    const at = this.#now();
    const outside = await Promise.all([...this.#watches].map(async (watch) => {
      const { side, medium, stats } = watch.target;
      const report = await stats().catch(() => undefined);
      return { watch, outside: watch.outside(outsideOf(report === undefined ? [] : streams(report), side, medium)) };
    }));
    const counted = await this.#count(answerMs);
    for (const { watch, outside: seen } of outside) {
      if (this.#watches.has(watch)) watch.look(at, seen, counted?.tracks.find((track) => track.id === watch.target.id));
    }
  }
}

function streams(report: Report): readonly StreamStats[] {
  const all: StreamStats[] = [];
  report.forEach((stats) => all.push(stats));
  return all;
}
