// How names are shown: what a claim may hold, and who looks like whom.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { nowNamed } from '../../src/session/people.ts';
import { displayNames, longestName, shownLeg, shownName } from '../../src/e2ee/meeting/display_name.ts';
import { skeleton } from '../../src/e2ee/meeting/skeleton.ts';

const who = (identity: number, name: string) => ({ identity: Uint8Array.of(identity), name });

test('a name holds letters, marks, digits, spaces and . \' - only', () => {
  const shown: readonly (readonly [string, string])[] = [
    ['Anna', 'Anna'], ['  Anna \t Berg ', 'Anna Berg'], ['Dr. Jean-Luc O’Neil', "Dr. Jean-Luc O'Neil"], ['Žofie Müller 2', 'Žofie Müller 2'], ['李 小龙', '李 小龙'], ['अन्ना', 'अन्ना'],
    ['Anna 🔒', 'Anna'], ['✅ verified', 'verified'], ['Anna (host)', 'Anna host'], ['<b>x</b>', 'bxb'], ['Ａｎｎａ', 'Anna'], ['ﬁn', 'fin'],
    ['\u202eannA', 'annA'], ['An\u200bna', 'Anna'], ['An\u2066na\u2069', 'Anna'], ['Anna\u3164', 'Anna'], ['\u0301Anna', 'Anna'], ['🔒', ''], ['', ''],
  ];
  for (const [claim, name] of shown) assert.equal(shownName(claim), name, JSON.stringify(claim));
  assert.equal(shownName(`A${'\u0316'.repeat(20)}nna`), `A${'\u0316'.repeat(3)}nna`);
  assert.equal(Array.from(shownName('𝐴'.repeat(100))).length, longestName);
  assert.equal(Array.from(shownName('\u{10400}'.repeat(100))).length, longestName);
});

test('names that look the same have one skeleton, others have not', () => {
  const groups = [
    ['Anna', 'anna', 'Аnnа', 'ANNA', 'Ánna', 'An-na', "An'na"], ['Bill', 'Bi11', 'BiII', 'BilI'], ['Iris', 'lris', '1ris'], ['Tom', 'Torn', 'T0m', 'Τοm'], ['Peter', 'Реtеr'],
  ];
  for (const group of groups) assert.equal(new Set(group.map(skeleton)).size, 1, group.map(skeleton).join());
  assert.equal(new Set(groups.map(([first]) => skeleton(first ?? ''))).size, groups.length);
  assert.notEqual(skeleton('Анна'), skeleton('Anna'));
});

test('equals are numbered in the order in which they came; alone nobody is', () => {
  const names = displayNames([who(1, 'Anna'), who(2, 'Bob'), who(3, 'Аnnа'), who(4, 'anna')], []);
  assert.deepEqual(names.map(({ name, twin }) => [name, twin]), [['Anna', 1], ['Bob', undefined], ['Аnnа', 2], ['anna', 3]]);
});

test('somebody who looks like somebody known is not the one you know', () => {
  const known = [who(1, 'Anna'), who(2, 'Bob'), who(9, '🔒')];
  const names = displayNames([who(1, 'Anna Berg'), who(3, 'Аnna'), who(2, 'Anna'), who(4, 'Carol'), who(5, '✅')], known);
  assert.deepEqual(names.map(({ impostor }) => impostor), [false, true, true, false, false]);
  // Two that are known by one name are both known.
  assert.deepEqual(displayNames([who(1, 'Anna'), who(6, 'Anna')], [...known, who(6, 'anna')]).map(({ impostor }) => impostor), [false, false]);
});

test('of a telephone only what a label and a number may hold is shown', () => {
  assert.deepEqual(shownLeg({ no: 1, kind: 'phone', label: '🔒 Room\u202e', number: '+49 30 …12 <b>' }), { no: 1, kind: 'phone', label: 'Room', number: '+49 30 …12 ' });
});

test('a telephone that sends no name is shown by its number, once', () => {
  assert.deepEqual(shownLeg({ no: 1, kind: 'phone', label: '+44 *** 0123', number: '+44 *** 0123' }), { no: 1, kind: 'phone', label: '', number: '+44 *** 0123' });
});

test('what happened to somebody names him as soon as the group does', () => {
  const joined = { id: 1, code: 'joined', name: '', participant: 'p' } as const;
  assert.equal(nowNamed(joined, new Map()).name, '');
  assert.equal(nowNamed(joined, new Map([['p', { name: 'Mia' }]])).name, 'Mia');
  assert.equal(nowNamed({ ...joined, name: 'Max' }, new Map([['p', { name: 'Mia' }]])).name, 'Max');
});
