import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Participant, ServerMessage, Welcome } from '../../src/protocol/messages.ts';
import type { SessionEvent } from '../../src/session/event.ts';
import { joined, waiting } from '../../src/session/receive.ts';
import { reduce } from '../../src/session/reduce.ts';
import { initial, type State } from '../../src/session/state.ts';

const room = { number: '1000', name: 'Demo', mode: 'open', locked: false } as const;
const welcome: Welcome = {
  type: 'welcome', protocol: 1, participant: 'me', resume: 'r', role: 'guest', room, iceServers: [], slots: { audio: 8, video: 12 }, phone: { uri: 'sip:1000@x' }, server: '1', now: 0,
};

function person(id: string, change: Partial<Participant> = {}): Participant {
  return { id, name: id, kind: 'browser', role: 'guest', state: 'joined', muted: false, mutedByHost: false, hand: 0, security: 'dtls', sources: [], joinedAt: 0, ...change };
}

const roster = (...participants: Participant[]): ServerMessage => ({ type: 'roster', revision: 1, room, participants });
const play = (start: State, ...events: SessionEvent[]): State => events.reduce(reduce, start);
const say = (...messages: ServerMessage[]): SessionEvent[] => messages.map((message) => ({ type: 'received', message }));
const invitation = { room: '1000', key: 'g.secret' };
const opened = play(initial, { type: 'opened', invitation, room: '1000' });
const inRoom = play(opened, { type: 'joinAsked' }, ...say(welcome, roster(person('me'), person('a')), { type: 'admitted' }));

test('a link leads to the green room, a number alone to the explanation', () => {
  assert.deepEqual(opened.phase, { name: 'greenRoom' });
  assert.deepEqual(play(initial, { type: 'opened', invitation: undefined, room: '1000' }).phase, { name: 'landing', room: '1000' });
  assert.equal(play(initial, { type: 'joinAsked' }).phase.name, 'landing');
});

test('a visit through the lobby', () => {
  const joining = play(opened, { type: 'joinAsked' });
  assert.equal(joining.phase.name, 'joining');
  const lobby = play(joining, ...say(welcome, roster(person('me', { state: 'waiting' })), { type: 'waiting', position: 2 }));
  assert.deepEqual(lobby.phase, { name: 'lobby', position: 2 });
  assert.deepEqual(play(lobby, ...say({ type: 'waiting', position: 1 })).phase, { name: 'lobby', position: 1 });
  const admitted = play(lobby, ...say({ type: 'admitted' }));
  assert.equal(admitted.phase.name, 'room');
  assert.equal(admitted.network, 'online');
});

test('a roster replaces, a change adds and takes away', () => {
  const changed = play(inRoom, ...say({ type: 'rosterChange', revision: 2, upsert: [person('b'), person('me', { hand: 5 })], gone: ['a'] }));
  assert.deepEqual([...changed.participants.keys()].sort(), ['b', 'me']);
  assert.equal(changed.participants.get('me')?.hand, 5);
  assert.equal(changed.room, inRoom.room);
  assert.deepEqual([...play(changed, ...say(roster(person('c')))).participants.keys()], ['c']);
});

test('who waits is not in the room', () => {
  const state = play(inRoom, ...say(roster(person('me'), person('w2', { state: 'waiting', joinedAt: 2 }), person('w1', { state: 'waiting', joinedAt: 1 }))));
  assert.deepEqual(joined(state).map((p) => p.id), ['me']);
  assert.deepEqual(waiting(state).map((p) => p.id), ['w1', 'w2']);
});

test('being muted by a host mutes here; the old roster does not mute again after the own unmute', () => {
  const byHost = person('me', { muted: true, mutedByHost: true });
  const muted = play(inRoom, ...say({ type: 'rosterChange', revision: 2, upsert: [byHost], gone: [] }));
  assert.equal(muted.muted, true);
  const unmuted = play(muted, { type: 'muted', muted: false }, ...say({ type: 'rosterChange', revision: 3, upsert: [byHost], gone: [] }));
  assert.equal(unmuted.muted, false);
  const again = play(unmuted, ...say(roster(person('me')), roster(byHost)));
  assert.equal(again.muted, true);
});

test('the role follows the roster', () => {
  assert.equal(play(inRoom, ...say(roster(person('me', { role: 'host' })))).role, 'host');
});

test('a break keeps the room on the screen; the same participant comes back to it', () => {
  const broken = play(inRoom, { type: 'connectionBroke' }, { type: 'connectionBroke' });
  assert.equal(broken.network, 'reconnecting');
  assert.equal(broken.attempt, 2);
  assert.equal(broken.phase.name, 'room');
  const back = play(broken, ...say(welcome));
  assert.equal(back.network, 'online');
  assert.equal(back.attempt, 0);
  assert.equal(back.participants, inRoom.participants);
});

test('another participant after a break begins anew', () => {
  const back = play(inRoom, { type: 'connectionBroke' }, ...say({ ...welcome, participant: 'other' }), { type: 'rejoined' });
  assert.equal(back.participants.size, 0);
  assert.equal(back.phase.name, 'joining');
});

test('levels are the latest ones, and only those', () => {
  const loud = play(inRoom, ...say({ type: 'levels', speaker: 'a', items: [{ participant: 'a', level: 20 }] }));
  assert.equal(loud.speaker, 'a');
  const quiet = play(loud, ...say({ type: 'levels', items: [] }));
  assert.equal(quiet.speaker, '');
  assert.equal(quiet.levels.size, 0);
});

test('notices are kept until read, four at most; draining and the lobby have places of their own', () => {
  const joins: ServerMessage[] = ['a', 'b', 'c', 'd', 'e'].map((name) => ({ type: 'notice', code: 'joined', name }));
  const state = play(inRoom, ...say(...joins, { type: 'notice', code: 'draining' }, { type: 'notice', code: 'waitingInLobby', name: 'w' }));
  assert.deepEqual(state.announcements.map((a) => a.name), ['b', 'c', 'd', 'e']);
  assert.equal(new Set(state.announcements.map((a) => a.id)).size, 4);
  assert.equal(state.draining, true);
  const first = state.announcements[0];
  assert.ok(first);
  assert.equal(play(state, { type: 'announcementRead', id: first.id }).announcements.length, 3);
});

test('only an error that answers a command is told to the user', () => {
  const quiet = play(inRoom, ...say({ type: 'error', code: 'internal', message: '' }));
  assert.equal(quiet.announcements.length, 0);
  const told = play(inRoom, ...say({ type: 'error', re: 7, code: 'notHost', message: '' }));
  assert.equal(told.announcements[0]?.code, 'commandFailed');
});

test('the end forgets the visit and keeps what is the user’s', () => {
  const ended = play(inRoom, { type: 'named', name: 'Anna' }, { type: 'muted', muted: true }, { type: 'ended', code: 'removed' });
  assert.deepEqual(ended.phase, { name: 'ended', code: 'removed' });
  assert.equal(ended.participants.size, 0);
  assert.equal(ended.me, '');
  assert.deepEqual([ended.name, ended.muted, ended.invitation], ['Anna', true, invitation]);
  assert.equal(play(ended, { type: 'wentBack' }).phase.name, 'greenRoom');
});

test('what changes nothing is the same state', () => {
  assert.equal(play(inRoom, { type: 'mediaChanged', media: inRoom.media }), inRoom);
  assert.equal(play(inRoom, ...say({ type: 'ok', re: 1 })), inRoom);
});
