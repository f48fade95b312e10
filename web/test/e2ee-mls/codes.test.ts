import { strict as assert } from 'node:assert';
import { test } from 'node:test';
import { PolicyError } from '../../src/e2ee/policy/policy_error.ts';
import { decodeCodeMessage, encodeCodeMessage } from '../../src/e2ee/mls/app_message.ts';
import { CodePace } from '../../src/e2ee/mls/code_pace.ts';
import { longCode } from '../../src/e2ee/mls/long_code.ts';
import { advance, begin, commitment, shortCode, type Ceremony, type CodeEvent, type Commit, type Reveal, type Step } from '../../src/e2ee/mls/short_code.ts';
import { sequence } from './sequence.ts';

const sid = sequence(16, 0);
const authenticator = sequence(32, 0x60);

test('the codes of the published vectors', async () => {
  const r = new Map([[0, sequence(32, 1)], [2, sequence(32, 2)]]);
  assert.equal(await shortCode(sid, authenticator, [0, 2], r), '96432943');
  assert.equal(await longCode(authenticator, sequence(16, 0xa0), 257n), '46496 46134 15737 99979 25688 28478');
});

/** Table runs a ceremony between leaves, in the order in which messages were sent, with a hand on the wire. */
async function ceremony(leaves: readonly number[], tamper: (event: CodeEvent, to: number) => readonly CodeEvent[] = (event) => [event], epochs = new Map<number, bigint>()): Promise<Map<number, Ceremony>> {
  const state = new Map<number, Ceremony>();
  const queue: { from: number; message: Commit | Reveal }[] = [];
  const take = (leaf: number, step: Step): void => {
    state.set(leaf, step.ceremony);
    for (const message of step.outgoing) queue.push({ from: leaf, message });
  };
  for (const [i, self] of leaves.entries()) {
    const step = await begin({ t: 'sas-start', sid, leaves }, { self, members: [0, 1, 2, 3], epoch: epochs.get(self) ?? 9n, authenticator, contribution: sequence(32, i + 1) });
    take(self, step ?? assert.fail());
  }
  for (let next = queue.shift(); next !== undefined; next = queue.shift()) {
    for (const to of leaves) {
      if (to === next.from) continue;
      for (const event of tamper({ type: 'message', from: next.from, epoch: epochs.get(next.from) ?? 9n, message: next.message }, to)) {
        take(to, await advance(state.get(to) ?? assert.fail(), event));
      }
    }
  }
  return state;
}

test('all who take part get one code', async () => {
  const done = await ceremony([0, 1, 3]);
  const codes = [...done.values()].map((c) => (c.phase === 'done' ? c.code : c.phase));
  assert.match(codes[0] ?? '', /^\d{8}$/);
  assert.equal(new Set(codes).size, 1);
  const two = await ceremony([0, 2]);
  assert.deepEqual([...two.values()], [{ phase: 'done', code: '96432943' }, { phase: 'done', code: '96432943' }]);
});

test('nobody reveals before the last commitment is in', async () => {
  const first = await begin({ t: 'sas-start', sid, leaves: [0, 1, 2] }, { self: 0, members: [0, 1, 2], epoch: 1n, authenticator, contribution: sequence(32, 1) });
  assert.ok(first);
  assert.deepEqual(first.outgoing.map((m) => m.t), ['sas-commit']);
  const commit = async (from: number): Promise<CodeEvent> => ({ type: 'message', from, epoch: 1n, message: { t: 'sas-commit', sid, c: await commitment(sid, from, sequence(32, from + 1)) } });
  const second = await advance(first.ceremony, await commit(1));
  assert.deepEqual(second.outgoing, []);
  const third = await advance(second.ceremony, await commit(2));
  assert.deepEqual(third.outgoing.map((m) => m.t), ['sas-reveal']);
});

