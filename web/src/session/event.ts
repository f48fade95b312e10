import type { Command, MeetingEvent } from '../e2ee/meeting/events.ts';
import type { ServerMessage } from '../protocol/messages.ts';
import type { Encryption, EncryptionFault, Finding, Noted } from './encryption.ts';
import type { Capture, EndCode, Invitation, MediaHealth } from './state.ts';

/** Everything that can happen to a visit. */
export type SessionEvent =
  /** The page has an address: with a whole invitation, or only a room number, or nothing. */
  | { readonly type: 'opened'; readonly invitation: Invitation | undefined; readonly room: string }
  | { readonly type: 'named'; readonly name: string }
  | { readonly type: 'muted'; readonly muted: boolean }
  | { readonly type: 'joinAsked' }
  | { readonly type: 'connectionBroke' }
  | { readonly type: 'ended'; readonly code: EndCode }
  /** From the end, or from joining, back to the green room. */
  | { readonly type: 'wentBack' }
  /** After a break too long to resume the gateway took this client for a new one: it has to be admitted again. */
  | { readonly type: 'rejoined' }
  | { readonly type: 'received'; readonly message: ServerMessage }
  /** The meeting behind an encrypted room tells something. */
  | { readonly type: 'met'; readonly event: MeetingEvent }
  /** The user wanted something of it, and what was asked has its answer. */
  | { readonly type: 'commanded'; readonly command: Command }
  | { readonly type: 'noted'; readonly noted: Noted }
  /** What came out of the media connection. */
  | { readonly type: 'guarded'; readonly finding: Finding }
  /** What the session itself finds out about encryption; it does nothing in an open room. */
  | { readonly type: 'encryptionChanged'; readonly change: EncryptionChange }
  /** The visit ends for this reason, whatever room it was. */
  | { readonly type: 'faulted'; readonly fault: EncryptionFault }
  /** The room is open, and was encrypted when this browser saw it last: nothing is done until the user decides. */
  | { readonly type: 'looserFound' }
  /** The user goes on into the open room. */
  | { readonly type: 'looserTaken' }
  | { readonly type: 'captureChanged'; readonly capture: Capture }
  | { readonly type: 'mediaChanged'; readonly media: MediaHealth }
  | { readonly type: 'playbackChanged'; readonly blocked: boolean }
  | { readonly type: 'announcementRead'; readonly id: number };

/** What only the session finds out, as parts of Encryption. */
export type EncryptionChange = Partial<Pick<Encryption, 'owner' | 'mayBegin' | 'gatewayFingerprint' | 'kept' | 'link'>>;
