// What page and worker say to one another about the meeting. All of it is plain data that a structured clone carries; no key is in it.
import type { Link } from '../policy/link.ts';
import type { Bytes } from '../policy/bytes.ts';
import type { Mode } from '../policy/charter.ts';
import type { Command, MeetingEvent } from '../meeting/events.ts';
import type { MeetingConfig } from '../meeting/meeting.ts';
import type { IdentityKind } from '../store/tables.ts';

/** MeetingTerms are what the page decides about a meeting; the rest is the worker's. */
export type MeetingTerms = Pick<MeetingConfig, 'room' | 'link' | 'founding'> & {
  readonly claim: MeetingConfig['claim'] & { readonly kind: IdentityKind };
};

/** Profile is what this browser is in a room. */
export interface Profile {
  /** The raw Ed25519 public key of its identity there. */
  readonly identity: Bytes;
  /** False where the browser keeps nothing: the identity ends with the page. */
  readonly kept: boolean;
  /** The strictest mode that this browser has seen in the room. */
  readonly strictest: Mode | undefined;
  /** The link that it made for the room as its owner. */
  readonly link: Link | undefined;
}

/** VisitQuestion is answered, by the message of the same request. */
export type VisitQuestion =
  | { readonly type: 'profile'; readonly request: number; readonly room: string; readonly kind: IdentityKind }
  /** The link of a room that the account owns; it is made once. */
  | { readonly type: 'link'; readonly request: number; readonly room: string; readonly mode: Mode }
  /** The visit is over for good. */
  | { readonly type: 'leave'; readonly request: number };

/** VisitAnswer is empty where it could not be done. */
export interface VisitAnswer {
  readonly type: 'answer';
  readonly request: number;
  readonly profile?: Profile;
  readonly link?: Link;
}

/** ToVisit is what the page says. */
export type ToVisit =
  | VisitQuestion
  | { readonly type: 'begin'; readonly terms: MeetingTerms }
  /** A message of the delivery service, as JSON has it. */
  | { readonly type: 'receive'; readonly message: unknown }
  | { readonly type: 'disconnected' }
  | { readonly type: 'command'; readonly command: Exclude<Command, { readonly type: 'leave' | 'seen' }> };

/** FromVisit is what the worker says. */
export type FromVisit =
  /** The worker has what it needs, or the browser has not. It comes once, first of all. */
  | { readonly type: 'ready' }
  | { readonly type: 'unable' }
  | VisitAnswer
  | { readonly type: 'event'; readonly event: MeetingEvent }
  /** For the delivery service, as JSON has it. */
  | { readonly type: 'send'; readonly message: object }
  /** The group is another one: transforms of an earlier generation let nothing through any more. */
  | { readonly type: 'renew'; readonly generation: number };
