import type { MarkedState } from '../e2ee/policy/checkpoint.ts';
import type { GrantRequest } from '../e2ee/policy/grant_request.ts';

/** Most entries that one list holds; how many more there were is counted. */
const mostListed = 1000;

/** When somebody could hold keys. Times are Unix milliseconds by the server's clock. */
export interface Span {
  readonly first: number;
  /** Last epoch; counts only where the span is not open. */
  last: number;
  open: boolean;
  readonly from: number;
  to: number;
  /** By whom, in words. */
  readonly began: string;
  ended: string;
  withdrawn: boolean;
}

/** A member of the group on one leaf. */
export interface Person extends Span {
  readonly name: string;
  readonly kind: string;
  readonly identity: Uint8Array;
  readonly leaf: number;
}

/** A gateway under one grant. */
export interface Machine extends Span {
  readonly n: number;
  /** Fingerprint for people. */
  readonly gateway: string;
  readonly scope: readonly string[];
  readonly speak: readonly string[];
  /** Unix seconds. */
  readonly notAfter: number;
  readonly legs: GrantRequest['legs'];
}

/** A checkpoint that was compared. */
export interface Vouched {
  readonly line: number;
  readonly name: string;
  readonly epoch: number;
  readonly state: MarkedState;
  readonly agrees: boolean;
}

/** Something about a line. */
export interface Finding {
  readonly line: number;
  readonly text: string;
}

/** Report is what a log proves, and where it does not hold together. Go's is e2ee/ledger/report.go. */
export class Report {
  room = '';
  group = new Uint8Array(16);
  /** Fingerprint of the owner as the charter names it, for people and in links. */
  owner = 'unknown';
  ownerInLinks = 'unknown';
  /** Fingerprint of the server's key. */
  server = '';
  lines = 0;
  epoch = 0;
  from = 0;
  to = 0;
  over = false;
  stuck = false;
  more = 0;
  readonly people: Person[] = [];
  readonly machines: Machine[] = [];
  readonly vouched: Vouched[] = [];
  readonly remarks: Finding[] = [];
  readonly faults: Finding[] = [];

  /** keep puts an item into one of the lists, unless it is full. */
  keep<T>(list: T[], item: T): void {
    if (list.length < mostListed) list.push(item);
    else this.more++;
  }

  /** takeBack sets the spans to what they were at an epoch: what began later is over, what ended later goes on. */
  takeBack(epoch: number, last: number, at: number): void {
    for (const span of [...this.people, ...this.machines]) {
      if (span.withdrawn) continue;
      if (span.first > epoch) {
        span.withdrawn = true;
        if (span.open) endSpan(span, last, at, 'taken back by the server');
      } else if (!span.open && span.last >= epoch) {
        span.open = true;
        span.ended = '';
      }
    }
  }
}

/** newSpan begins in an epoch. */
export function newSpan(first: number, from: number, began: string): Span {
  return { first, last: 0, open: true, from, to: 0, began, ended: '', withdrawn: false };
}

/** endSpan closes one with the epoch before a commit. */
export function endSpan(span: Span, last: number, at: number, how: string): void {
  span.open = false;
  span.last = last;
  span.to = at;
  span.ended = how;
}
