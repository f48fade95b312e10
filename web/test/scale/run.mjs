// node test/scale/run.mjs PUBLISHER GATEWAY [PART...]: how an encrypted room does with many people. scripts/scale.sh calls it.
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { bundled, webFolder } from '../bundle.mjs';

process.exitCode = await bundled([join(webFolder, 'test', 'scale', 'main.ts')], (compiled) => {
  // Members speak to the gateway as a browser does; its certificate is one that it made itself.
  const run = spawnSync(process.execPath, ['--enable-source-maps', '--experimental-websocket', '--no-warnings', join(compiled, 'scale', 'main.mjs'), ...process.argv.slice(2)], {
    stdio: 'inherit',
    env: { ...process.env, LEGROOM_WEB: webFolder, NODE_TLS_REJECT_UNAUTHORIZED: '0' },
  });
  return run.status ?? 1;
});
