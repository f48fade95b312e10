import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Card, GrantCard, MeetingEvent, MeetingPolicy, RosterEntry } from '../../src/e2ee/meeting/events.ts';
import type { Participant, ServerMessage, Welcome } from '../../src/protocol/messages.ts';
import { autoAdmitted } from '../../src/session/auto_admit.ts';
import { unencrypted, type Encryption } from '../../src/session/encryption.ts';
import type { SessionEvent } from '../../src/session/event.ts';
import { carried } from '../../src/session/host_command.ts';
import { commanded, found, meet, noted } from '../../src/session/meet.ts';
import { reduce } from '../../src/session/reduce.ts';
import { initial, type State } from '../../src/session/state.ts';
import { lostMark } from '../../src/ui/encryption/unreadable.tsx';
import { sayIn } from '../../src/ui/words/words.ts';

const room = { number: '1000', name: 'Demo', mode: 'mixed', locked: false } as const;
const welcome: Welcome = {
  type: 'welcome', protocol: 1, participant: 'me', resume: 'r', role: 'guest', room, iceServers: [], slots: { audio: 8, video: 12 }, phone: { uri: 'sip:1000@x' }, server: '1', now: 0,
  encryption: { gateway: 'AAAA', gatewayFingerprint: '', ownerPinned: false, maxScope: 'audio', vetoRule: 'host', autoAdmit: false },
};

function entry(leaf: number, name: string, change: Partial<RosterEntry> = {}): RosterEntry {
  return {
    leaf, name, identity: Uint8Array.of(leaf), kind: 'guest', twin: undefined, impostor: false, host: false, absent: false, linked: false, pinned: undefined, letInBy: undefined, ...change,
  };
}

function person(id: string, change: Partial<Participant> = {}): Participant {
  return { id, name: `server says ${id}`, kind: 'browser', role: 'guest', state: 'joined', muted: false, mutedByHost: false, hand: 0, security: 'dtls', sources: [], joinedAt: 0, ...change };
}

const grant = (n: number): GrantCard => ({
  n, gateway: Uint8Array.of(9), legs: [{ no: 4, kind: 'phone', label: '', number: '+49 ...12' }], scope: ['audio'], speak: ['audio'], notAfter: 0,
});
const policy = (...grants: readonly GrantCard[]): MeetingPolicy => ({
  mode: 'mixed', floor: 'mixed', locked: false, maxScope: ['audio'], vetoRule: 'host', grants, gateways: [], fallback: [], owner: Uint8Array.of(1),
});
const roster = (self: number, ...members: readonly RosterEntry[]): MeetingEvent => ({ type: 'roster', epoch: 7n, self, members });
const after = (...events: readonly MeetingEvent[]): Encryption => events.reduce(meet, unencrypted);
const play = (start: State, ...events: readonly SessionEvent[]): State => events.reduce(reduce, start);
const say = (...messages: readonly ServerMessage[]): SessionEvent[] => messages.map((message) => ({ type: 'received', message }));
const met = (...events: readonly MeetingEvent[]): SessionEvent[] => events.map((event) => ({ type: 'met', event }));
const invitation = { room: '1000', key: 'g.secret' };
const joining = play(initial, { type: 'opened', invitation, room: '1000' }, { type: 'joinAsked' }, ...say(welcome));
const seen = (...participants: Participant[]): SessionEvent[] => say({ type: 'roster', revision: 1, room, participants });

test('into an encrypted room by the gateway and the meeting, in whatever order', () => {
  assert.equal(joining.encryption, unencrypted);
  const orders = [[...met({ type: 'phase', phase: 'in' }), ...say({ type: 'admitted' })], [...say({ type: 'admitted' }), ...met({ type: 'phase', phase: 'in' })]];
  for (const [first, second] of orders) {
    assert.ok(first && second);
    const half = play(joining, first);
    assert.equal(half.phase.name, 'joining');
    assert.equal(play(half, second).phase.name, 'room');
  }
  const lobby = play(joining, ...say({ type: 'waiting', position: 2 }), ...met({ type: 'phase', phase: 'waiting' }));
  assert.deepEqual(lobby.phase, { name: 'lobby', position: 2 });
  assert.equal(play(lobby, ...say({ type: 'admitted' })).phase.name, 'lobby');
});

test('a meeting that lost us puts us out of the room', () => {
  const inside = play(joining, ...say({ type: 'admitted' }), ...met({ type: 'phase', phase: 'in' }));
  assert.equal(play(inside, ...met({ type: 'phase', phase: 'waiting' })).phase.name, 'lobby');
});

