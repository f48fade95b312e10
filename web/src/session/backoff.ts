const firstMs = 500;
const longestMs = 8000;

/** Tries before a visit that never began is given up, and before one that broke is. */
export const attemptsToJoin = 5;
export const attemptsToReturn = 40;

/** backoff is the wait before try number attempt (1 is the first), ms: doubling up to 8 s, spread by chance in [0, 1). */
export function backoff(attempt: number, chance: number): number {
  const whole = Math.min(longestMs, firstMs * 2 ** (attempt - 1));
  return Math.round(whole * (0.5 + chance / 2));
}
