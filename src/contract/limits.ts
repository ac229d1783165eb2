/** Bounds on what callers may ask for. Each is checked at the edge and named in the answer that refuses. */
const day = 24 * 60 * 60 * 1_000;

export const LIMITS = {
  /** Body of one HTTP request. @format bytes */
  requestBytes: 1024 * 1024,
  /** Job ids and idempotency keys, in UTF-8: what Temporal's stores are sure to take. @format bytes */
  idBytes: 255,
  maxAttempts: 1_000,
  ladderRungs: 100,
  /** Longest delay, and farthest due time from now. @format milliseconds */
  delayMs: 3_650 * day,
  /** Attempts that a job's view lists; older ones are dropped from it. */
  attemptsShown: 100,
} as const;
