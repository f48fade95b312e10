// Every state of an encrypted room that people can see, by name.
import type { MeetingEvent } from '../../../src/e2ee/meeting/events.ts';
import type { Finding } from '../../../src/session/encryption.ts';
import type { SessionEvent } from '../../../src/session/event.ts';
import { queue } from '../people.ts';
import {
  anna, ask, asHost, asked, at, audioOpen, begin, broken, card, checked, few, grant, inside, mediaOpen, member, mia, priya, sealed, sealing, sound, state, strangeKey, tomasz,
  verified, wideGrant, type Act,
} from './cast.ts';

type Scene = (fingerprint: string) => readonly SessionEvent[];

const open: Act = { state: audioOpen, policy: { grants: [grant] } };
const wide: Act = { state: mediaOpen, policy: { grants: [wideGrant], maxScope: ['audio', 'video', 'screen', 'screen-audio'] } };
const host: Act = { members: asHost, key: 'h', linked: true, welcome: { role: 'host', guestKey: 'g.Zm9yZ3Vlc3Rz', phone: { uri: 'sip:1000@meet.example.com', pin: '482916' } } };

const cards: MeetingEvent = {
  type: 'cards',
  cards: [
    card(1, 'Jonas Lindqvist', { linked: true, participant: queue[0]?.id ?? '' }), card(2, 'Sofia Marino', { linked: true, pinned: at - 12 * 86_400 }), card(3, 'Priya Raman', { impostor: true, twin: 2 }), card(4, ''),
  ],
};
const failure = (...list: readonly Extract<MeetingEvent, { type: 'failure' }>['failure'][]): readonly MeetingEvent[] => list.map((one) => ({ type: 'failure', failure: one }));
const found = (finding: Finding): Act => ({ then: [{ type: 'guarded', finding }] });

const acts: Readonly<Record<string, Act>> = {
  'sealed': {},
  'alone': { members: [anna], state: sealed(1) },
  'checked': { state: checked, linked: true },
  'verified': { state: verified, policy: { locked: true } },
  'asked-host': { ...host, state: asked, met: [{ type: 'asks', asks: [ask] }, { type: 'cards', cards: [card(1, 'Jonas Lindqvist', { linked: true })] }] },
  'asked-guest': { state: asked, met: [{ type: 'asks', asks: [ask] }] },
  'asked-any': { state: asked, met: [{ type: 'asks', asks: [{ ...ask, rule: 'any', vetoes: ['Mia Roth'] }] }] },
  'asked-all': { state: asked, met: [{ type: 'asks', asks: [{ ...ask, rule: 'all', consents: 2, gateway: strangeKey }] }] },
  'asked-again': { ...host, state: asked, met: [{ type: 'asks', asks: [{ ...ask, times: 2 }] }] },
  'asked-vetoed': { state: asked, met: [{ type: 'asks', asks: [{ ...ask, rule: 'any', vetoes: ['Anna Weber'], mine: 'vetoed' }] }] },
  'audio-open': open,
  'audio-open-host': { ...host, ...open, waiting: queue, met: [cards] },
  'media-open': wide,
  'sealing': { state: sealing },
  'broken': { state: broken('behind') },
  'broken-watchdog': { state: broken('watchdog') },
  'lobby-host': { ...host, waiting: queue, met: [cards] },
  'names': { members: [priya, anna, { ...tomasz, twin: 1 }, member(4, 'Tomasz Kowalski', { twin: 2, impostor: true }), { ...mia, absent: true }, member(5, '')] },
  'consent': { ...open, met: [{ type: 'listener', epoch: 17n, kinds: sound, wait: true }] },
  'consent-media': { ...wide, met: [{ type: 'listener', epoch: 17n, kinds: wideGrant.scope, wait: true }] },
  'consent-chime': { ...open, met: [{ type: 'listener', epoch: 17n, kinds: sound, wait: false }] },
  'looser': { met: [{ type: 'joined', epoch: 17n, askLooser: true }] },
  'wish': { ...open, met: [{ type: 'notCarriedOut', wish: 'revoke' }] },
  'takeover': { met: [{ type: 'takeover', offered: true }] },
  'new-meeting': { met: [{ type: 'newMeeting' }] },
  'lines': { ...open, met: [{ type: 'lines', n: 1, legs: grant.legs }] },
  'undone': { ...host, met: [{ type: 'undone', wish: 'grant', why: 'throttled' }] },
  'failure-commit': { met: failure({ what: 'badCommit', by: 'Mia Roth' }) },
  'failure-unreadable': { met: failure({ what: 'unreadable' }) },
  'failure-differ': { met: failure({ what: 'codesDiffer' }) },
  'log-full': { ...host, met: failure({ what: 'unsent', fault: 'logFull' }) },
  'cut': found({ what: 'sender', source: 'camera' }),
  'overstepped': { ...open, ...found({ what: 'overstepped', n: 1 }) },
  'no-room-codec': { then: [{ type: 'guarded', finding: { what: 'noRoomCodec' } }, { type: 'mediaChanged', media: 'failed' }] },
  'media-refused': { then: [{ type: 'mediaChanged', media: 'refused' }] },
  'unreadable': found({ what: 'receiver', mid: 'v1' }),
  // Of one the picture, of one the sound, of one both.
  'unopened': { then: [
    { type: 'received', message: { type: 'slots', items: [['v0', 'b0'], ['v1', 'b2'], ['a2', 'b2'], ['a3', 'b3']].map(([mid = '', participant = '']) => ({ mid, participant, source: mid.startsWith('v') ? 'camera' : 'microphone' })) } },
    ...['v0', 'v1', 'a2', 'a3'].map((mid): SessionEvent => ({ type: 'guarded', finding: { what: 'opening', mid, opens: false } })),
  ] },
  'short-running': { met: [{ type: 'shortCode', phase: 'running' }] },
  'short-done': { met: [{ type: 'shortCode', phase: 'done', code: '96432943', leaves: [0, 1, 2, 3] }] },
  'short-failed': { met: [{ type: 'shortCode', phase: 'failed', why: 'silence' }] },
  'short-disturbed': { met: [{ type: 'shortCode', phase: 'notNow', why: 'disturbed' }] },
  'long-code': { met: [{ type: 'longCode', epoch: 17n, code: '46496 46134 15737 99979 25688 28478' }] },
  'host': host,
  'host-locked': { ...host, policy: { locked: true, mode: 'sealed', floor: 'sealed' }, state: state('SEALED', [{ key: 'e2ee.sealed', people: 4 }, { key: 'e2ee.unchecked' }]) },
  'unlinked': { members: few },
};

