import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { newKinds, openState } from '../../src/e2ee/meeting/room_state.ts';
import { decodeTalk, encodeTalk, maxChat, type TalkMessage } from '../../src/e2ee/meeting/talk_message.ts';
import { decodeFromServer, encodeToServer, WireError } from '../../src/e2ee/meeting/wire_json.ts';
import { encodeCbor } from '../../src/e2ee/policy/cbor.ts';
import type { GrantRequest } from '../../src/e2ee/policy/grant_request.ts';
import { PolicyError } from '../../src/e2ee/policy/policy_error.ts';
import type { Grant, Room } from '../../src/e2ee/policy/room.ts';
import { newSigner } from '../../src/e2ee/policy/signing.ts';
import { request, roomFor, person } from '../e2ee-mls/meeting.ts';
import { noGo } from './delivery.ts';
import { World } from './world.ts';

const skip = { skip: noGo };

test('after a revocation: closing, then by name who has not switched', skip, () => World.run({}, async (world, anna) => {
  const [bob] = await world.come('bob');
  assert.ok(bob);
  await anna.want({ type: 'allow', id: await world.ask() });
  await anna.want({ type: 'revoke', n: 1 });
  const says = () => anna.state.says.map((saying) => (saying.key === 'e2ee.mayStillHear' ? saying.names.join() : saying.key));
  assert.deepEqual([anna.mark, says()], ['SEALING', ['e2ee.closing']]);
  await anna.want({ type: 'seen', leaf: 0, epochByte: 2, proved: false }); // on its way when she revoked
  await world.pass(1900);
  await anna.want({ type: 'seen', leaf: 1, epochByte: 2, proved: false });
  assert.deepEqual(says(), ['e2ee.closing']);
  await world.pass(1000);
  assert.deepEqual([anna.mark, says()], ['SEALING', ['e2ee.closing', 'bob']]);
  // That he has switched is believed when a frame of his was opened: a header could be forged to hide him.
  await anna.want({ type: 'seen', leaf: 1, epochByte: 3, proved: false });
  assert.equal(anna.mark, 'SEALING');
  await anna.want({ type: 'seen', leaf: 1, epochByte: 2, proved: false });
  await world.pass(2999);
  assert.equal(anna.mark, 'SEALING');
  await world.pass(1);
  assert.equal(anna.mark, 'SEALED');
  await anna.want({ type: 'seen', leaf: 1, epochByte: 2, proved: false });
  assert.equal(anna.mark, 'SEALING');
  await anna.want({ type: 'seen', leaf: 1, epochByte: 3, proved: true });
  assert.equal(anna.mark, 'SEALED');
  // And whoever has switched does not go back: a forged header of before accuses nobody.
  await anna.want({ type: 'seen', leaf: 1, epochByte: 2, proved: false });
  assert.equal(anna.mark, 'SEALED');
}));

test('frames past the transform: broken, whatever else holds', skip, () => World.run({}, async (_, anna) => {
  await anna.want({ type: 'watchdog', fine: false });
  assert.deepEqual([anna.mark, anna.state.checked, anna.state.says], ['BROKEN', false, [{ key: 'e2ee.broken', why: 'watchdog' }]]);
  await anna.want({ type: 'watchdog', fine: true });
  assert.equal(anna.mark, 'SEALED');
}));

test('more than sound, or a recorder, is another mark', skip, () => World.run({ maxScope: ['audio', 'video'] }, async (world, anna) => {
  const legs = [{ no: 0, kind: 'roomSystem', label: 'Room', number: '' }];
  await world.delivery.order({ ask: { legs, scope: [1, 2], speak: [1], seconds: 60 } });
  await world.settle();
  await anna.want({ type: 'allow', id: anna.last('asks').asks[0]?.id ?? '' });
  assert.deepEqual([anna.mark, anna.state.legs, anna.state.says[0]?.key], ['MEDIA OPEN', 'e2ee.legs.mediaOpen', 'e2ee.mediaOpen']);
  await anna.want({ type: 'revoke', n: 1 });
  await world.pass(2000);
  await world.delivery.order({ ask: { legs: [{ ...legs[0], kind: 'recorder' }], scope: [1], speak: [], seconds: 60 } });
  await world.settle();
  await anna.want({ type: 'allow', id: anna.last('asks').asks[0]?.id ?? '' });
  assert.equal(anna.mark, 'MEDIA OPEN');
  assert.equal(openState.mark, 'OPEN');
}));

