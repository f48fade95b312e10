import { MediaEngine } from './engine.ts';
import type { WorkerScope } from './scope.ts';

/** serve makes the engine of a worker and hands it what comes from the page. Keys come by install, from inside the worker. */
export function serve(scope: WorkerScope): MediaEngine {
  const engine = new MediaEngine((message) => scope.postMessage(message), () => performance.now());
  scope.onrtctransform = ({ transformer }) => engine.attach(transformer);
  scope.onmessage = ({ data }) => engine.handle(data);
  return engine;
}
