import type { ByeCode, NoticeCode, Participant, PhoneAccess, Role, RoomInfo, SlotItem } from '../protocol/messages.ts';

/** What an invitation link holds. */
export interface Invitation {
  readonly room: string;
  /** "h.SECRET" or "g.SECRET". */
  readonly key: string;
}

/** Why a visit ended: what the gateway said, or that it could not be reached. */
export type EndCode = ByeCode | 'unreachable' | 'connectionLost';

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
export type MediaHealth = 'off' | 'connecting' | 'connected' | 'interrupted' | 'failed';

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
  readonly participants: ReadonlyMap<string, Participant>;
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
  participants: new Map(),
  slots: [],
  levels: new Map(),
  speaker: '',
  media: 'off',
  playbackBlocked: false,
  draining: false,
  announcements: [],
  capture: noCapture,
};
