import type { Command, MeetingEvent } from '../e2ee/meeting/events.ts';
import type { Encryption, Finding, Noted } from './encryption.ts';

/** Most lines of chat, and most failures, that are kept. */
const mostSaid = 500;
const mostFailures = 8;

/** meet is what is shown after an event of the meeting. Pure. */
export function meet(now: Encryption, event: MeetingEvent): Encryption {
  switch (event.type) {
    case 'phase':
      return { ...now, phase: event.phase };
    case 'newMeeting':
      return { ...now, newMeeting: true };
    case 'joined':
      // Another leaf than before: what was asked of the user there is asked anew, or over.
      return { ...without(now, 'listener', 'lines', 'notCarriedOut', 'shortCode', 'longCode'), epoch: event.epoch, askLooser: event.askLooser, takeover: false, asks: [], cards: [] };
    case 'roster':
      return roster(now, event);
    case 'policy':
      return policy(now, event.policy);
    case 'state':
      return { ...now, state: event.state };
    case 'cards':
      return { ...now, cards: event.cards };
    case 'asks':
      return { ...now, asks: event.asks };
    case 'takeover':
      return { ...now, takeover: event.offered };
    case 'removed':
    case 'broken':
      return now; // the phase and the state tell it
    default:
      return said(now, event);
  }
}

type Saying = Extract<MeetingEvent, { type: 'listener' | 'wentOn' | 'lines' | 'chat' | 'hand' | 'shortCode' | 'longCode' | 'undone' | 'notCarriedOut' | 'carriedOut' | 'failure' }>;

function said(now: Encryption, event: Saying): Encryption {
  switch (event.type) {
    case 'listener': {
      const { epoch, kinds, wait } = event;
      return { ...now, listener: { epoch, kinds, wait } };
    }
    case 'wentOn':
      return now.listener?.epoch === event.epoch && !now.listener.wait ? without(now, 'listener') : now;
    case 'lines':
      return { ...now, lines: { n: event.n, legs: event.legs } };
    case 'chat':
      return { ...now, chat: [...now.chat, { id: next(now.chat), from: event.from, text: event.text }].slice(-mostSaid) };
    case 'hand':
      return now; // those of the server are shown
    case 'shortCode':
      return { ...now, shortCode: event };
    case 'longCode':
      return { ...now, longCode: { epoch: event.epoch, code: event.code } };
    case 'carriedOut':
      return without(now, 'notCarriedOut');
    case 'undone':
      return { ...now, undone: { wish: event.wish, why: event.why } };
    case 'notCarriedOut':
      return { ...now, notCarriedOut: event.wish };
    case 'failure':
      return { ...now, failures: [...now.failures, { id: next(now.failures), failure: event.failure }].slice(-mostFailures) };
  }
}

/** commanded is what is shown after the user wanted something: what was asked has its answer. Pure. */
export function commanded(now: Encryption, command: Command): Encryption {
  switch (command.type) {
    case 'continue':
      return { ...without(now, 'listener', 'notCarriedOut'), askLooser: false };
    case 'muteMe':
      return now.listener === undefined ? now : { ...now, listener: { ...now.listener, wait: true } };
    case 'codesMatch':
      return without(now, 'shortCode', 'longCode');
    case 'tryAgain':
      return without(now, 'shortCode');
    default:
      return now;
  }
}

/** found is what is shown after something came out of the media connection. Pure. */
export function found(now: Encryption, finding: Finding): Encryption {
  switch (finding.what) {
    case 'sender':
      return { ...now, cut: [...new Set([...now.cut, finding.source])] };
    case 'receiver':
      return { ...now, spoiled: [...new Set([...now.spoiled, finding.mid])] };
    case 'opening': {
      const others = now.unopened.filter((mid) => mid !== finding.mid);
      return { ...now, unopened: finding.opens ? others : [...others, finding.mid] };
    }
    case 'overstepped':
      return { ...now, overstepped: [...new Set([...now.overstepped, finding.n])] };
    case 'noRoomCodec':
      return { ...now, noRoomCodec: true };
    case 'renewed':
      return { ...now, cut: [], spoiled: [], unopened: [], noRoomCodec: false };
  }
}

/** noted is what is shown after the user has read it. Pure. */
export function noted(now: Encryption, read: Noted): Encryption {
  switch (read.what) {
    case 'newMeeting':
      return { ...now, newMeeting: false };
    case 'lines':
    case 'undone':
      return without(now, read.what);
    case 'failure':
      return { ...now, failures: now.failures.filter(({ id }) => id !== read.id) };
  }
}

function roster(now: Encryption, { epoch, self, members }: Extract<MeetingEvent, { type: 'roster' }>): Encryption {
  const next = { ...now, epoch, self, roster: members };
  if (epoch === now.epoch) return next;
  // Codes are of one epoch. One that failed stays, as it says so.
  return without(next, 'longCode', ...(now.shortCode?.phase === 'done' ? (['shortCode'] as const) : []));
}

function policy(now: Encryption, agreed: NonNullable<Encryption['policy']>): Encryption {
  const next = { ...now, policy: agreed };
  const listens = (n: number): boolean => agreed.grants.some((grant) => grant.n === n);
  return now.lines === undefined || listens(now.lines.n) ? next : without(next, 'lines');
}

type Passing = 'listener' | 'lines' | 'notCarriedOut' | 'undone' | 'shortCode' | 'longCode';

function without(now: Encryption, ...keys: readonly Passing[]): Encryption {
  const gone: Partial<Record<Passing, undefined>> = Object.fromEntries(keys.map((key) => [key, undefined]));
  return { ...now, ...gone };
}

function next(list: readonly { readonly id: number }[]): number {
  return 1 + (list.at(-1)?.id ?? 0);
}
