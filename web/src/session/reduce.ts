import { unencrypted, type Encryption } from './encryption.ts';
import type { SessionEvent } from './event.ts';
import { commanded, found, meet, noted } from './meet.ts';
import { people } from './people.ts';
import { receive } from './receive.ts';
import { initial, type State } from './state.ts';

/** reduce is the state after an event. Pure: no clock, no chance, no effect. */
export function reduce(state: State, event: SessionEvent): State {
  return drawn(state, place(step(state, event)));
}

function step(state: State, event: SessionEvent): State {
  switch (event.type) {
    case 'opened':
      return event.invitation === undefined
        ? { ...state, invitation: undefined, phase: { name: 'landing', room: event.room } }
        : { ...state, invitation: event.invitation, phase: { name: 'greenRoom' } };
    case 'named':
      return { ...state, name: event.name };
    case 'muted':
      return { ...state, muted: event.muted };
    case 'joinAsked':
      return state.invitation === undefined ? state : { ...fresh(state), phase: { name: 'joining' }, network: 'connecting' };
    case 'connectionBroke':
      return { ...state, network: 'reconnecting', attempt: state.attempt + 1 };
    case 'ended':
      return { ...fresh(state), ...(event.code === 'encryption' ? kept(state) : {}), phase: { name: 'ended', code: event.code } };
    case 'wentBack':
      return { ...fresh(state), phase: { name: 'greenRoom' } };
    case 'rejoined':
      return { ...state, phase: { name: 'joining' } };
    case 'received':
      return receive(state, event.message);
    case 'met':
      return encrypted(state, (now) => meet(now, event.event));
    case 'commanded':
      return encrypted(state, (now) => commanded(now, event.command));
    case 'noted':
      return encrypted(state, (now) => noted(now, event.noted));
    case 'guarded':
      return encrypted(state, (now) => found(now, event.finding));
    case 'encryptionChanged':
      return encrypted(state, (now) => ({ ...now, ...event.change }));
    case 'faulted':
      return { ...state, encryption: { ...(state.encryption ?? unencrypted), fault: event.fault } };
    case 'looserFound':
      return { ...state, encryption: { ...unencrypted, askLooser: true } };
    case 'looserTaken':
      return { ...state, encryption: undefined };
    case 'captureChanged':
      return { ...state, capture: event.capture };
    case 'mediaChanged':
      return state.media === event.media ? state : { ...state, media: event.media };
    case 'playbackChanged':
      return state.playbackBlocked === event.blocked ? state : { ...state, playbackBlocked: event.blocked };
    case 'announcementRead':
      return { ...state, announcements: state.announcements.filter((a) => a.id !== event.id) };
  }
}

function encrypted(state: State, change: (now: Encryption) => Encryption): State {
  return state.encryption === undefined ? state : { ...state, encryption: change(state.encryption) };
}

/** kept is what the end tells of: why the room was not safe enough. */
function kept({ encryption }: State): Pick<State, 'encryption'> {
  return encryption === undefined ? {} : { encryption };
}

/**
 * place is where the visit is, once gateway and meeting both have a say: in the room when both have let this client in, in the lobby
 * while the meeting has not, or the gateway of an open room.
 */
function place(state: State): State {
  const { encryption, phase, admitted, position } = state;
  if (phase.name !== 'joining' && phase.name !== 'lobby' && phase.name !== 'room') return state;
  if (admitted && (encryption === undefined || encryption.phase === 'in')) {
    return phase.name === 'room' ? state : { ...state, phase: { name: 'room' } };
  }
  const outside = encryption === undefined ? position > 0 : encryption.phase === 'waiting' || encryption.phase === 'noMeeting';
  if (!outside || (phase.name === 'lobby' && phase.position === position)) return state;
  return { ...state, phase: { name: 'lobby', position } };
}

/** drawn has the people and the own role as they are to be shown, whatever the server says of either: its word may come at any time, and late. */
function drawn(before: State, shown: State): State {
  const after = ranked(shown);
  const { encryption: was, told, me } = before;
  const { encryption: is } = after;
  if (told === after.told && me === after.me && was?.roster === is?.roster && was?.policy === is?.policy && was?.self === is?.self) return after;
  return { ...after, participants: people(after.told, is, after.me) };
}

/** ranked: who is a host says the group, once we are in it. */
function ranked(state: State): State {
  const { encryption, role } = state;
  const own = encryption?.roster.find(({ leaf }) => leaf === encryption.self);
  const ours = own === undefined ? role : own.host ? 'host' : 'guest';
  return ours === role ? state : { ...state, role: ours };
}

/** fresh keeps what is the user's (link, name, devices) and forgets the visit. */
function fresh(state: State): State {
  return {
    ...initial,
    invitation: state.invitation,
    name: state.name,
    muted: state.muted,
    capture: state.capture,
    room: state.room,
  };
}
