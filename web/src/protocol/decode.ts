// Server messages from JSON text. Unknown types and unknown fields are ignored, as docs/protocol.md says; a known
// message that does not fit throws DecodeError.
import type {
  ByeCode, Encryption, ErrorCode, ICEServer, Kind, LevelItem, Mode, NoticeCode, Participant, RoomInfo, ServerMessage, SlotItem, Source,
} from './messages.ts';
import { closeCodes } from './messages.ts';
import { flag, list, number, object, oneOf, optional, text, textItem, type Raw } from './fields.ts';

type Decoders = { readonly [T in ServerMessage['type']]: (raw: Raw) => Extract<ServerMessage, { type: T }> };

const modes: readonly Mode[] = ['open', 'mixed', 'sealed'];
const roles = ['guest', 'host'] as const;
const kinds: readonly Kind[] = ['browser', 'phone', 'roomSystem', 'recorder'];
const sources: readonly Source[] = ['microphone', 'camera', 'screen', 'screenAudio'];
const noticeCodes: readonly NoticeCode[] = [
  'mutedByHost', 'handRaised', 'waitingInLobby', 'locked', 'unlocked', 'madeHost', 'draining', 'joined', 'left', 'hostAsked',
];
const errorCodes: readonly ErrorCode[] = [
  'badMessage', 'notHost', 'noParticipant', 'badOffer', 'noCodec', 'notAdmitted', 'encrypted', 'noRoomCodec', 'internal',
];
const byeCodes = Object.keys(closeCodes) as ByeCode[];

function roomInfo(value: unknown, path: string): RoomInfo {
  const raw = object(value, path);
  return { number: text(raw, 'number'), name: text(raw, 'name'), mode: oneOf(raw, 'mode', modes), locked: flag(raw, 'locked') };
}

function participant(value: unknown, path: string): Participant {
  const raw = object(value, path);
  return {
    id: text(raw, 'id'),
    name: text(raw, 'name'),
    kind: oneOf(raw, 'kind', kinds),
    role: oneOf(raw, 'role', roles),
    state: oneOf(raw, 'state', ['waiting', 'joined']),
    muted: flag(raw, 'muted'),
    mutedByHost: flag(raw, 'mutedByHost'),
    hand: number(raw, 'hand'),
    security: oneOf(raw, 'security', ['dtls', 'sdes', 'sdesKeyInClear', 'clear']),
    sources: list(raw, 'sources', (v) => oneOf({ source: v }, 'source', sources)),
    joinedAt: number(raw, 'joinedAt'),
    ...optional(raw, 'leaf', number),
    ...optional(raw, 'grant', number),
    ...optional(raw, 'line', number),
  };
}

function encryption(value: unknown, path: string): Encryption {
  const raw = object(value, path);
  return {
    gateway: text(raw, 'gateway'),
    gatewayFingerprint: text(raw, 'gatewayFingerprint'),
    ...optional(raw, 'owner', text),
    ownerPinned: flag(raw, 'ownerPinned'),
    maxScope: oneOf(raw, 'maxScope', ['audio', 'audio+video']),
    vetoRule: oneOf(raw, 'vetoRule', ['host', 'any', 'all']),
    autoAdmit: flag(raw, 'autoAdmit'),
  };
}

function iceServer(value: unknown, path: string): ICEServer {
  const raw = object(value, path);
  return { urls: list(raw, 'urls', textItem), ...optional(raw, 'username', text), ...optional(raw, 'credential', text) };
}

function slotItem(value: unknown, path: string): SlotItem {
  const raw = object(value, path);
  const item = { mid: text(raw, 'mid'), participant: text(raw, 'participant') };
  // An empty slot carries nothing, so it has no source.
  return item.participant === '' ? item : { ...item, source: oneOf(raw, 'source', sources) };
}

function levelItem(value: unknown, path: string): LevelItem {
  const raw = object(value, path);
  return { participant: text(raw, 'participant'), level: number(raw, 'level') };
}

const decoders: Decoders = {
  welcome: (raw) => {
    const slots = object(raw['slots'], 'slots');
    const phone = object(raw['phone'], 'phone');
    return {
      type: 'welcome',
      protocol: number(raw, 'protocol'),
      participant: text(raw, 'participant'),
      resume: text(raw, 'resume'),
      role: oneOf(raw, 'role', roles),
      room: roomInfo(raw['room'], 'room'),
      iceServers: list(raw, 'iceServers', iceServer),
      slots: { audio: number(slots, 'audio'), video: number(slots, 'video') },
      phone: { uri: text(phone, 'uri'), ...optional(phone, 'pin', text) },
      ...optional(raw, 'guestKey', text),
      server: text(raw, 'server'),
      now: number(raw, 'now'),
      ...optional(raw, 'encryption', (r, key) => encryption(r[key], key)),
    };
  },
  waiting: (raw) => ({ type: 'waiting', position: number(raw, 'position') }),
  admitted: () => ({ type: 'admitted' }),
  answer: (raw) => ({ type: 'answer', id: number(raw, 'id'), sdp: text(raw, 'sdp') }),
  candidate: (raw) => ({ type: 'candidate', candidate: text(raw, 'candidate'), mid: text(raw, 'mid') }),
  roster: (raw) => ({
    type: 'roster',
    revision: number(raw, 'revision'),
    room: roomInfo(raw['room'], 'room'),
    participants: list(raw, 'participants', participant),
  }),
  rosterChange: (raw) => ({
    type: 'rosterChange',
    revision: number(raw, 'revision'),
    ...optional(raw, 'room', (r, key) => roomInfo(r[key], key)),
    upsert: list(raw, 'upsert', participant),
    gone: list(raw, 'gone', textItem),
  }),
  slots: (raw) => ({ type: 'slots', items: list(raw, 'items', slotItem) }),
  levels: (raw) => ({ type: 'levels', ...optional(raw, 'speaker', text), items: list(raw, 'items', levelItem) }),
  notice: (raw) => ({
    type: 'notice',
    code: oneOf(raw, 'code', noticeCodes),
    ...optional(raw, 'participant', text),
    ...optional(raw, 'name', text),
  }),
  // What is in it is read by e2ee/meeting/wire_json.ts.
  meeting: (raw) => ({ type: 'meeting', message: object(raw['message'], 'message') }),
  ok: (raw) => ({ type: 'ok', re: number(raw, 're') }),
  error: (raw) => ({ type: 'error', ...optional(raw, 're', number), code: oneOf(raw, 'code', errorCodes), message: text(raw, 'message') }),
  bye: (raw) => ({ type: 'bye', code: oneOf(raw, 'code', byeCodes), message: text(raw, 'message') }),
};

/** The message types a gateway may send. */
export const serverTypes = Object.keys(decoders) as readonly ServerMessage['type'][];

/** decode reads one text frame; undefined for a type this client does not know. */
export function decode(frame: string): ServerMessage | undefined {
  const raw = object(JSON.parse(frame), 'message');
  const type = text(raw, 'type');
  const known = serverTypes.find((t) => t === type);
  return known === undefined ? undefined : decoders[known](raw);
}
