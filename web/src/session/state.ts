import type { Link } from '../e2ee/policy/link.ts';
import type { Encryption } from './encryption.ts';
import type { ByeCode, NoticeCode, Participant, PhoneAccess, Role, RoomInfo, SlotItem } from '../protocol/messages.ts';

/** What an invitation link holds. */
export interface Invitation {
  readonly room: string;
  /** "h.SECRET" or "g.SECRET": what opens the door of the gateway, and all of the invitation that is ever sent. */
  readonly key: string;
  /** What is known of an encrypted room from elsewhere than the server. Without it the first visit has to trust. */
  readonly link?: Link;
}

/** Why a visit ended: what the gateway said, that it could not be reached, or that the room is not as safe as it has to be (see EncryptionFault). */
export type EndCode = ByeCode | 'unreachable' | 'connectionLost' | 'encryption';

/** Where the visit is. */
export type Phase =
  | { readonly name: 'landing'; readonly room: string }
  | { readonly name: 'greenRoom' }
  | { readonly name: 'joining' }
  | { readonly name: 'lobby'; readonly position: number }
  | { readonly name: 'room' }
  | { readonly name: 'ended'; readonly code: EndCode };

/** A device or a shared screen: off, being asked for, in use, or why it is not to be had. */
export type DeviceState = 'off' | 'asking' | 'on' | DeviceFault;

export type DeviceFault = 'denied' | 'missing' | 'busy' | 'failed';

/** One microphone, camera or speaker to choose from. */
export interface DeviceChoice {
  readonly id: string;
  readonly label: string;
}

/** Capture is what this browser records and plays on. */
export interface Capture {
  readonly microphone: DeviceState;
  readonly camera: DeviceState;
  readonly screen: DeviceState;
  readonly microphones: readonly DeviceChoice[];
  readonly cameras: readonly DeviceChoice[];
  readonly speakers: readonly DeviceChoice[];
  readonly chosen: { readonly microphone: string; readonly camera: string; readonly speaker: string };
  /** Rises when a track was replaced, so that previews show the new one. */
  readonly revision: number;
}

/** The connection that messages go over. */
export type Network = 'off' | 'connecting' | 'online' | 'reconnecting';

/** The connection that sound and pictures go over. */
export type MediaHealth = 'off' | 'connecting' | 'connected' | 'interrupted' | 'refused' | 'failed';

/** Something to tell the user, for a while. */
export interface Announcement {
  readonly id: number;
  readonly code: NoticeCode | 'commandFailed';
  readonly name: string;
  readonly participant: string;
}

/** The whole truth the page is drawn from. Immutable: reduce makes the next one. */
export interface State {
  readonly phase: Phase;
  readonly invitation: Invitation | undefined;
  readonly name: string;
  /** What the user wants of the own microphone; the track obeys it at once. */
  readonly muted: boolean;
  readonly network: Network;
  /** Tries to reach the gateway since it was last reached. */
  readonly attempt: number;
  readonly me: string;
  readonly role: Role;
  readonly room: RoomInfo | undefined;
  readonly phone: PhoneAccess | undefined;
  /** What the guest link holds; hosts are told. */
  readonly guestKey: string | undefined;
  /** As the gateway says. */
  readonly told: ReadonlyMap<string, Participant>;
  /** As they are to be shown: in an encrypted room by what the group says (see people). */
  readonly participants: ReadonlyMap<string, Participant>;
  /** The gateway has let this client in. In an encrypted room the meeting has to as well. */
  readonly admitted: boolean;
  /** Place in the lobby, 1 is next; 0 while not in it. */
  readonly position: number;
  /** Present in an encrypted room, and while the user is asked about one that is no longer. */
  readonly encryption?: Encryption | undefined;
  readonly slots: readonly SlotItem[];
  /** Loudness of who is heard, -dBov. */
  readonly levels: ReadonlyMap<string, number>;
  readonly speaker: string;
  readonly media: MediaHealth;
  /** The browser refuses to play sound until the user touches the page. */
  readonly playbackBlocked: boolean;
  readonly draining: boolean;
  readonly announcements: readonly Announcement[];
  readonly capture: Capture;
}

export const noCapture: Capture = {
  microphone: 'off',
  camera: 'off',
  screen: 'off',
  microphones: [],
  cameras: [],
  speakers: [],
  chosen: { microphone: '', camera: '', speaker: '' },
  revision: 0,
};

/** initial is the state of a page that was just opened. */
export const initial: State = {
  phase: { name: 'landing', room: '' },
  invitation: undefined,
  name: '',
  muted: false,
  network: 'off',
  attempt: 0,
  me: '',
  role: 'guest',
  room: undefined,
  phone: undefined,
  guestKey: undefined,
  told: new Map(),
  participants: new Map(),
  admitted: false,
  position: 0,
  slots: [],
  levels: new Map(),
  speaker: '',
  media: 'off',
  playbackBlocked: false,
  draining: false,
  announcements: [],
  capture: noCapture,
};

/** silent tells that nothing of this microphone is to be heard, whether switched off or not there. */
export function silent(state: State): boolean {
  return state.muted || state.capture.microphone !== 'on';
}
