// Both verifiers say the same words of the golden exports: here the browser's code under Node.
import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { newSuite } from '../../src/e2ee/mls/suite.ts';
import { reportText } from '../../src/verify/text.ts';
import { NotLogError, verify } from '../../src/verify/verify.ts';

const folder = join(process.env['LEGROOM_WEB'] ?? process.cwd(), '..', 'e2ee', 'ledger', 'testdata');
const suite = await newSuite();
const names = (await readdir(folder)).filter((name) => name.endsWith('.jsonl')).map((name) => name.slice(0, -6));

/** stream gives bytes in pieces of a size. */
function stream(bytes: Uint8Array, size = 1000): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(control) {
      for (let at = 0; at < bytes.length; at += size) control.enqueue(bytes.subarray(at, at + size));
      control.close();
    },
  });
}

const load = (name: string): Promise<Uint8Array> => readFile(join(folder, `${name}.jsonl`));

test('there are exports', () => assert.ok(names.length >= 10, names.join()));

for (const name of names) {
  test(`${name}: the report is the golden one`, async () => {
    const report = await verify(stream(await load(name)), suite);
    assert.equal(reportText(report), await readFile(join(folder, `${name}.txt`), 'utf8'));
    assert.equal(report.faults.length === 0, name === 'valid' || name === 'running');
  });
}

test('pieces of one byte make the same lines', async () => {
  const report = await verify(stream(await load('running'), 1), suite);
  assert.equal(report.faults.length, 0);
});

test('what is no log is told apart', async () => {
  for (const text of ['', 'hello\n', '{}\n', '{"line":1}\n']) {
    await assert.rejects(verify(stream(new TextEncoder().encode(text)), suite), NotLogError, text);
  }
});

test('every changed byte is found', async () => {
  const valid = await load('running');
  for (let at = 5; at < valid.length; at += 397) {
    const bytes = Uint8Array.from(valid); // a Buffer's slice would share its memory
    bytes[at] = (bytes[at] ?? 0) ^ 1;
    const faults = await verify(stream(bytes), suite).then((report) => report.faults.length, (error: unknown) => (error instanceof NotLogError ? 1 : 0));
    assert.ok(faults > 0, `byte ${at}`);
  }
});

test('a line that is too long and a list that is too long stay bounded', async () => {
  const valid = await load('valid');
  const head = valid.subarray(0, valid.indexOf(10) + 1);
  const long = await verify(stream(Buffer.concat([head, Buffer.alloc(2_000_000, 'x'), Buffer.from('\n')]), 100_000), suite);
  assert.equal(long.lines, 2);
  const many = await verify(stream(Buffer.concat([head, Buffer.from('x\n'.repeat(1500))])), suite);
  assert.equal(many.faults.length, 1000);
  assert.equal(many.more, 502);
});

test('many edited logs: the words are those of the command', { timeout: 60_000 }, async () => {
  const edits = JSON.parse(await readFile(join(folder, 'edits.json'), 'utf8')) as readonly { at: number; xor: number; report: string }[];
  assert.ok(edits.length >= 40);
  const valid = await load('valid');
  for (const { at, xor, report } of edits) {
    const bytes = Uint8Array.from(valid);
    bytes[at] = (bytes[at] ?? 0) ^ xor;
    const said = await verify(stream(bytes, 10_000), suite).then(reportText, (error: unknown) => {
      assert.ok(error instanceof NotLogError, String(error));
      return undefined;
    });
    const hash = said === undefined ? '' : createHash('sha256').update(said).digest('hex');
    assert.equal(hash, report, `byte ${at}`);
  }
});
