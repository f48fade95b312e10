import type { Notice, Participant, RosterChange, Roster, ServerMessage, Welcome } from '../protocol/messages.ts';
import { unencrypted } from './encryption.ts';
import type { Announcement, State } from './state.ts';

const announcementsKept = 4;

/** receive is the state after a message of the gateway. */
export function receive(state: State, message: ServerMessage): State {
  switch (message.type) {
    case 'welcome':
      return welcome(state, message);
    case 'waiting':
      return { ...state, admitted: false, position: message.position };
    case 'admitted':
      return { ...state, admitted: true, position: 0 };
    case 'roster':
      return roster(state, message);
    case 'rosterChange':
      return rosterChange(state, message);
    case 'slots':
      return { ...state, slots: message.items };
    case 'levels':
      return {
        ...state,
        levels: new Map(message.items.map((item) => [item.participant, item.level])),
        speaker: message.speaker ?? '',
      };
    case 'notice':
      return notice(state, message);
    case 'error':
      return message.re === undefined ? state : announce(state, { code: 'commandFailed', name: '', participant: '' });
    case 'bye':
    case 'answer':
    case 'candidate':
    case 'meeting':
    case 'ok':
      return state; // the session acts on these; nothing of them is shown
  }
}

function welcome(state: State, message: Welcome): State {
  const same = state.me === message.participant;
  return {
    ...state,
    // What was encrypted in this visit does not become open by a word of the server; the session ends such a visit.
    ...(message.room.mode === 'open' || state.encryption !== undefined ? {} : { encryption: unencrypted }),
    network: 'online',
    attempt: 0,
    me: message.participant,
    role: message.role,
    room: message.room,
    phone: message.phone,
    guestKey: message.guestKey,
    draining: false,
    // Somebody else than before: what was known belonged to a visit that is over.
    ...(same ? {} : { told: new Map(), admitted: false, position: 0, slots: [], levels: new Map(), speaker: '', media: 'off' as const }),
  };
}

function roster(state: State, message: Roster): State {
  const told = new Map(message.participants.map((p) => [p.id, p]));
  return settle(state, { ...state, room: message.room, told });
}

function rosterChange(state: State, message: RosterChange): State {
  const told = new Map(state.told);
  for (const p of message.upsert) told.set(p.id, p);
  for (const id of message.gone) told.delete(id);
  return settle(state, { ...state, room: message.room ?? state.room, told });
}

/** settle draws from a new roster what it says about this client. */
function settle(before: State, after: State): State {
  const was = before.told.get(before.me);
  const is = after.told.get(after.me);
  if (is === undefined) return after;
  // Only the moment of muting counts: between it and the answer to an own unmute the roster still tells the old state.
  const mutedNow = is.mutedByHost && was?.mutedByHost !== true;
  return { ...after, role: is.role, muted: after.muted || mutedNow };
}

function notice(state: State, message: Notice): State {
  const participant = message.participant ?? '';
  const known = state.participants.get(participant)?.name;
  const name = state.encryption === undefined ? (message.name ?? known ?? '') : (known ?? '');
  const next = message.code === 'draining' ? { ...state, draining: true } : state;
  // The banner and the lobby panel tell these for as long as they are true.
  if (message.code === 'draining' || message.code === 'waitingInLobby') return next;
  return announce(next, { code: message.code, name, participant });
}

function announce(state: State, what: Omit<Announcement, 'id'>): State {
  const id = 1 + state.announcements.reduce((highest, a) => Math.max(highest, a.id), 0);
  return { ...state, announcements: [...state.announcements, { ...what, id }].slice(-announcementsKept) };
}

/** joined are the participants in the room, not those who wait. */
export function joined(state: State): readonly Participant[] {
  return [...state.participants.values()].filter((p) => p.state === 'joined');
}

/** waiting are those in the lobby, first come first. Only hosts are told of any. */
export function waiting(state: State): readonly Participant[] {
  return [...state.participants.values()].filter((p) => p.state === 'waiting').sort((a, b) => a.joinedAt - b.joinedAt);
}
