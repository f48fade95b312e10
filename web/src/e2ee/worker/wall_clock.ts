import type { Clock } from '../meeting/ports.ts';

/** The longest that a browser's timer can be set for, ms. */
const longestMs = 2 ** 31 - 1;

/** wallClock is time and chance as the browser has them. */
export const wallClock: Clock = {
  ms: () => performance.now(),
  unix: () => Math.floor(Date.now() / 1000),
  after: (ms, run) => {
    const timer = setTimeout(run, Math.min(Math.max(0, ms), longestMs));
    return () => clearTimeout(timer);
  },
  random: () => Math.random(),
};
