// What a meeting tells the page, and what the page may want. No text for people is in here: word keys, names and times.
import type { Kind } from '../frame/kind.ts';
import type { Edit } from '../mls/edit.ts';
import type { Bytes } from '../policy/bytes.ts';
import type { Mode } from '../policy/charter.ts';
import type { Credential } from '../policy/credential.ts';
import type { Leg } from '../policy/grant_request.ts';
import type { VetoRule } from '../policy/room.ts';
import type { DisplayName } from './display_name.ts';
import type { BrokenWhy, RoomState } from './room_state.ts';
import type { ServerFault } from './wire.ts';

/** Where we are: no connection yet, no group and not ours to begin one, in the lobby, in the meeting, or out for good. */
export type Phase = 'connecting' | 'noMeeting' | 'waiting' | 'in' | 'out';

/** Person is a member as others see it; kind and name are the member's own claim. */
export interface Person {
  readonly leaf: number;
  readonly identity: Bytes;
  readonly kind: Credential['kind'];
  /** Fit to be shown (see shownName), and perhaps empty. */
  readonly name: string;
}

/** RosterEntry is a member and what is known of it. */
export interface RosterEntry extends Person, DisplayName {
  readonly host: boolean;
  /** The server says that it has no connection. */
  readonly absent: boolean;
  /** Came with the invitation link that we have. */
  readonly linked: boolean;
  /** When this browser first met the identity, Unix seconds. */
  readonly pinned: number | undefined;
  /** Who let it in, where we saw that. */
  readonly letInBy: string | undefined;
}

/** Card is somebody in the lobby. */
export interface Card extends DisplayName {
  /** KeyPackageRef, lower-case hexadecimal: what admit names. */
  readonly ref: string;
  readonly kind: Credential['kind'];
  readonly identity: Bytes;
  readonly linked: boolean;
  readonly pinned: number | undefined;
  /** What the server calls them, for its `deny` and nothing else; empty where it does not say. */
  readonly participant: string;
}

/** AskCard is a gateway's request that was proved to come from a listed gateway. */
export interface AskCard {
  /** Id of the request, lower-case hexadecimal. */
  readonly id: string;
  /** Ed25519 key of the gateway. */
  readonly gateway: Bytes;
  readonly legs: readonly Leg[];
  readonly scope: readonly Kind[];
  readonly speak: readonly Kind[];
  readonly rule: VetoRule;
  /** Names of those who objected. */
  readonly vetoes: readonly string[];
  /** Of how many leaves the consent is in, where the rule is all. */
  readonly consents: number;
  readonly mine: 'open' | 'allowed' | 'consented' | 'vetoed';
  /** How often the gateway has asked: it counts up when the caller does so again. */
  readonly times: number;
}

/** GrantCard is a telephone system that holds keys: its own claims, and what it was given. */
export interface GrantCard {
  readonly n: number;
  readonly gateway: Bytes;
  readonly legs: readonly Leg[];
  readonly scope: readonly Kind[];
  readonly speak: readonly Kind[];
  /** Unix seconds. */
  readonly notAfter: number;
}

/** MeetingPolicy is what all members have agreed on, of the epoch that we are in. */
export interface MeetingPolicy {
  readonly mode: Mode;
  /** The loosest mode that this meeting may ever have. */
  readonly floor: Mode;
  readonly locked: boolean;
  readonly maxScope: readonly Kind[];
  readonly vetoRule: VetoRule;
  readonly grants: readonly GrantCard[];
  /** Keys of the telephone systems that may ask. */
  readonly gateways: readonly Bytes[];
  /** Identities that may follow when all hosts are gone. */
  readonly fallback: readonly Bytes[];
  /** Identity key of the room's owner. */
  readonly owner: Bytes;
}

/** A wish whose owner is muted until it is fulfilled. */
export type Wish = 'revoke' | 'kick' | 'veto' | 'expiry';

/** What went wrong without an end to the meeting. */
export type Failure =
  /** A commit that breaks a rule or was not signed; by is its sender, where that is proved. */
  | { readonly what: 'badCommit'; readonly by: string | undefined }
  /** A message that is not from this group's keys: damage, or the server has split the room. */
  | { readonly what: 'unreadable' }
  /** A request or lobby entry that does not hold. */
  | { readonly what: 'badAsk' | 'badCard' }
  /** Something we wanted to say was not passed on. */
  | { readonly what: 'unsent'; readonly fault: ServerFault }
  /** We were let in by somebody, or into something, that does not hold: nothing was sent there. */
  | { readonly what: 'badWelcome'; readonly why: string }
  | { readonly what: 'notFounded' | 'notWaiting'; readonly fault: ServerFault }
  /** People read different codes to one another. */
  | { readonly what: 'codesDiffer' };

