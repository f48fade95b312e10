import type { Welcome } from '../protocol/messages.ts';
import { looser, type Mode } from '../e2ee/policy/charter.ts';
import type { Link } from '../e2ee/policy/link.ts';
import type { EncryptionFault } from './encryption.ts';

/** How far this computer's clock may be from the server's, ms: keys are dated, and others would refuse ours. */
export const mostClockError = 10 * 60_000;

/** What is known of the room from elsewhere than the gateway. */
export interface Known {
  readonly link: Link | undefined;
  /** The most closed mode that this browser has seen the room in. */
  readonly strictest: Mode | undefined;
  /** In this very visit the room was encrypted. */
  readonly encrypted: boolean;
  /** The browser can encrypt media. */
  readonly able: boolean;
  /** This computer's clock, Unix ms. */
  readonly now: number;
}

/** What follows: go on in an open room, ask before, go on encrypted, or go. */
export type Verdict = 'open' | 'ask' | 'encrypted' | EncryptionFault;

/** checkWelcome judges what the gateway says of the room, before anything but the knock at its door was sent. Pure. */
export function checkWelcome({ room: { mode }, encryption, now: theirs }: Welcome, known: Known): Verdict {
  const { link, strictest, encrypted, able, now } = known;
  if (mode === 'open') {
    if (link !== undefined || encrypted) return 'mode';
    return strictest === undefined ? 'open' : 'ask';
  }
  if (encryption === undefined || (link !== undefined && looser(mode, link.mode))) return 'mode';
  if (!able) return 'browser';
  return Math.abs(theirs - now) > mostClockError ? 'clock' : 'encrypted';
}