test('what was encrypted does not become open by a word of the server', () => {
  const back = play(joining, ...say({ ...welcome, room: { ...room, mode: 'open' } }));
  assert.notEqual(back.encryption, undefined);
  const open = play(initial, { type: 'opened', invitation, room: '1000' }, { type: 'joinAsked' }, ...say({ ...welcome, room: { ...room, mode: 'open' } }, { type: 'admitted' }));
  assert.deepEqual([open.encryption, open.phase.name], [undefined, 'room']);
});

test('an open room that was encrypted waits for the user', () => {
  const start = play(initial, { type: 'opened', invitation, room: '1000' }, { type: 'joinAsked' }, { type: 'looserFound' });
  const asked = play(start, ...say({ ...welcome, room: { ...room, mode: 'open' } }, { type: 'admitted' }));
  assert.deepEqual([asked.encryption?.askLooser, asked.phase.name], [true, 'joining']);
  const taken = play(asked, { type: 'looserTaken' });
  assert.deepEqual([taken.encryption, taken.phase.name], [undefined, 'room']);
});

test('a fault is told at the end, and forgotten by the next try', () => {
  const ended = play(joining, { type: 'faulted', fault: 'clock' }, { type: 'ended', code: 'encryption' });
  assert.deepEqual([ended.phase, ended.encryption?.fault], [{ name: 'ended', code: 'encryption' }, 'clock']);
  assert.equal(play(ended, { type: 'joinAsked' }).encryption, undefined);
  assert.equal(play(joining, { type: 'ended', code: 'left' }).encryption, undefined);
});

test('names, hosts and who is there come from the group, whatever the server says', () => {
  const state = play(joining, ...met(roster(0, entry(0, 'Me'), entry(1, 'Anna', { host: true }), entry(2, 'Anna', { twin: 2 }), entry(3, 'Ghost'))), ...seen(
    person('me', { role: 'host', leaf: 3 }), person('a', { leaf: 1, muted: true, hand: 5 }), person('b', { leaf: 2, role: 'host' }),
    person('false', { leaf: 9 }), person('none'), person('early', { leaf: 2, joinedAt: -1 }), person('w', { state: 'waiting' }),
  ));
  const shown = [...state.participants.values()].map(({ id, name, role }) => `${id}: ${name}, ${role}`);
  assert.deepEqual(shown, ['w: server says w, guest', 'me: Me, guest', 'a: Anna, host', 'b: Anna (2), guest', 'leaf 3: Ghost, guest']);
  const anna = state.participants.get('a');
  assert.deepEqual([anna?.muted, anna?.hand, state.role, state.told.get('a')?.name], [true, 5, 'guest', 'server says a']);
  // The group is what changes it: as a host.
  assert.equal(play(state, ...met(roster(0, entry(0, 'Me', { host: true })))).role, 'host');
});

test('who becomes a host in the group has a host’s controls, whatever the server still says and whenever it says it', () => {
  const guest = play(joining, ...met(roster(0, entry(0, 'Me'), entry(1, 'Anna', { host: true }))), ...seen(person('me'), person('a', { leaf: 1, role: 'host' })));
  assert.equal(guest.role, 'guest');
  // All hosts have gone and we took over, or a host made us one: the server has not heard of it yet.
  const host = play(guest, ...met(roster(0, entry(0, 'Me', { host: true }), entry(1, 'Anna'))));
  const late: readonly (readonly SessionEvent[])[] = [say(welcome), seen(person('me')), say({ type: 'rosterChange', revision: 2, upsert: [person('me', { muted: true })], gone: [] }), say({ type: 'levels', items: [] })];
  for (const events of late) {
    const now = play(host, ...events);
    assert.deepEqual([now.role, now.participants.get('me')?.role], ['host', 'host'], JSON.stringify(events));
  }
  // And who is one no more has them no more.
  const over = play(host, ...met(roster(0, entry(0, 'Me'), entry(1, 'Anna', { host: true }))));
  for (const events of [[], say({ ...welcome, role: 'host' }), seen(person('me', { role: 'host' }))]) assert.equal(play(over, ...events).role, 'guest', JSON.stringify(events));
});

test('a telephone is shown by its grant, and by none not at all', () => {
  const phone = (id: string, change: Partial<Participant>): Participant => person(id, { kind: 'phone', ...change });
  const state = play(joining, ...met(roster(0, entry(0, 'Me')), { type: 'policy', policy: policy(grant(3)) }), ...seen(
    person('me'), phone('p', { grant: 3, line: 4 }), phone('other line', { grant: 3, line: 5 }), phone('other grant', { grant: 2, line: 4 }), phone('none', {}),
  ));
  assert.deepEqual([...state.participants.values()].map(({ id, name }) => `${id} ${name}`), ['p +49 ...12', 'me Me']);
  assert.deepEqual([...play(state, ...met({ type: 'policy', policy: policy() })).participants.keys()], ['me']);
});