const doors: Readonly<Record<string, readonly SessionEvent[]>> = {
  'starting': begin({}),
  'waiting': [...begin({ linked: true }), met({ type: 'phase', phase: 'waiting' }), { type: 'received', message: { type: 'waiting', position: 2 } }],
  'no-meeting': [...begin({}), met({ type: 'phase', phase: 'noMeeting' }), { type: 'received', message: { type: 'waiting', position: 1 } }],
  'refused': [...begin({ key: 'h' }), met({ type: 'phase', phase: 'noMeeting' }), met({ type: 'failure', failure: { what: 'notFounded', fault: 'logFull' } }), { type: 'received', message: { type: 'waiting', position: 1 } }],
  'begin-as-owner': [
    ...begin({ key: 'h' }), met({ type: 'phase', phase: 'noMeeting' }), { type: 'received', message: { type: 'waiting', position: 1 } },
    { type: 'encryptionChanged', change: { mayBegin: true, owner: { known: true, mine: false, pinned: false } } },
  ],
  'looser-open': [...begin({ welcome: { room: { number: '1000', name: 'Credit committee', mode: 'open', locked: false } } }), { type: 'looserFound' }],
  'green-sealed': begin({ linked: true }).slice(0, 3),
};

function met(event: MeetingEvent): SessionEvent {
  return { type: 'met', event };
}

const faults = (['browser', 'worker', 'clock', 'owner', 'mode'] as const).map((fault): readonly [string, Scene] => [
  `fault-${fault}`, () => [...begin({ key: 'h' }), { type: 'faulted', fault }, { type: 'ended', code: 'encryption' }],
]);

/** scenes by name; each gets the fingerprint of the telephone system, which takes a moment to compute. */
export const scenes: ReadonlyMap<string, Scene> = new Map<string, Scene>([
  ...Object.entries(acts).map(([name, act]): readonly [string, Scene] => [name, (fingerprint) => inside(act, fingerprint)]),
  ...Object.entries(doors).map(([name, events]): readonly [string, Scene] => [name, () => events]),
  ...faults,
]);
