// The offline page in a real browser, opened from disk: it prints the golden report for every golden export, and asks no network.
import { strict as assert } from 'node:assert';
import { existsSync } from 'node:fs';
import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { chromium, type Browser, type Page } from 'playwright-core';
import { spawnSync } from 'node:child_process';

const executablePath = '/usr/bin/chromium';
const skip = existsSync(executablePath) ? false : 'no chromium';
const web = process.env['LEGROOM_WEB'] ?? process.cwd();
const logs = join(web, '..', 'e2ee', 'ledger', 'testdata');
const results = { holds: 'Everything holds.', contradicted: 'The log contradicts itself.' } as const;
let folder: string;
let browser: Browser;
let page: Page;
const asked: string[] = [];
const faults: string[] = [];

before(async () => {
  if (skip !== false) return;
  folder = await mkdtemp(join(tmpdir(), 'legroom-verify-'));
  const file = join(folder, 'verify.html');
  const built = spawnSync(process.execPath, [join(web, 'verify.mjs'), file], { encoding: 'utf8' });
  assert.equal(built.status, 0, built.stderr);
  browser = await chromium.launch({ executablePath, args: ['--headless=new', '--no-sandbox', '--disable-gpu', '--no-first-run', '--disable-background-networking'] });
  page = await browser.newPage();
  page.on('request', (request) => asked.push(request.url()));
  page.on('pageerror', (error) => faults.push(error.message));
  page.on('console', (message) => { if (message.type() === 'error') faults.push(message.text()); });
  await page.goto(pathToFileURL(file).href);
});

after(async () => {
  if (skip !== false) return;
  await browser.close();
  await rm(folder, { recursive: true, force: true });
});

async function state(file: string): Promise<{ readonly state: string; readonly words: string; readonly report: string }> {
  await page.reload();
  await page.setInputFiles('input', file);
  await page.waitForFunction(() => !['reading', ''].includes(document.body.dataset['state'] ?? ''));
  return page.evaluate(() => ({
    state: document.body.dataset['state'] ?? '',
    words: document.querySelector('output')?.textContent ?? '',
    report: document.querySelector('pre')?.textContent ?? '',
  }));
}

test('the page says of every golden export what the command says', { skip, timeout: 60_000 }, async () => {
  const names = (await readdir(logs)).filter((name) => name.endsWith('.jsonl'));
  assert.ok(names.length >= 10);
  for (const name of names) {
    const got = await state(join(logs, name));
    assert.equal(got.report, await readFile(join(logs, name.replace(/jsonl$/, 'txt')), 'utf8'), name);
    const want = name === 'valid.jsonl' || name === 'running.jsonl' ? 'holds' : 'contradicted';
    assert.equal(got.state, want, name);
    assert.equal(got.words, results[want]);
  }
});

test('what is no log is told apart, and nothing in a file is run', { skip, timeout: 30_000 }, async () => {
  const file = join(folder, 'no.jsonl');
  await writeFile(file, '<img src="https://example.invalid/x" onerror="document.title=1">\n');
  const got = await state(file);
  assert.deepEqual([got.state, got.report], ['unreadable', '']);
});

test('the page asks no network, even when told to', { skip, timeout: 30_000 }, async () => {
  const refused = await page.evaluate(() => fetch('https://example.invalid/').then(() => false, () => true));
  assert.ok(refused);
  assert.deepEqual(asked.filter((url) => !url.startsWith('file:')), []);
  assert.ok(faults.every((fault) => fault.includes('example.invalid')), faults.join('\n'));
});