test('what disturbs a ceremony ends it', async (t) => {
  const other = sequence(32, 9);
  const swap = (to: number, change: (m: Commit | Reveal) => Commit | Reveal) => (event: CodeEvent, at: number): readonly CodeEvent[] =>
    (event.type === 'message' && at === to ? [{ ...event, message: change(event.message) }] : [event]);
  const at0 = async (tamper: (event: CodeEvent, to: number) => readonly CodeEvent[]): Promise<Ceremony> => (await ceremony([0, 1], tamper)).get(0) ?? assert.fail();
  await t.test('another contribution than was committed to', async () => {
    assert.deepEqual(await at0(swap(0, (m) => (m.t === 'sas-reveal' ? { ...m, r: other } : m))), { phase: 'failed', why: 'disturbed' });
  });
  await t.test('a second commitment', async () => {
    assert.deepEqual(await at0((event, to) => (event.type === 'message' && event.message.t === 'sas-commit' && to === 0 ? [event, { ...event, message: { ...event.message, c: other } }] : [event])), { phase: 'failed', why: 'disturbed' });
  });
  await t.test('a reveal before the commitments', async () => {
    assert.deepEqual(await at0((event, to) => (event.type === 'message' && event.message.t === 'sas-commit' && to === 0 ? [{ ...event, message: { t: 'sas-reveal', sid, r: sequence(32, 2) } }] : [event])), { phase: 'failed', why: 'disturbed' });
  });
  await t.test('a reveal before somebody else has committed', async () => {
    const early = await begin({ t: 'sas-start', sid, leaves: [0, 1, 2] }, { self: 0, members: [0, 1, 2], epoch: 1n, authenticator, contribution: sequence(32, 1) });
    assert.ok(early);
    const r = sequence(32, 2);
    const one = await advance(early.ceremony, { type: 'message', from: 1, epoch: 1n, message: { t: 'sas-commit', sid, c: await commitment(sid, 1, r) } });
    const two = await advance(one.ceremony, { type: 'message', from: 1, epoch: 1n, message: { t: 'sas-reveal', sid, r } });
    assert.deepEqual(two.ceremony, { phase: 'failed', why: 'disturbed' });
  });
  await t.test('silence, and a new epoch', async () => {
    assert.deepEqual(await at0((event) => [event, { type: 'timeout' }]), { phase: 'failed', why: 'silence' });
    assert.deepEqual(await at0((event) => [{ type: 'epoch' }, event]), { phase: 'failed', why: 'epoch' });
    assert.deepEqual((await ceremony([0, 1], undefined, new Map([[1, 8n]]))).get(0), { phase: 'failed', why: 'epoch' });
  });
});

test('a mirrored commitment is nobody\'s', async () => {
  // A ghost at leaf 3 sends what leaf 0 sent: bound to leaf 0, it does not open at leaf 3.
  const start = { t: 'sas-start', sid, leaves: [0, 3] } as const;
  const honest = await begin(start, { self: 0, members: [0, 3], epoch: 1n, authenticator, contribution: sequence(32, 1) });
  const [sent] = honest?.outgoing ?? [];
  assert.ok(honest && sent);
  const mirrored = await advance(honest.ceremony, { type: 'message', from: 3, epoch: 1n, message: sent });
  const [reveal] = mirrored.outgoing;
  assert.ok(reveal);
  const end = await advance(mirrored.ceremony, { type: 'message', from: 3, epoch: 1n, message: reveal });
  assert.deepEqual(end.ceremony, { phase: 'failed', why: 'disturbed' });
});

test('messages of strangers, of oneself and of other ceremonies change nothing', async () => {
  const step = await begin({ t: 'sas-start', sid, leaves: [0, 1] }, { self: 0, members: [0, 1, 2], epoch: 1n, authenticator, contribution: sequence(32, 1) });
  assert.ok(step);
  for (const [from, id] of [[2, sid], [0, sid], [1, sequence(16, 5)]] as const) {
    const after = await advance(step.ceremony, { type: 'message', from, epoch: 1n, message: { t: 'sas-commit', sid: id, c: sequence(32, 7) } });
    assert.equal(after.ceremony, step.ceremony);
  }
  const join = (leaves: readonly number[]) => begin({ t: 'sas-start', sid, leaves }, { self: 0, members: [0, 1, 2], epoch: 1n, authenticator, contribution: sequence(32, 1) });
  for (const leaves of [[0], [1, 2], [0, 5], [1, 0], [0, 0]]) assert.equal(await join(leaves), undefined);
});

test('one ceremony at a time, one in ten seconds, and a warning after three failures', () => {
  const pace = new CodePace();
  assert.equal(pace.ask(0), 'start');
  assert.equal(pace.ask(20_000), 'running');
  pace.ended(false);
  assert.equal(pace.ask(9_999), 'wait');
  for (const at of [10_000, 20_000]) {
    assert.equal(pace.ask(at), 'start');
    pace.ended(false);
  }
  assert.equal(pace.ask(30_000), 'disturbed');
  pace.reset();
  assert.equal(pace.ask(30_000), 'start');
  pace.ended(true);
  assert.equal(pace.ask(40_000), 'start');
});

test('messages of the codes, and what is none', () => {
  const start = { t: 'sas-start', sid, leaves: [0, 1] } as const;
  const { v, ...read } = decodeCodeMessage(encodeCodeMessage(start)) as typeof start & { v: number };
  assert.deepEqual({ ...read }, { ...start });
  assert.equal(v, 1);
  assert.equal(decodeCodeMessage(Uint8Array.of(0xa1, 0x61, 0x74, 0x61, 0x78)), undefined);
  assert.throws(() => decodeCodeMessage(encodeCodeMessage({ ...start, sid: sequence(15, 0) })), PolicyError);
  assert.throws(() => decodeCodeMessage(Uint8Array.of(0x80)), PolicyError);
});
