import { strict as assert } from 'node:assert';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decode, serverTypes } from '../../src/protocol/decode.ts';
import { closeCodes, type ClientMessage } from '../../src/protocol/messages.ts';
import { codeOf } from '../../src/protocol/signalling.ts';
import { receive } from '../../src/session/receive.ts';
import { initial } from '../../src/session/state.ts';

const folder = join(process.env['LEGROOM_WEB'] ?? process.cwd(), '..', 'gateway', 'api', 'testdata');
const goldens = readdirSync(folder).filter((name) => name.endsWith('.json'));
const read = (name: string): string => readFileSync(join(folder, name), 'utf8');
const typeOf = (name: string): string => (JSON.parse(read(name)) as { type: string }).type;

const fromServer = goldens.filter((name) => name.startsWith('server.'));
const fromClient = goldens.filter((name) => name.startsWith('client.'));

test('there is a golden of every message, and no golden of an unknown one', () => {
  assert.deepEqual([...new Set(fromServer.map(typeOf))].sort(), [...serverTypes].sort());
  assert.deepEqual([...new Set(fromClient.map(typeOf))].sort(), Object.keys(clientFields).sort());
});

for (const name of fromServer) {
  test(`${name} is decoded whole and understood`, () => {
    const message = decode(read(name));
    assert.ok(message);
    assert.deepEqual(message, JSON.parse(read(name)));
    receive({ ...initial, me: 'p1' }, message);
  });
}

// Every field that this client sends, by message; true where it must be there. A new type does not compile without an entry.
const clientFields: { readonly [T in ClientMessage['type']]: Readonly<Record<keyof Extract<ClientMessage, { type: T }>, boolean>> } = {
  hello: { type: true, re: false, protocol: true, room: true, key: true, name: true, language: true, muted: true, resume: false },
  offer: { type: true, re: false, id: true, sdp: true, tracks: true },
  candidate: { type: true, re: false, candidate: true, mid: true },
  view: { type: true, re: false, items: true },
  mute: { type: true, re: false, muted: true },
  hand: { type: true, re: false, raised: true },
  rename: { type: true, re: false, name: true },
  admit: { type: true, re: false, participant: true },
  deny: { type: true, re: false, participant: true },
  muteOther: { type: true, re: false, participant: true },
  muteAll: { type: true, re: false },
  lock: { type: true, re: false, locked: true },
  remove: { type: true, re: false, participant: true, ban: true },
  passHost: { type: true, re: false, participant: true },
  meeting: { type: true, re: false, message: true },
  leave: { type: true, re: false },
};

for (const name of fromClient) {
  test(`${name} has the fields that this client sends`, () => {
    const golden = JSON.parse(read(name)) as ClientMessage;
    const fields: Readonly<Partial<Record<string, boolean>>> = clientFields[golden.type];
    for (const key of Object.keys(golden)) assert.ok(key in fields, `${key} is unknown here`);
    for (const [key, needed] of Object.entries(fields)) assert.ok(needed !== true || key in golden, `${key} is missing there`);
  });
}

test('what does not fit is refused, what is new is ignored', () => {
  assert.equal(decode('{"type":"fromTheFuture","x":1}'), undefined);
  assert.deepEqual(decode('{"type":"ok","re":4,"new":true}'), { type: 'ok', re: 4 });
  const cases: Readonly<Record<string, string>> = {
    'no object': '[]',
    'no type': '{}',
    'no JSON': '{',
    'text for number': '{"type":"ok","re":"4"}',
    'unknown security': '{"type":"rosterChange","revision":1,"upsert":[{"id":"a","name":"b","kind":"phone","role":"guest","state":"joined","muted":false,"mutedByHost":false,"hand":0,"security":"perfect","sources":[],"joinedAt":0}]}',
    'unknown mode': '{"type":"rosterChange","revision":1,"room":{"number":"1","name":"a","mode":"closed","locked":false},"upsert":[],"gone":[]}',
    'leaf of text': '{"type":"roster","revision":1,"room":{"number":"1","name":"a","mode":"mixed","locked":false},"participants":[{"id":"a","name":"b","kind":"browser","role":"guest","state":"joined","muted":false,"mutedByHost":false,"hand":0,"security":"dtls","sources":[],"joinedAt":0,"leaf":"3"}]}',
    'meeting of text': '{"type":"meeting","message":"{}"}',
    'no list': '{"type":"slots","items":{}}',
  };
  for (const [name, frame] of Object.entries(cases)) assert.throws(() => decode(frame), Error, name);
});

test('lists that Go left null are empty', () => {
  assert.deepEqual(decode('{"type":"levels","items":null}'), { type: 'levels', items: [] });
});

test('close codes give their reason; 1000 and foreign ones none', () => {
  assert.equal(codeOf(closeCodes.removed), 'removed');
  assert.equal(codeOf(closeCodes.internal), 'internal');
  for (const foreign of [1000, 1001, 1006, 4999]) assert.equal(codeOf(foreign), undefined);
});
