import type { ToEngine, ToWorker } from './messages.ts';
import type { WorkerScope } from './scope.ts';
import { Stage } from './stage.ts';
import type { ToVisit } from './visit_messages.ts';

/** Room is who is given what concerns the meeting. */
export interface Room {
  handle(message: ToVisit): void;
  seen(leaf: number, epochByte: number, proved: boolean): void;
}

/**
 * serve makes the stage of a worker and hands it, and the room, what comes from the page. It has to be called in the worker's first
 * task, or what comes earlier is lost. Keys come by install, from inside the worker.
 */
export function serve(scope: WorkerScope, room?: Room): Stage {
  const stage = new Stage({
    engine: (message) => {
      if (message.type === 'seen') room?.seen(message.leaf, message.epochByte, message.proved);
      else scope.postMessage(message);
    },
    renewed: (generation) => scope.postMessage({ type: 'renew', generation }),
  }, () => performance.now());
  scope.onrtctransform = ({ transformer }) => stage.attach(transformer);
  scope.onmessage = ({ data }) => {
    if (forEngine(data)) stage.handle(data);
    else room?.handle(data);
  };
  return stage;
}

function forEngine(message: ToWorker): message is ToEngine {
  return message.type === 'expect' || message.type === 'formats' || message.type === 'forget' || message.type === 'count';
}
