import type { AskCard, Card, Failure, MeetingPolicy, MeetingEvent, Person, Phase, RosterEntry, Wish } from '../e2ee/meeting/events.ts';
import type { CaptureSource } from '../media/capture.ts';
import type { RoomState } from '../e2ee/meeting/room_state.ts';
import type { Kind } from '../e2ee/frame/kind.ts';
import type { Leg } from '../e2ee/policy/grant_request.ts';
import type { Link } from '../e2ee/policy/link.ts';

/**
 * Why the room is not entered, or was left: the visit is over (phase ended, code encryption). browser: it cannot encrypt media; worker: the part of the page that encrypts did
 * not start, or died; clock: this computer's clock is over 10 min from the server's; owner: the server names another owner than the
 * invitation; mode: the room is looser than the invitation allows.
 */
export type EncryptionFault = 'browser' | 'worker' | 'clock' | 'owner' | 'mode';

/** Listening is somebody who was given keys of these kinds: in silence of them until the user continues, or for 3 s unless wait. */
export interface Listening {
  readonly epoch: bigint;
  readonly kinds: readonly Kind[];
  readonly wait: boolean;
}

/** Said is one line of the chat. */
export interface Said {
  readonly id: number;
  readonly from: Person;
  readonly text: string;
}

/** Failed is something that went wrong without an end to the meeting, until the user has read it. */
export interface Failed {
  readonly id: number;
  readonly failure: Failure;
}

/** Undone is a wish of this browser that nothing came of, until the user has read it. */
export type Undone = Pick<Extract<MeetingEvent, { type: 'undone' }>, 'wish' | 'why'>;

/** ShortCode is how far a comparison is. */
export type ShortCode = Extract<MeetingEvent, { type: 'shortCode' }>;

/** LongCode is the code for another channel, of its epoch only. */
export type LongCode = Pick<Extract<MeetingEvent, { type: 'longCode' }>, 'epoch' | 'code'>;

/** Lines are those that a telephone system names anew that listens already. */
export interface Lines {
  readonly n: number;
  readonly legs: readonly Leg[];
}

/** Owner is whose room it is, by the server's word: clients of others hold the group to the invitation, whatever it says. */
export interface Owner {
  readonly known: boolean;
  /** This browser's own key. */
  readonly mine: boolean;
  /** Written into the gateway's configuration: nobody can begin as another. */
  readonly pinned: boolean;
}

/** Finding is something that came out of the media connection: found broken by its guard, refused, or another connection in its place. */
export type Finding =
  | { readonly what: 'sender'; readonly source: CaptureSource }
  | { readonly what: 'receiver'; readonly mid: string }
  | { readonly what: 'opening'; readonly mid: string; readonly opens: boolean }
  | { readonly what: 'overstepped'; readonly n: number }
  | { readonly what: 'noRoomCodec' }
  | { readonly what: 'renewed' };

/** What the user has read. */
export type Noted =
  | { readonly what: 'newMeeting' | 'lines' | 'undone' }
  | { readonly what: 'failure'; readonly id: number };

/**
 * Encryption is what the page shows of the meeting behind an encrypted room; there is none in an open room. Everything in it is of
 * this browser's own group state, apart from owner and gatewayFingerprint, which are the server's word. Raised hands are not here:
 * they stay messages of the server, in State.participants, as somebody who comes later has to learn of them too.
 */
export interface Encryption {
  readonly phase: Phase;
  readonly fault?: EncryptionFault;
  /** Own leaf; -1 until in the meeting. */
  readonly self: number;
  readonly epoch: bigint;
  /** Everybody in the group, whomever the server lists. */
  readonly roster: readonly RosterEntry[];
  /** The mark and its sentences; undefined until in the meeting. */
  readonly state?: RoomState;
  readonly cards: readonly Card[];
  readonly asks: readonly AskCard[];
  readonly listener?: Listening | undefined;
  readonly lines?: Lines | undefined;
  /** All hosts are gone, and this browser may take over. */
  readonly takeover: boolean;
  readonly notCarriedOut?: Wish | undefined;
  readonly undone?: Undone | undefined;
  readonly chat: readonly Said[];
  readonly shortCode?: ShortCode | undefined;
  readonly longCode?: LongCode | undefined;
  readonly failures: readonly Failed[];
  readonly newMeeting: boolean;
  /** The room is looser than this browser has ever seen it: nothing is sent until the user continues. In an open room: nothing is done. */
  readonly askLooser: boolean;
  /** For handing on: the one that this browser came with, or that its owner made. */
  readonly link?: Link;
  readonly owner: Owner;
  /** beginAsOwner would begin the meeting. */
  readonly mayBegin: boolean;
  /** Groups of hex digits, for people to compare: of the first telephone system in the policy, once there is one. */
  readonly gatewayFingerprint: string;
  /** False where this browser keeps nothing: an owner is somebody else after the page is closed. */
  readonly kept: boolean;
  /** Own sources of which something would have gone out unprotected: they are sent no more on this media connection. */
  readonly cut: readonly CaptureSource[];
  /** The room's one video codec is none that this browser sends and reads: it takes no part with pictures. */
  readonly noRoomCodec: boolean;
  /** Slots that show nothing, as what came there was not what it was said to be. */
  readonly spoiled: readonly string[];
  /** Slots to which frames come of which none can be opened. It may pass. */
  readonly unopened: readonly string[];
  /** Grants whose telephone system provably sent what it was not granted. */
  readonly overstepped: readonly number[];
  /** Undefined until in the meeting. */
  readonly policy?: MeetingPolicy;
}

/** unencrypted is an encrypted room of which nothing is known yet. */
export const unencrypted: Encryption = {
  phase: 'connecting',
  self: -1,
  epoch: -1n,
  roster: [],
  cards: [],
  asks: [],
  takeover: false,
  chat: [],
  failures: [],
  newMeeting: false,
  askLooser: false,
  owner: { known: false, mine: false, pinned: false },
  mayBegin: false,
  gatewayFingerprint: '',
  kept: true,
  cut: [],
  noRoomCodec: false,
  spoiled: [],
  unopened: [],
  overstepped: [],
};
