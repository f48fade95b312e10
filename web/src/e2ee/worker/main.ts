// The one worker of the page: the group and its keys, the frames, and every counter. What is here never leaves it.
import { newSuite } from '../mls/suite.ts';
import { openRecords } from '../store/database.ts';
import { ProfileStore } from '../store/profile_store.ts';
import type { WorkerScope } from './scope.ts';
import { serve } from './serve.ts';
import { Visit } from './visit.ts';
import type { ToVisit } from './visit_messages.ts';
import { wallClock } from './wall_clock.ts';

const scope = globalThis as unknown as WorkerScope; // the library of a page, not of a worker, is what tsconfig names

/** able is whether the browser has the cryptography, tried rather than asked. */
async function able(): Promise<boolean> {
  try {
    await crypto.subtle.generateKey('Ed25519', false, ['sign', 'verify']);
    await crypto.subtle.generateKey('X25519', false, ['deriveBits']);
    return true;
  } catch {
    return false;
  }
}

async function start(): Promise<Visit> {
  const store = new ProfileStore(await openRecords(), () => wallClock.unix());
  void store.sweep().catch(() => undefined); // it is tried again with the next page
  return new Visit({
    suite: await newSuite(), clock: wallClock, store, media: (group) => stage.media(group), post: (message) => scope.postMessage(message),
  });
}

let visit: Visit | undefined;
const early: ToVisit[] = [];
const stage = serve(scope, {
  handle: (message) => {
    if (visit === undefined) early.push(message); // the page waits for ready: these are few
    else visit.handle(message);
  },
  seen: (leaf, epochByte, proved) => visit?.seen(leaf, epochByte, proved),
});

void able().then(async (fine) => {
  if (fine) visit = await start();
  scope.postMessage({ type: fine ? 'ready' : 'unable' });
  for (const message of early.splice(0)) visit?.handle(message);
}, () => scope.postMessage({ type: 'unable' }));
