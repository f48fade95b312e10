import type { SessionEvent } from './event.ts';
import { receive } from './receive.ts';
import { initial, type State } from './state.ts';

/** reduce is the state after an event. Pure: no clock, no chance, no effect. */
export function reduce(state: State, event: SessionEvent): State {
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
      return { ...fresh(state), phase: { name: 'ended', code: event.code } };
    case 'wentBack':
      return { ...fresh(state), phase: { name: 'greenRoom' } };
    case 'rejoined':
      return { ...state, phase: { name: 'joining' } };
    case 'received':
      return receive(state, event.message);
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
