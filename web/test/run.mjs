// npm test: the unit tests under node --test.
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bundled, webFolder } from './bundle.mjs';

const folder = join(webFolder, 'test', 'unit');
const tests = (await readdir(folder)).filter((name) => name.endsWith('.test.ts'));
process.exitCode = await bundled(tests.map((name) => join(folder, name)), (compiled) => {
  const files = tests.map((name) => join(compiled, name.replace(/\.ts$/, '.mjs')));
  const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files], {
    stdio: 'inherit',
    env: { ...process.env, LEGROOM_WEB: webFolder },
  });
  return run.status ?? 1;
});
