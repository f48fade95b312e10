// What comes from outside is read or refused, whatever it is.
import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { decodeTalk, encodeTalk, type TalkMessage } from '../../src/e2ee/meeting/talk_message.ts';
import { decodeFromServer, WireError } from '../../src/e2ee/meeting/wire_json.ts';
import { PolicyError } from '../../src/e2ee/policy/policy_error.ts';

/** chance is the same in every run (a linear congruential generator, mod 2^31). */
function* chance(): Generator<number, never> {
  for (let x = 7; ; ) yield (x = (Math.imul(x, 1_103_515_245) + 12_345) & 0x7fffffff) >>> 8;
}

/** mutants of some bytes: one to three of them changed, or cut short. */
function* mutants(bytes: Uint8Array, count: number): Generator<Uint8Array> {
  const next = chance();
  for (let i = 0; i < count; i++) {
    const out = bytes.slice(0, next.next().value % 8 === 0 ? next.next().value % bytes.length : bytes.length);
    for (let n = next.next().value % 3; n >= 0 && out.length > 0; n--) out[next.next().value % out.length] = next.next().value & 0xff;
    yield out;
  }
}

test('altered messages of members', () => {
  const id = new Uint8Array(16);
  const messages: readonly TalkMessage[] = [
    { t: 'chat', text: 'hello' }, { t: 'consent', id, epoch: 700, sig: new Uint8Array(64) }, { t: 'sas-start', sid: id, leaves: [0, 1, 300] },
  ];
  let refused = 0;
  for (const message of messages) {
    for (const mutant of mutants(encodeTalk(message), 3000)) {
      try {
        decodeTalk(mutant);
      } catch (error) {
        assert.ok(error instanceof PolicyError, String(error));
        refused++;
      }
    }
  }
  assert.ok(refused > 4000);
});

test('altered messages of the service', () => {
  const texts = [
    '{"type":"applied","record":{"seq":2,"kind":"committed","epoch":1,"commit":"AQL/"}}', '{"type":"failed","id":1,"fault":"throttled","after":7}',
    '{"type":"hello","group":"AQL/","seated":true}', '{"type":"records","id":4,"records":[{"seq":2,"kind":"founded","epoch":0}]}',
  ];
  let refused = 0;
  for (const text of texts) {
    for (const mutant of mutants(new TextEncoder().encode(text), 3000)) {
      try {
        decodeFromServer(new TextDecoder().decode(mutant));
      } catch (error) {
        assert.ok(error instanceof WireError, String(error));
        refused++;
      }
    }
  }
  assert.ok(refused > 4000);
});
