import type { Source } from '../frame/keyid.ts';
import type { Kind, Medium } from '../frame/kind.ts';
import type { Expected } from '../frame/opener.ts';
import type { RefusalReason } from '../frame/refusal.ts';
import type { FromVisit, ToVisit } from './visit_messages.ts';

/**
 * What the page gives with an RTCRtpScriptTransform. `id` is the page's name for it, one for each sender and receiver that there ever
 * is. `generation` is the group it is made for: a transform cannot move to another one.
 */
export type TransformOptions =
  /** `track` numbers the transceivers of one kind, from 0. */
  | { readonly side: 'send'; readonly id: string; readonly generation: number; readonly kind: Kind; readonly track: number }
  | { readonly side: 'receive'; readonly id: string; readonly generation: number; readonly medium: Medium };

/** What the page says to the frame engine. None of it can make a frame pass in clear, or one pass that the meeting holds back. */
export type ToEngine =
  /** A receiver shows this from now on, or nothing. `epoch` is the latest the page knew when it chose. */
  | { readonly type: 'expect'; readonly id: string; readonly epoch: bigint; readonly expected: Expected | undefined }
  /** The payload types in use, for browsers whose frames do not say what they are. */
  | { readonly type: 'formats'; readonly id: string; readonly mimeTypes: Readonly<Record<number, string>> }
  /** The connection of these is over. */
  | { readonly type: 'forget'; readonly ids: readonly string[] }
  | { readonly type: 'count'; readonly request: number };

/** ToWorker is everything that the page says to the worker. */
export type ToWorker = ToEngine | ToVisit;

/** TrackCount is what one transform did since it was made, in frames where nothing else is said. */
export interface TrackCount {
  readonly id: string;
  readonly side: 'send' | 'receive';
  /** Frames that came to the transform, and those that went on, sealed or opened. */
  readonly seen: number;
  readonly passed: number;
  /** The size of those that went on. */
  readonly bytes: number;
  readonly dropped: Readonly<Partial<Record<RefusalReason, number>>>;
  /** Who made the last frame that was opened. */
  readonly source?: Source;
}

/** What the frame engine says. */
export type FromEngine =
  | {
    readonly type: 'counted';
    readonly request: number;
    /** The epoch that is sent under, and how many earlier ones are still heard. */
    readonly epoch: bigint | undefined;
    readonly retained: number;
    /** Kinds that wait for 'continue'. */
    readonly asking: readonly Kind[];
    readonly tracks: readonly TrackCount[];
  }
  /** The first frames of a sender went out sealed: sound and picture may follow the silence. */
  | { readonly type: 'proved'; readonly id: string }
  /** A leaf sends under the epoch of that byte: told when it is another, and from time to time while it is the same. Proved where the frame was opened, else by nobody. */
  | { readonly type: 'seen'; readonly leaf: number; readonly epochByte: number; readonly proved: boolean }
  /** Another source is heard or seen in a receiver. */
  | { readonly type: 'source'; readonly id: string; readonly source: Source }
  /** The telephone system of that grant provably sent what it was not granted. */
  | { readonly type: 'overstepped'; readonly n: number };

/** FromWorker is everything that the worker says to the page; what the engine has seen goes to the meeting, in the worker. */
export type FromWorker = Exclude<FromEngine, { readonly type: 'seen' }> | FromVisit;

/** Counted is the answer to 'count'. */
export type Counted = Extract<FromEngine, { readonly type: 'counted' }>;

/** How many sealed frames prove a sender. */
export const provingFrames = 3;
