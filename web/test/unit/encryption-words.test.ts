import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { kinds } from '../../src/e2ee/frame/kind.ts';
import type { Card, Failure, MeetingEvent, Wish } from '../../src/e2ee/meeting/events.ts';
import { openState, type BrokenWhy, type RoomState, type Saying } from '../../src/e2ee/meeting/room_state.ts';
import type { ServerFault } from '../../src/e2ee/meeting/wire.ts';
import type { EncryptionFault } from '../../src/session/encryption.ts';
import { roomMark } from '../../src/ui/encryption/mark.ts';
import { failurePhrase, hears, lineName, staysPrivate, undonePhrase, type Speech } from '../../src/ui/encryption/phrases.ts';
import { sentence } from '../../src/ui/encryption/sentences.ts';
import { languages, sayIn, type Language } from '../../src/ui/words/words.ts';

// The compiler holds each of these to all that a meeting can tell: something new there does not compile here until it is named.
const names = <K extends string>(all: Readonly<Record<K, true>>): readonly K[] => Object.keys(all) as K[];
const listener = { n: 1, gateway: new Uint8Array(32), legs: [{ no: 0, kind: 'phone', label: '', number: '+49 *** 4711' }] as const, scope: kinds, allowed: { by: 'Anna', at: 1_760_000_000 } };
const compared = { at: 1_760_000_000, epoch: 3n, since: [{ name: 'Mia', letInBy: 'Anna' }, { name: '', letInBy: undefined }] };
const whys = names<BrokenWhy | 'watchdog'>({ unreachable: true, behind: true, reopened: true, failed: true, watchdog: true });
const sayings: { readonly [K in Saying['key']]: readonly Saying[] } = {
  'e2ee.sealed': [{ key: 'e2ee.sealed', people: 1 }, { key: 'e2ee.sealed', people: 3 }],
  'e2ee.asked': [{ key: 'e2ee.asked', people: 1 }, { key: 'e2ee.asked', people: 3 }],
  'e2ee.checked': [{ key: 'e2ee.checked' }],
  'e2ee.unchecked': [{ key: 'e2ee.unchecked' }],
  'e2ee.phoneEarlier': [{ key: 'e2ee.phoneEarlier' }],
  'e2ee.videoPrivate': [{ key: 'e2ee.videoPrivate' }],
  'e2ee.closing': [{ key: 'e2ee.closing' }],
  'e2ee.open': [{ key: 'e2ee.open' }],
  'e2ee.verified': [{ key: 'e2ee.verified', compared }, { key: 'e2ee.verified', compared: { ...compared, since: [] } }],
  'e2ee.audioOpen': [{ key: 'e2ee.audioOpen', listener }],
  'e2ee.mediaOpen': [{ key: 'e2ee.mediaOpen', listener }, { key: 'e2ee.mediaOpen', listener: { ...listener, allowed: undefined } }],
  'e2ee.mayStillHear': [{ key: 'e2ee.mayStillHear', names: ['Bob', ''] }],
  'e2ee.broken': whys.map((why) => ({ key: 'e2ee.broken', why })),
};
const legs = names<NonNullable<RoomState['legs']>>({ 'e2ee.legs.asked': true, 'e2ee.legs.audioOpen': true, 'e2ee.legs.mediaOpen': true, 'e2ee.legs.open': true, 'e2ee.legs.broken': true });
const marks = names<RoomState['mark']>({ 'SEALED': true, 'ASKED': true, 'AUDIO OPEN': true, 'MEDIA OPEN': true, 'SEALING': true, 'OPEN': true, 'BROKEN': true });
const faults = names<ServerFault>({
  malformed: true, tooLong: true, group: true, leaf: true, epoch: true, lost: true, roster: true, role: true, welcome: true, bundle: true, throttled: true, refused: true,
  gap: true, internal: true, logFull: true,
});
const failures: { readonly [K in Failure['what']]: readonly Failure[] } = {
  badCommit: [{ what: 'badCommit', by: 'Mia' }, { what: 'badCommit', by: undefined }],
  unreadable: [{ what: 'unreadable' }],
  badAsk: [{ what: 'badAsk' }],
  badCard: [{ what: 'badCard' }],
  badWelcome: [{ what: 'badWelcome', why: 'group' }],
  unsent: faults.map((fault) => ({ what: 'unsent', fault })),
  notFounded: faults.map((fault) => ({ what: 'notFounded', fault })),
  notWaiting: faults.map((fault) => ({ what: 'notWaiting', fault })),
  codesDiffer: [{ what: 'codesDiffer' }],
};
type Undone = Extract<MeetingEvent, { type: 'undone' }>;
const wishes = names<Undone['wish']>({
  add: true, remove: true, mode: true, lock: true, maxScope: true, vetoRule: true, gateway: true, host: true, hostOut: true, fallback: true, fallbackOut: true, grant: true,
  revoke: true, rejoin: true, takeover: true, refresh: true,
});
const muted = names<Wish>({ revoke: true, kick: true, veto: true, expiry: true });
const stays = names<EncryptionFault>({ browser: true, worker: true, clock: true, owner: true, mode: true });
const sorts = names<Card['kind']>({ guest: true, account: true, device: true });
type Short = Extract<MeetingEvent, { type: 'shortCode' }>;
const failed = names<Extract<Short, { phase: 'failed' }>['why']>({ epoch: true, silence: true, disturbed: true });
const notNow = names<Extract<Short, { phase: 'notNow' }>['why']>({ running: true, wait: true, disturbed: true, alone: true });

