import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import type { Participant } from '../../src/protocol/messages.ts';
import { handPosition, rosterOrder, tileOrder } from '../../src/session/sort.ts';

function person(id: string, change: Partial<Participant> = {}): Participant {
  return { id, name: id, kind: 'browser', role: 'guest', state: 'joined', muted: false, mutedByHost: false, hand: 0, security: 'dtls', sources: [], joinedAt: 0, ...change };
}

test('roster: hands as they went up, oneself, hosts, then names as people read them', () => {
  const people = [
    person('z', { name: 'Zoë' }), person('10', { name: 'Guest 10' }), person('2', { name: 'Guest 2' }), person('o', { name: 'Örjan' }),
    person('h', { name: 'Walter', role: 'host' }), person('late', { hand: 9 }), person('early', { hand: 3 }), person('me', { name: 'Xenia' }),
  ];
  assert.deepEqual(rosterOrder(people, 'me', 'en').map((p) => p.id), ['early', 'late', 'me', 'h', '2', '10', 'o', 'z']);
});

test('roster: the same whatever order it came in', () => {
  const people = [person('a', { name: 'Kim' }), person('b', { name: 'Kim' }), person('c', { name: 'Kim' })];
  assert.deepEqual(rosterOrder([...people].reverse(), '', 'en'), rosterOrder(people, '', 'en'));
});

test('place in the queue of hands', () => {
  const people = [person('a', { hand: 20 }), person('b'), person('c', { hand: 10 })];
  assert.deepEqual(['a', 'b', 'c'].map((id) => handPosition(people, id)), [2, 0, 1]);
});

test('tiles: in the order of coming, oneself last', () => {
  const people = [person('me', { joinedAt: 1 }), person('b', { joinedAt: 3 }), person('a', { joinedAt: 2 })];
  assert.deepEqual(tileOrder(people, 'me', [], '', 9), ['a', 'b', 'me']);
});

test('tiles: who is there stays, who left is gone, who is new comes behind', () => {
  const people = [person('me'), person('a', { joinedAt: 9 }), person('c', { joinedAt: 1 }), person('d', { joinedAt: 2 })];
  assert.deepEqual(tileOrder(people, 'me', ['a', 'b', 'c', 'me'], '', 9), ['a', 'c', 'd', 'me']);
});

test('tiles: a speaker out of sight trades places with the last in sight, nobody else moves', () => {
  const people = ['a', 'b', 'c', 'd', 'e'].map((id, i) => person(id, { joinedAt: i })).concat(person('me'));
  const before = tileOrder(people, 'me', [], '', 3);
  assert.deepEqual(before, ['a', 'b', 'me', 'c', 'd', 'e']);
  assert.deepEqual(tileOrder(people, 'me', before, 'a', 3), before);
  assert.deepEqual(tileOrder(people, 'me', before, 'e', 3), ['a', 'e', 'me', 'c', 'd', 'b']);
});

test('tiles: everybody once, whatever the room looks like', () => {
  for (let visible = 1; visible < 6; visible++) {
    const people = ['a', 'b', 'c', 'd'].map((id) => person(id)).concat(person('me'));
    assert.deepEqual([...tileOrder(people, 'me', ['d'], 'c', visible)].sort(), ['a', 'b', 'c', 'd', 'me']);
  }
  assert.deepEqual(tileOrder([person('me')], 'me', [], 'me', 1), ['me']);
  assert.deepEqual(tileOrder([], 'me', [], '', 4), []);
});
