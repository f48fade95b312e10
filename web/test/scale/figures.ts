import { loadavg } from 'node:os';

/** quantile of numbers, from 0 to 1: the smallest that so many are not above. NaN of none. */
export function quantile(numbers: readonly number[], q: number): number {
  const sorted = [...numbers].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(q * sorted.length) - 1)] ?? NaN;
}

/** spread is p50, p95 and the largest of times, ms. */
export function spread(ms: readonly number[], digits = 0): string {
  const shown = (q: number): string => quantile(ms, q).toFixed(digits);
  return `p50 ${shown(0.5)}, p95 ${shown(0.95)}, max ${shown(1)} ms`;
}

/** load is that of the machine over the last minute. */
export function load(): string {
  return `load ${(loadavg()[0] ?? NaN).toFixed(1)}`;
}
