// npm run screens [FOLDER]: every screen as a picture, and axe over each. The client must be built before.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundled, webFolder } from '../bundle.mjs';

process.exitCode = await bundled([join(webFolder, 'test', 'screens', 'main.ts')], (compiled) => {
  const run = spawnSync(process.execPath, ['--enable-source-maps', join(compiled, 'screens', 'main.mjs'), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, LEGROOM_WEB: webFolder },
  });
  return run.status ?? 1;
});
