// The media worker with keys that never change, from its address: ?leaf=1&base=1. With renew=MS the group is another one after that
// time, under keys of base 2; with life=MS it ends by itself; with mute it never says that it is up.
import type { Keys } from '../../../src/e2ee/frame/epoch.ts';
import type { WorkerScope } from '../../../src/e2ee/worker/scope.ts';
import { serve } from '../../../src/e2ee/worker/serve.ts';

const query = new URLSearchParams(location.search);

function keys(base: number): Keys {
  const key = (n: number) => new Uint8Array(16).fill(n + base);
  return {
    epoch: 1n, leaf: Number(query.get('leaf')), roster: [1, 2, 3], removed: [], tag: new Uint8Array(32),
    media: { 'audio': key(1), 'video': key(2), 'screen': key(3), 'screen-audio': key(4) },
    // Sound is granted, so that its frames bear tags; video is not.
    grants: [{ n: 1, legs: [0], scope: ['audio'], speak: [], keys: {} }],
  };
}

const scope = globalThis as unknown as WorkerScope;
const stage = serve(scope);
const group = (n: number) => new Uint8Array(16).fill(n);
void stage.media(group(1)).install(keys(Number(query.get('base'))), []).then(() => {
  if (!query.has('mute')) scope.postMessage({ type: 'ready' });
});
if (query.has('renew')) setTimeout(() => void stage.media(group(2)).install(keys(2), []), Number(query.get('renew')));
if (query.has('life')) setTimeout(() => (globalThis as unknown as { close: () => void }).close(), Number(query.get('life')));