test('a name in a notice is never the server\'s', () => {
  const state = play(joining, ...met(roster(0, entry(0, 'Me'), entry(1, 'Anna'))), ...seen(person('a', { leaf: 1 })), ...say(
    { type: 'notice', code: 'handRaised', participant: 'a', name: 'The boss' }, { type: 'notice', code: 'left', participant: 'x', name: 'The boss' },
  ));
  assert.deepEqual(state.announcements.map(({ name }) => name), ['Anna', '']);
});

test('a listener without wait goes by itself, or by the word of the user; muted, it stays', () => {
  const listener = { type: 'listener', epoch: 5n, kinds: ['audio'], wait: false } as const;
  const asked = after(listener);
  assert.deepEqual(asked.listener, { epoch: 5n, kinds: ['audio'], wait: false });
  assert.equal(meet(asked, { type: 'wentOn', epoch: 4n }).listener, asked.listener);
  assert.equal(meet(asked, { type: 'wentOn', epoch: 5n }).listener, undefined);
  const muted = commanded(asked, { type: 'muteMe' });
  assert.equal(meet(muted, { type: 'wentOn', epoch: 5n }).listener?.wait, true);
  const gone = commanded({ ...muted, askLooser: true, notCarriedOut: 'kick' }, { type: 'continue' });
  assert.deepEqual([gone.listener, gone.askLooser, gone.notCarriedOut], [undefined, false, undefined]);
});

test('codes are of one epoch; a comparison that failed says so', () => {
  const done = after(roster(0), { type: 'shortCode', phase: 'done', code: '12345678', leaves: [0] }, { type: 'longCode', epoch: 7n, code: '1' });
  const later = meet(done, { ...roster(0), epoch: 8n } as MeetingEvent);
  assert.deepEqual([done.shortCode?.phase, done.longCode?.code, later.shortCode, later.longCode], ['done', '1', undefined, undefined]);
  assert.equal(meet(done, roster(0)).shortCode?.phase, 'done');
  const failed = meet(done, { type: 'shortCode', phase: 'failed', why: 'epoch' });
  assert.equal(meet(failed, { ...roster(0), epoch: 8n } as MeetingEvent).shortCode?.phase, 'failed');
  assert.equal(commanded(failed, { type: 'tryAgain' }).shortCode, undefined);
  assert.equal(commanded(done, { type: 'codesMatch', match: true }).longCode, undefined);
});

test('what is read goes, and nothing grows for ever', () => {
  const failure: MeetingEvent = { type: 'failure', failure: { what: 'unreadable' } };
  let state = after({ type: 'newMeeting' }, failure, failure, { type: 'lines', n: 3, legs: [] }, { type: 'undone', wish: 'add', why: 'impossible' });
  assert.deepEqual([state.failures.map(({ id }) => id), state.newMeeting], [[1, 2], true]);
  state = (['newMeeting', 'lines', 'undone'] as const).reduce((now, what) => noted(now, { what }), state);
  state = noted(state, { what: 'failure', id: 1 });
  assert.deepEqual([state.failures.map(({ id }) => id), state.newMeeting, state.lines, state.undone], [[2], false, undefined, undefined]);
  for (let i = 0; i < 1000; i++) state = meet(meet(state, failure), { type: 'chat', from: entry(1, 'Anna'), text: String(i) });
  assert.deepEqual([state.failures.length, state.chat.length, state.chat.at(-1)?.text, new Set(state.chat.map(({ id }) => id)).size], [8, 500, '999', 500]);
});

test('lines are told as long as their telephone system listens', () => {
  const told = after({ type: 'policy', policy: policy(grant(3)) }, { type: 'lines', n: 3, legs: [] });
  assert.equal(meet(told, { type: 'policy', policy: policy(grant(3)) }).lines?.n, 3);
  assert.equal(meet(told, { type: 'policy', policy: policy(grant(4)) }).lines, undefined);
});

test('another leaf asks anew', () => {
  const before = after({ type: 'listener', epoch: 5n, kinds: ['audio'], wait: true }, { type: 'takeover', offered: true }, { type: 'notCarriedOut', wish: 'kick' });
  const now = meet(before, { type: 'joined', epoch: 9n, askLooser: true });
  assert.deepEqual([now.listener, now.takeover, now.notCarriedOut, now.askLooser, now.epoch], [undefined, false, undefined, true, 9n]);
  assert.equal(meet(before, { type: 'carriedOut' }).notCarriedOut, undefined);
});

