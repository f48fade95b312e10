// npm test: the tests in the folders named here, under node --test.
import { spawnSync } from 'node:child_process';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { bundled, webFolder } from './bundle.mjs';

const folders = ['unit', 'e2ee', 'e2ee-mls', 'verify', 'e2ee-meeting'];
const tests = [];
for (const folder of folders) {
  for (const name of await readdir(join(webFolder, 'test', folder))) if (name.endsWith('.test.ts')) tests.push(join(folder, name));
}
process.exitCode = await bundled(tests.map((name) => join(webFolder, 'test', name)), (compiled) => {
  const files = tests.map((name) => join(compiled, name.replace(/\.ts$/, '.mjs')));
  const run = spawnSync(process.execPath, ['--enable-source-maps', '--test', ...files], {
    stdio: 'inherit',
    env: { ...process.env, LEGROOM_WEB: webFolder },
  });
  return run.status ?? 1;
});
