// The media worker with keys that never change, from its address: ?leaf=1&base=1
import type { Kind } from '../../../src/e2ee/frame/kind.ts';
import type { WorkerScope } from '../../../src/e2ee/worker/scope.ts';
import { serve } from '../../../src/e2ee/worker/serve.ts';

const query = new URLSearchParams(location.search);
const key = (n: number) => new Uint8Array(16).fill(n + Number(query.get('base')));
const media: Record<Kind, Uint8Array<ArrayBuffer>> = { 'audio': key(1), 'video': key(2), 'screen': key(3), 'screen-audio': key(4) };

void serve(globalThis as unknown as WorkerScope).install({
  epoch: 1n, leaf: Number(query.get('leaf')), roster: [1, 2], removed: [], media, tag: new Uint8Array(32),
  // Sound is granted, so that its frames bear tags; video is not.
  grants: [{ n: 1, legs: [0], scope: ['audio'], speak: [], keys: {} }],
}, []);
