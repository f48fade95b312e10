// The people, telephones and states that scenes are made of.
import { kinds, type Kind } from '../../../src/e2ee/frame/kind.ts';
import type { AskCard, Card, GrantCard, MeetingEvent, MeetingPolicy, RosterEntry } from '../../../src/e2ee/meeting/events.ts';
import type { RoomState, Saying } from '../../../src/e2ee/meeting/room_state.ts';
import type { Bytes } from '../../../src/e2ee/policy/bytes.ts';
import type { Link } from '../../../src/e2ee/policy/link.ts';
import type { Participant, Welcome } from '../../../src/protocol/messages.ts';
import type { EncryptionChange, SessionEvent } from '../../../src/session/event.ts';
import { person } from '../people.ts';

/** Half past two in the afternoon, UTC, Unix seconds. */
export const at = 1_760_020_200;

const bytes = (n: number, length = 32): Bytes => new Uint8Array(length).fill(n);
export const gatewayKey = bytes(0x47);
export const strangeKey = bytes(0x53);
export const sound: readonly Kind[] = kinds.filter((kind) => kind === 'audio' || kind === 'screen-audio');
export const link: Link = { mode: 'mixed', owner: Uint8Array.from({ length: 16 }, (_, i) => 17 * i), secret: bytes(9, 16) };

/** member makes somebody in the group. */
export function member(leaf: number, name: string, change: Partial<RosterEntry> = {}): RosterEntry {
  return {
    leaf, identity: bytes(leaf + 1), kind: 'guest', name, twin: undefined, impostor: false, host: false, absent: false, linked: false, pinned: undefined,
    letInBy: undefined, ...change,
  };
}

export const anna = member(1, 'Anna Weber');
export const priya = member(0, 'Priya Raman', { host: true, kind: 'account', linked: true, pinned: at - 40 * 86_400 });
export const tomasz = member(2, 'Tomasz Kowalski', { linked: true, letInBy: 'Priya Raman' });
export const mia = member(3, 'Mia Roth', { letInBy: 'Priya Raman' });
export const few = [priya, anna, tomasz, mia];
export const asHost = [{ ...priya, host: true }, { ...anna, host: true, linked: true }, tomasz, mia];

export const legs = [{ no: 0, kind: 'phone', label: 'Meeting room 4', number: '+49 *** 4711' }, { no: 1, kind: 'phone', label: '', number: '+44 *** 0190' }] as const;

export const grant: GrantCard = { n: 1, gateway: gatewayKey, legs, scope: sound, speak: ['audio'], notAfter: at + 4 * 3600 };
export const wideGrant: GrantCard = { ...grant, n: 2, scope: kinds, legs: [{ no: 0, kind: 'roomSystem', label: 'Boardroom Zürich', number: '' }, { no: 1, kind: 'recorder', label: 'Minutes', number: '' }] };

export const ask: AskCard = {
  id: 'a1'.repeat(16), gateway: gatewayKey, legs, scope: sound, speak: ['audio'], rule: 'host', vetoes: [], consents: 0, mine: 'open', times: 1,
};

/** card makes somebody in the lobby. */
export function card(ref: number, name: string, change: Partial<Card> = {}): Card {
  return { ref: String(ref).repeat(64), kind: 'guest', name, twin: undefined, impostor: false, identity: bytes(0x80 + ref), linked: false, pinned: undefined, participant: '', ...change };
}

export function policy(change: Partial<MeetingPolicy> = {}): MeetingPolicy {
  return {
    mode: 'mixed', floor: 'mixed', locked: false, maxScope: sound, vetoRule: 'host', grants: [], gateways: [gatewayKey], fallback: [], owner: bytes(1), ...change,
  };
}

const listener = ({ n, gateway, legs: lines, scope }: GrantCard) => ({ n, gateway, legs: lines, scope, allowed: { by: 'Priya Raman', at: at - 600 } });

/** state makes a room state of a mark and its sentences. */
export function state(mark: RoomState['mark'], says: readonly Saying[], change: Partial<RoomState> = {}): RoomState {
  return { mark, checked: false, says, legs: undefined, until: undefined, ...change };
}

export const sealed = (people = 4): RoomState => state('SEALED', [{ key: 'e2ee.sealed', people }, { key: 'e2ee.unchecked' }]);
export const checked = state('SEALED', [{ key: 'e2ee.sealed', people: 4 }, { key: 'e2ee.checked' }, { key: 'e2ee.phoneEarlier' }], { checked: true });
export const verified = state('SEALED', [{ key: 'e2ee.sealed', people: 4 }, { key: 'e2ee.verified', compared: { at: at - 1620, epoch: 17n, since: [{ name: 'Mia Roth', letInBy: 'Priya Raman' }] } }]);
export const asked = state('ASKED', [{ key: 'e2ee.asked', people: 4 }, { key: 'e2ee.unchecked' }], { legs: 'e2ee.legs.asked' });
export const audioOpen = state('AUDIO OPEN', [{ key: 'e2ee.audioOpen', listener: listener(grant) }, { key: 'e2ee.videoPrivate' }, { key: 'e2ee.unchecked' }], { legs: 'e2ee.legs.audioOpen' });
export const mediaOpen = state('MEDIA OPEN', [{ key: 'e2ee.mediaOpen', listener: listener(wideGrant) }, { key: 'e2ee.unchecked' }], { legs: 'e2ee.legs.mediaOpen' });
export const sealing = state('SEALING', [{ key: 'e2ee.closing' }, { key: 'e2ee.mayStillHear', names: ['Tomasz Kowalski'] }]);
export const broken = (why: Extract<Saying, { key: 'e2ee.broken' }>['why']): RoomState => state('BROKEN', [{ key: 'e2ee.broken', why }], { legs: 'e2ee.legs.broken' });