test('whom a commit gives keys who had none', async () => {
  const [one, other] = [await newSigner(), await newSigner()];
  const room = await roomFor(await person('anna'), { gateways: [one.publicKey, other.publicKey] });
  const grant = async (n: number, gateway: typeof one, scope: Grant['scope'], legs: GrantRequest['legs'] = [{ no: 0, kind: 'phone', label: '', number: '' }]): Promise<Grant> =>
    ({ n, ...(await request(gateway, room, { scope, legs })), scope, speak: [], notAfter: 1 });
  const having = (...grants: Grant[]): Room => ({ ...room, grants });
  const sound = await grant(1, one, ['audio']);
  const recorder = await grant(2, one, ['audio'], [{ no: 0, kind: 'recorder', label: '', number: '' }]);
  const cases: readonly (readonly [Room | undefined, Room, Grant['scope']])[] = [
    [room, having(sound), ['audio']],
    [undefined, having(sound), ['audio']],
    [having(sound), having(await grant(2, one, ['audio'])), []],
    [having(sound), having(await grant(2, one, ['audio', 'video'])), ['video']],
    [having(sound), having(sound, await grant(2, other, ['audio'])), ['audio']],
    [having(sound), having(recorder), ['audio']],
    [having(recorder), having(sound), []],
    [having(sound), room, []],
  ];
  for (const [i, [before, after, kinds]] of cases.entries()) assert.deepEqual(newKinds(before, after), kinds, String(i));
});

test('messages between members, there and back; nothing else is read', () => {
  const id = new Uint8Array(16);
  const messages: readonly TalkMessage[] = [
    { t: 'chat', text: 'hello' }, { t: 'hand', up: false }, { t: 'leave' }, { t: 'veto', id }, { t: 'declined', id },
    { t: 'where', leaf: 3 }, { t: 'here' }, { t: 'consent', id, epoch: 7, sig: new Uint8Array(64) }, { t: 'sas-commit', sid: id, c: new Uint8Array(32) },
  ];
  for (const message of messages) assert.deepEqual({ ...decodeTalk(encodeTalk(message)) }, { v: 1, ...message });
  assert.equal(decodeTalk(encodeCbor({ v: 1, t: 'newer' })), undefined);
  assert.throws(() => encodeTalk({ t: 'chat', text: 'x'.repeat(maxChat + 1) }), PolicyError);
  for (const bad of [{ v: 1, t: 'hand', up: 1 }, { v: 1, t: 'leave', more: 1 }, { v: 2, t: 'leave' }]) assert.throws(() => decodeTalk(encodeCbor(bad)), PolicyError);
  assert.throws(() => decodeTalk(Uint8Array.of(0x80)), PolicyError);
});

test('the line to the service: base64 in JSON, and nothing malformed gets in', () => {
  assert.equal(encodeToServer({ type: 'bundle', id: 3, sealed: Uint8Array.of(1, 2, 255) }), '{"type":"bundle","id":3,"sealed":"AQL/"}');
  const applied = decodeFromServer('{"type":"applied","record":{"seq":2,"kind":"committed","epoch":1,"commit":"AQL/","newer":1}}');
  assert.deepEqual(applied, { type: 'applied', record: { seq: 2, kind: 'committed', epoch: 1, commit: Uint8Array.of(1, 2, 255) } });
  const applicant = decodeFromServer('{"type":"applicant","ref":"AQ==","keyPackage":"Ag==","participant":"k3"}');
  assert.ok(applicant.type === 'applicant' && applicant.participant === 'k3');
  const older = decodeFromServer('{"type":"applicant","ref":"AQ==","keyPackage":"Ag=="}');
  assert.ok(older.type === 'applicant' && older.participant === '', 'a server that does not say');
  for (const text of [
    '{"type":"applicant","ref":"AQ==","keyPackage":"Ag==","participant":7}',
    '', '[]', 'null', '{}', '{"type":"other"}', '{"type":"done"}', '{"type":"done","id":-1}', '{"type":"done","id":1.5}', '{"type":"relayed","message":"*"}',
    '{"type":"failed","id":1,"fault":"no","after":0}', '{"type":"records","id":1,"records":{}}', '{"type":"applied","record":[]}', '{"type":"presence","leaf":0,"here":1}',
  ]) assert.throws(() => decodeFromServer(text), WireError, text);
});