/** MeetingEvent is everything that a meeting tells. */
export type MeetingEvent =
  | { readonly type: 'phase'; readonly phase: Phase }
  /** This is not the meeting that this browser was in before: whoever was there has gone. */
  | { readonly type: 'newMeeting' }
  /** We are in. With askLooser nothing is sent until continue: the room is looser than this browser has ever seen it. */
  | { readonly type: 'joined'; readonly epoch: bigint; readonly askLooser: boolean }
  | { readonly type: 'roster'; readonly epoch: bigint; readonly self: number; readonly members: readonly RosterEntry[] }
  | { readonly type: 'policy'; readonly policy: MeetingPolicy }
  | { readonly type: 'state'; readonly state: RoomState }
  | { readonly type: 'cards'; readonly cards: readonly Card[] }
  | { readonly type: 'asks'; readonly asks: readonly AskCard[] }
  /** Somebody else was given keys of these kinds. We are silent of them until continue, or for 3 s where wait is false. */
  | { readonly type: 'listener'; readonly epoch: bigint; readonly kinds: readonly Kind[]; readonly wait: boolean }
  /** The 3 s of a listener without wait are over: we speak again. */
  | { readonly type: 'wentOn'; readonly epoch: bigint }
  /** A telephone system that already listens names other lines. */
  | { readonly type: 'lines'; readonly n: number; readonly legs: readonly Leg[] }
  /** All hosts are gone, and we may take over. */
  | { readonly type: 'takeover'; readonly offered: boolean }
  /** Also of ourselves, when it was handed on. */
  | { readonly type: 'chat'; readonly from: Person; readonly text: string }
  | { readonly type: 'hand'; readonly from: Person; readonly up: boolean }
  | { readonly type: 'shortCode'; readonly phase: 'running' }
  | { readonly type: 'shortCode'; readonly phase: 'done'; readonly code: string; readonly leaves: readonly number[] }
  | { readonly type: 'shortCode'; readonly phase: 'failed'; readonly why: 'epoch' | 'silence' | 'disturbed' }
  /** It cannot begin now; disturbed: three failed, somebody disturbs the comparison. */
  | { readonly type: 'shortCode'; readonly phase: 'notNow'; readonly why: 'running' | 'wait' | 'disturbed' | 'alone' }
  | { readonly type: 'longCode'; readonly epoch: bigint; readonly code: string }
  /** A wish that will not be fulfilled: what it was for is gone, or the service does not take it. */
  | { readonly type: 'undone'; readonly wish: Edit['do']; readonly why: 'impossible' | 'invalid' | ServerFault }
  /** After 3 s: "The server has not carried out your wish. You are muted." */
  | { readonly type: 'notCarriedOut'; readonly wish: Wish }
  /** Nothing is left of those wishes. */
  | { readonly type: 'carriedOut' }
  | { readonly type: 'broken'; readonly why: BrokenWhy }
  /** We were removed; replaced: by another tab or reload of this very browser. */
  | { readonly type: 'removed'; readonly by: string | undefined; readonly replaced: boolean }
  | { readonly type: 'failure'; readonly failure: Failure };

/** Command is everything that the page may want. What our role does not allow does nothing. */
export type Command =
  | { readonly type: 'admit'; readonly refs: readonly string[] }
  | { readonly type: 'kick'; readonly identity: Bytes }
  | { readonly type: 'leave' }
  | { readonly type: 'takeOver' }
  | { readonly type: 'mode'; readonly mode: Mode }
  | { readonly type: 'lock' }
  | { readonly type: 'maxScope'; readonly scope: readonly Kind[] }
  | { readonly type: 'vetoRule'; readonly rule: VetoRule }
  | { readonly type: 'gateway'; readonly key: Bytes; readonly listed: boolean }
  | { readonly type: 'host'; readonly identity: Bytes; readonly host: boolean }
  | { readonly type: 'fallback'; readonly identity: Bytes; readonly listed: boolean }
  /** As a host: let the gateway in, as far as the veto rule lets us. */
  | { readonly type: 'allow'; readonly id: string }
  | { readonly type: 'decline'; readonly id: string }
  | { readonly type: 'consent'; readonly id: string }
  | { readonly type: 'veto'; readonly id: string }
  | { readonly type: 'revoke'; readonly n: number }
  /** Goes on after joined with askLooser, listener and notCarriedOut: whoever says it was told. */
  | { readonly type: 'continue' }
  /** After 'listener' without wait: stay silent until continue. */
  | { readonly type: 'muteMe' }
  | { readonly type: 'chat'; readonly text: string }
  | { readonly type: 'hand'; readonly up: boolean }
  | { readonly type: 'shortCode' }
  | { readonly type: 'codesMatch'; readonly match: boolean }
  | { readonly type: 'tryAgain' }
  | { readonly type: 'longCode' }
  /** What the frame engine and the watchdog see: the epoch byte of a frame of a leaf, proved where it was opened; and whether frames go past the transform. */
  | { readonly type: 'seen'; readonly leaf: number; readonly epochByte: number; readonly proved: boolean }
  | { readonly type: 'watchdog'; readonly fine: boolean };
