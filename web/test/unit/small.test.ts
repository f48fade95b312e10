import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { audioConstraints, readOptions } from '../../src/media/options.ts';
import { loudness } from '../../src/media/meter.ts';
import { backoff } from '../../src/session/backoff.ts';
import { shortcutOf, type KeyPress } from '../../src/ui/keyboard.ts';
import { talkingSteps } from '../../src/ui/level.tsx';
import { initials } from '../../src/ui/room/tile.tsx';
import { securityMark } from '../../src/ui/security.ts';
import { sayIn } from '../../src/ui/words/words.ts';

test('waits double up to eight seconds, and chance spreads them over half', () => {
  assert.deepEqual([1, 2, 3, 4, 5, 6, 40].map((n) => backoff(n, 1)), [500, 1000, 2000, 4000, 8000, 8000, 8000]);
  assert.equal(backoff(3, 0), 1000);
});

test('raw sound turns every treatment off', () => {
  const raw = audioConstraints(readOptions(new URLSearchParams('audio=raw')), 'x');
  assert.deepEqual(raw, { echoCancellation: false, noiseSuppression: false, autoGainControl: false, channelCount: 1, deviceId: { exact: 'x' } });
  const usual = audioConstraints(readOptions(new URLSearchParams('')), '');
  assert.deepEqual(usual, { echoCancellation: true, noiseSuppression: true, autoGainControl: true, channelCount: 1 });
  assert.deepEqual(readOptions(new URLSearchParams('camera=off&microphone=off')), { rawAudio: false, camera: false, microphone: false });
});

test('loudness runs over 60 dB', () => {
  assert.equal(loudness(new Float32Array(100)), 0);
  assert.equal(loudness(new Float32Array(100).fill(1)), 1);
  assert.ok(Math.abs(loudness(new Float32Array(100).fill(0.0316)) - 0.5) < 0.01);
  assert.equal(loudness(new Float32Array(0)), 0);
});

test('levels light more bars the louder they are', () => {
  assert.deepEqual([undefined, 127, 61, 60, 40, 20, 0].map(talkingSteps), [0, 0, 0, 1, 2, 3, 3]);
});

test('keys act only when they are meant', () => {
  const press: KeyPress = { key: 'm', ctrlKey: false, altKey: false, metaKey: false, repeat: false, inField: false, inDialog: false };
  assert.equal(shortcutOf(press), 'mute');
  assert.equal(shortcutOf({ ...press, key: 'M' }), 'mute');
  assert.equal(shortcutOf({ ...press, key: '?' }), 'help');
  assert.equal(shortcutOf({ ...press, key: 'x' }), undefined);
  for (const no of ['ctrlKey', 'altKey', 'metaKey', 'repeat', 'inField', 'inDialog'] as const) assert.equal(shortcutOf({ ...press, [no]: true }), undefined, no);
});

test('initials', () => {
  const cases: Readonly<Record<string, string>> = { 'Anna Weber': 'AW', 'anna': 'A', 'Jean Luc de la Tour': 'JT', '김민준': '김', '+49 *** 11': '', '': '', '  Zoë  Ål ': 'ZÅ', '𝒜da': '𝒜' };
  for (const [name, expected] of Object.entries(cases)) assert.equal(initials(name), expected, name);
});

test('no leg of an open room is called end-to-end encrypted, and each security looks and reads its own way', () => {
  const say = sayIn('en');
  const marks = (['dtls', 'sdes', 'sdesKeyInClear', 'clear'] as const).map((security) => securityMark({ kind: 'phone', security }, say));
  assert.ok(marks.every((m) => m.title === 'Telephone: not end-to-end encrypted'));
  assert.equal(new Set(marks.map((m) => m.hop)).size, 4);
  assert.deepEqual(marks.map((m) => m.tone), ['hop', 'hop', 'caution', 'alert']);
  assert.deepEqual(marks.map((m) => m.icon), ['hop', 'hop', 'hopKey', 'hopOff']);
});