test('findings of the guard are of one media connection', () => {
  const state = [{ what: 'sender', source: 'camera' }, { what: 'sender', source: 'camera' }, { what: 'receiver', mid: '3' }, { what: 'overstepped', n: 2 }] as const;
  const now = state.reduce(found, unencrypted);
  assert.deepEqual([now.cut, now.spoiled, now.overstepped], [['camera'], ['3'], [2]]);
  const renewed = found(now, { what: 'renewed' });
  assert.deepEqual([renewed.cut, renewed.spoiled, renewed.overstepped], [[], [], [2]]);
});

test('a slot that cannot be opened is marked until it can, or the connection is another', () => {
  const state = [{ what: 'opening', mid: '3', opens: false }, { what: 'opening', mid: '4', opens: false }, { what: 'opening', mid: '3', opens: false }] as const;
  const now = state.reduce(found, unencrypted);
  assert.deepEqual([...now.unopened].sort(), ['3', '4']);
  assert.deepEqual(found(now, { what: 'opening', mid: '3', opens: true }).unopened, ['4']);
  assert.deepEqual(found(now, { what: 'renewed' }).unopened, []);
});

test('whose picture or sound cannot be opened has a mark that says which; what is not protected goes before', () => {
  const slot = (mid: string, participant: string, source: 'camera' | 'microphone') => ({ mid, participant, source });
  const slots = [slot('1', 'a', 'camera'), slot('2', 'a', 'microphone'), slot('3', 'b', 'camera')];
  const say = sayIn('en');
  const title = (participant: string, change: Partial<Encryption>) => lostMark({ slots, encryption: { ...unencrypted, ...change } }, participant, say)?.title;
  assert.deepEqual(
    [['1'], ['2'], ['1', '2'], ['3']].map((unopened) => title('a', { unopened })),
    ['Picture cannot be decrypted', 'Sound cannot be decrypted', 'Sound and picture cannot be decrypted', undefined],
  );
  assert.equal(title('a', { unopened: ['1'], spoiled: ['2'] }), 'Not let through');
  assert.equal(lostMark({ slots, encryption: undefined }, 'a', say), undefined);
});

test('a room without a lobby: one host lets in who came by the link, or all where there is none', () => {
  const card = (ref: string, linked: boolean): Card => ({ ref, kind: 'guest', name: ref, twin: undefined, impostor: false, identity: Uint8Array.of(1), linked, pinned: undefined, participant: '' });
  const link = { mode: 'mixed', owner: new Uint8Array(16), secret: new Uint8Array(16) } as const;
  const host = (leaf: number, absent = false): RosterEntry => entry(leaf, 'h', { host: true, absent });
  const state: Encryption = { ...unencrypted, self: 2, roster: [entry(0, 'g'), host(2), host(5)], cards: [card('a', true), card('b', false)] };
  assert.deepEqual(autoAdmitted(state, link), ['a']);
  assert.deepEqual(autoAdmitted(state, undefined), ['a', 'b']);
  assert.deepEqual(autoAdmitted({ ...state, self: 5 }, undefined), []);
  assert.deepEqual(autoAdmitted({ ...state, self: 0 }, undefined), []);
  assert.deepEqual(autoAdmitted({ ...state, self: 5, roster: [host(2, true), host(5)] }, undefined), ['a', 'b']);
});

test('who carries out what a host wants', () => {
  const state = play(joining, ...met(roster(0, entry(0, 'Me', { host: true }), entry(1, 'Anna'), entry(3, 'Hidden'))), ...seen(
    person('me'), person('a', { leaf: 1 }), person('p', { kind: 'phone', leaf: 1 }), person('odd', { leaf: 8 }),
  ));
  const remove = (participant: string) => ({ type: 'remove', participant, ban: false }) as const;
  assert.deepEqual(carried(state, remove('a')), { meeting: { type: 'kick', identity: Uint8Array.of(1) }, gateway: remove('a') });
  assert.deepEqual(carried(state, remove('p')), { gateway: remove('p') });
  assert.deepEqual(carried(state, remove('odd')), { gateway: remove('odd') });
  assert.deepEqual(carried(state, remove('leaf 3')), { meeting: { type: 'kick', identity: Uint8Array.of(3) } });
  assert.deepEqual(carried(state, { type: 'admit', participant: 'a' }), {});
  assert.deepEqual(carried(state, { type: 'passHost', participant: 'a' }), { meeting: { type: 'host', identity: Uint8Array.of(1), host: true } });
  assert.deepEqual(carried(state, { type: 'muteAll' }), { gateway: { type: 'muteAll' } });
  assert.deepEqual(carried(initial, remove('a')), { gateway: remove('a') });
});
