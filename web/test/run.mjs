// npm test: the tests in the folders named here, under node:test. Arguments pick those whose path has one of them in it.
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { pipeline } from 'node:stream/promises';
import { run } from 'node:test';
import { spec, tap } from 'node:test/reporters';
import { bundled, webFolder } from './bundle.mjs';

const folders = ['unit', 'e2ee', 'e2ee-mls', 'verify', 'e2ee-meeting'];
/** What takes longest comes first. Those with a browser mostly wait, so that others run beside them. */
const longest = ['peer_browser', 'mutation', '_browser', 'browser', 'e2ee-mls/group'];

const wanted = process.argv.slice(2);
const tests = [];
for (const folder of folders) {
  for (const name of await readdir(join(webFolder, 'test', folder))) {
    const path = join(folder, name);
    if (name.endsWith('.test.ts') && (wanted.length === 0 || wanted.some((part) => path.includes(part)))) tests.push(path);
  }
}
const rank = (path) => (longest.findIndex((part) => path.includes(part)) + longest.length + 1) % (longest.length + 1);
tests.sort((a, b) => rank(a) - rank(b));

/** The delivery service is built once, for all files. */
async function delivery(folder) {
  const out = join(folder, 'delivery');
  const { error, status } = spawnSync('go', ['build', '-o', out, './test/e2eedelivery'], { cwd: join(webFolder, '..'), stdio: ['ignore', 'inherit', 'inherit'] });
  if (error !== undefined) return '';
  if (status !== 0) throw new Error('the delivery service does not build');
  return out;
}

process.exitCode = await bundled(tests.map((name) => join(webFolder, 'test', name)), async (compiled) => {
  Object.assign(process.env, { LEGROOM_WEB: webFolder, LEGROOM_DELIVERY: await delivery(compiled), NODE_OPTIONS: '--enable-source-maps' });
  let failed = 0;
  const results = run({
    files: tests.map((name) => join(compiled, name.replace(/\.ts$/, '.mjs'))), concurrency: Math.max(2, availableParallelism() - 1),
  });
  results.on('test:fail', () => failed++);
  await pipeline(results, process.stdout.isTTY ? new spec() : tap, process.stdout, { end: false });
  return failed === 0 ? 0 : 1;
});
