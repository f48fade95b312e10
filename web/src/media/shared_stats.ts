import type { Report, StreamStats } from '../e2ee/watchdog.ts';

/** How long one report serves, ms: less than the watchdog waits between two looks. */
const freshMs = 100;

interface Statistics {
  getStats(): Promise<Report>;
}

/** SharedStats asks a connection once for all its senders and receivers: each alone would have the browser make the whole report. */
export class SharedStats {
  readonly #connection: Statistics;
  readonly #now: () => number;
  #asked = -Infinity;
  #report: Promise<ReadonlyMap<string | undefined, readonly StreamStats[]>> | undefined;

  constructor(connection: Statistics, now: () => number = () => performance.now()) {
    this.#connection = connection;
    this.#now = now;
  }

  /** of is the part of one m-line; of a browser that names no m-lines it is what own says. */
  async of(mid: string | null, own: Statistics): Promise<Report> {
    if (this.#report === undefined || this.#now() - this.#asked > freshMs) {
      this.#asked = this.#now();
      this.#report = this.#ask();
    }
    const lines = await this.#report;
    return lines.has(undefined) ? own.getStats() : lines.get(mid ?? undefined) ?? [];
  }

  async #ask(): Promise<ReadonlyMap<string | undefined, readonly StreamStats[]>> {
    const lines = new Map<string | undefined, StreamStats[]>();
    (await this.#connection.getStats()).forEach((stats) => {
      if (stats.type !== 'outbound-rtp' && stats.type !== 'inbound-rtp') return;
      const line = lines.get(stats.mid);
      if (line === undefined) lines.set(stats.mid, [stats]);
      else line.push(stats);
    });
    return lines;
  }
}
