import type { ServerMessage } from '../protocol/messages.ts';
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
  | { readonly type: 'captureChanged'; readonly capture: Capture }
  | { readonly type: 'mediaChanged'; readonly media: MediaHealth }
  | { readonly type: 'playbackChanged'; readonly blocked: boolean }
  | { readonly type: 'announcementRead'; readonly id: number };