for (const language of Object.keys(languages) as Language[]) {
  const say = sayIn(language);
  const speech: Speech = { say, language };
  const whole = (text: string, of: string): void => {
    assert.ok(text.trim() !== '' && !/[{}]|undefined|\be2ee\./.test(text), `${of}: ${text}`);
  };
  test(`${language} has words for everything that a meeting tells`, () => {
    for (const saying of Object.values(sayings).flat()) whole(sentence(speech, saying, () => 'X'), saying.key);
    for (const failure of Object.values(failures).flat()) whole(failurePhrase(speech, failure), failure.what);
    for (const wish of wishes) for (const why of [...faults, 'impossible', 'invalid'] as const) whole(undonePhrase(speech, { wish, why }), `${wish} ${why}`);
    for (const leg of legs) whole(say(leg), leg);
    for (const wish of muted) whole(say(`wish.${wish}`), wish);
    for (const fault of stays) whole(say(`fault.${fault}.title`) + say(`fault.${fault}.text`) + say(`fault.${fault}.todo`), fault);
    for (const sort of sorts) whole(say(`trust.${sort}`), sort);
    for (const why of failed) whole(say(`code.failed.${why}`), why);
    for (const why of notNow) whole(say(`code.notNow.${why}`), why);
  });
  test(`${language} has a mark in words, an icon and a tone for each state, and no two look alike`, () => {
    const all = marks.flatMap((mark) => [roomMark({ mark, checked: false }, say), roomMark({ mark, checked: true }, say)]);
    const looks = new Map(all.map((mark) => [`${mark.title}, ${mark.more}`, `${mark.icon} ${mark.title} ${mark.more}`]));
    assert.equal(looks.size, 8);
    assert.equal(new Set(all.map(({ icon }) => icon)).size, 8);
    for (const { tone, more } of [roomMark({ mark: 'SEALED', checked: false }, say)]) assert.ok(tone !== 'good' && more !== roomMark({ mark: 'SEALED', checked: true }, say).more);
    assert.equal(roomMark(undefined, say).more, say('mark.starting.more'));
    assert.equal(roomMark(openState, say).tone, 'open');
  });
}

test('what a telephone system gets, and what it does not', () => {
  const speech: Speech = { say: sayIn('en'), language: 'en' };
  assert.equal(hears(speech, ['audio', 'screen-audio']), 'microphones and the sound of shared screens');
  assert.equal(staysPrivate(speech, ['audio', 'screen-audio']), 'cameras and shared screens');
});

test('a line is named by what may be shown of its claim', () => {
  const speech: Speech = { say: sayIn('en'), language: 'en' };
  const cases: readonly (readonly [string, string, string])[] = [
    ['Room 4', '+49 *** 4711', 'Room 4, +49 *** 4711'], ['', '+49 *** 4711', '+49 *** 4711'], ['\u{1f512} Anna\u202e', '', 'Anna'], ['', '', 'Telephone'], ['+1 *** 2', '+1 *** 2', '+1 *** 2'],
  ];
  for (const [label, number, shown] of cases) assert.equal(lineName(speech, { kind: 'phone', label, number }), shown);
});
