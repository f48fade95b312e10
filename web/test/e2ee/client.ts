// The whole client in a real browser, before a gateway that is told what to say.
import { join } from 'node:path';
import { build, type Plugin } from 'esbuild';
import type { Page } from 'playwright-core';
import { hostFiles, type Host } from '../screens/host.ts';
import type { Stage } from '../screens/stage.ts';

const types: Readonly<Record<string, string>> = { js: 'text/javascript', css: 'text/css' };
const page = '<!doctype html><html lang="en"><head><title>Legroom</title><link rel="icon" href="data:,"></head><body><div id="app"></div><script type="module" src="/main.js"></script></body></html>';

/** What Vite makes of the import of a worker's address. */
const worker: Plugin = {
  name: 'worker',
  setup: (bundle) => {
    bundle.onResolve({ filter: /\?worker&url$/ }, () => ({ path: 'media', namespace: 'address' }));
    bundle.onLoad({ filter: /^media$/, namespace: 'address' }, () => ({ contents: 'export default "/media.js"' }));
  },
};

/** hostClient serves the client at the address of room 1000, under the policy of the gateway. */
export async function hostClient(): Promise<Host> {
  const web = process.env['LEGROOM_WEB'] ?? process.cwd();
  const { outputFiles } = await build({
    entryPoints: { main: join(web, 'src', 'main.tsx'), media: join(web, 'src', 'e2ee', 'worker', 'main.ts') }, outdir: '/', bundle: true, write: false,
    format: 'esm', target: 'es2022', jsx: 'automatic', jsxImportSource: 'preact', plugins: [worker], logLevel: 'warning',
  });
  const files: Stage = new Map([
    ['/r/1000', { type: 'text/html; charset=utf-8', text: page }],
    ...outputFiles.map(({ path, text }) => [path, { type: types[path.split('.').at(-1) ?? ''] ?? '', text }] as const),
  ]);
  return hostFiles(join(web, 'nowhere'), files);
}

/** keepConnections runs in the page before its own script: it keeps every connection that the page makes. */
export function keepConnections(): void {
  const made: RTCPeerConnection[] = [];
  Object.assign(globalThis, { made });
  const { RTCPeerConnection: Real } = globalThis;
  globalThis.RTCPeerConnection = class extends Real {
    constructor(configuration?: RTCConfiguration) {
      super(configuration);
      made.push(this);
    }
  };
}

/** packetsSent is how many packets of media the client has sent; the far end of the scripted gateway lies in the same page and does not count. */
export function packetsSent(page: Page): Promise<number> {
  return page.evaluate(async () => {
    let packets = 0;
    const { made, far } = globalThis as unknown as { made: RTCPeerConnection[]; far?: { connection?: RTCPeerConnection } };
    for (const connection of made.filter((one) => one !== far?.connection)) {
      (await connection.getStats()).forEach((s: { type: string; packetsSent?: number }) => (packets += s.type === 'outbound-rtp' ? s.packetsSent ?? 0 : 0));
    }
    return packets;
  });
}