/** participants of the server for the members, and a telephone for each line of grants. */
export function participants(members: readonly RosterEntry[], grants: readonly GrantCard[]): readonly Participant[] {
  const browsers = members.map((entry) => person(entry.leaf === 1 ? 'me' : `b${entry.leaf}`, `name of the server ${entry.leaf}`, {
    leaf: entry.leaf, role: entry.host ? 'host' : 'guest', muted: entry.leaf === 2, sources: entry.leaf === 3 ? ['microphone'] : ['microphone', 'camera'],
  }));
  const phones = grants.flatMap((g) => g.legs.map(({ no, kind }) => person(`f${g.n}-${no}`, 'name of the server', {
    kind: kind === 'roomSystem' || kind === 'recorder' ? kind : 'phone', security: no === 0 ? 'sdes' : 'clear', sources: ['microphone'], grant: g.n, line: no, muted: no === 1,
  })));
  return [...browsers, ...phones];
}

/** Act is what makes one scene differ from another. */
export interface Act {
  readonly members?: readonly RosterEntry[];
  readonly state?: RoomState;
  readonly policy?: Partial<MeetingPolicy>;
  readonly met?: readonly MeetingEvent[];
  readonly change?: EncryptionChange;
  readonly waiting?: readonly Participant[];
  readonly welcome?: Partial<Welcome>;
  readonly key?: 'g' | 'h';
  readonly linked?: boolean;
  readonly then?: readonly SessionEvent[];
}

const welcome: Welcome = {
  type: 'welcome', protocol: 1, participant: 'me', resume: 'token', role: 'guest', room: { number: '1000', name: 'Credit committee', mode: 'mixed', locked: false },
  iceServers: [], slots: { audio: 4, video: 6 }, phone: { uri: 'sip:1000@meet.example.com' }, server: '1.0.0', now: at * 1000,
};

/** begin is the way to the door of an encrypted room. */
export function begin(act: Act): readonly SessionEvent[] {
  const invitation = { room: '1000', key: `${act.key ?? 'g'}.Zm9yIHRlc3RzIG9ubHk`, ...(act.linked === true ? { link } : {}) };
  return [
    { type: 'opened', invitation, room: '1000' }, { type: 'named', name: 'Anna Weber' },
    { type: 'captureChanged', capture: { microphone: 'on', camera: 'on', screen: 'off', microphones: [], cameras: [], speakers: [], chosen: { microphone: '', camera: '', speaker: '' }, revision: 1 } },
    { type: 'joinAsked' }, { type: 'received', message: { ...welcome, ...act.welcome } },
    ...(act.linked === true ? [{ type: 'encryptionChanged', change: { link } } as const] : []),
  ];
}

/** inside is the way into an encrypted meeting, and what happens there. */
export function inside(act: Act, fingerprint: string): readonly SessionEvent[] {
  const { members = few } = act;
  const agreed = policy(act.policy);
  const met: readonly MeetingEvent[] = [
    { type: 'phase', phase: 'in' }, { type: 'joined', epoch: 17n, askLooser: false }, { type: 'roster', epoch: 17n, self: 1, members },
    { type: 'policy', policy: agreed }, { type: 'state', state: act.state ?? sealed(members.length) }, ...(act.met ?? []),
  ];
  const people = [...participants(members, agreed.grants), ...(act.waiting ?? [])];
  return [
    ...begin(act),
    { type: 'encryptionChanged', change: { gatewayFingerprint: fingerprint, owner: { known: true, mine: act.key === 'h', pinned: false } } },
    ...(act.change === undefined ? [] : [{ type: 'encryptionChanged', change: act.change } as const]),
    ...met.map((event) => ({ type: 'met', event }) as const),
    { type: 'received', message: { type: 'roster', revision: 1, room: { ...welcome.room, ...act.welcome?.room }, participants: people } },
    { type: 'received', message: { type: 'admitted' } },
    { type: 'received', message: { type: 'slots', items: people.filter((p) => p.id !== 'me' && p.sources.includes('camera')).map((p, i) => ({ mid: `v${i}`, participant: p.id, source: 'camera' as const })) } },
    { type: 'mediaChanged', media: 'connected' },
    ...(act.then ?? []),
  ];
}
