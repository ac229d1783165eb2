/** Bounds on what callers may ask for, but for sizes in a history: those are budgets. Each is checked at the edge and named in the answer that refuses. */
const day = 24 * 60 * 60 * 1_000;

export const LIMITS = {
  /** Body of one HTTP request, but for a bulk one: room for the largest job, however it is written. @format bytes */
  requestBytes: 2 * 1024 * 1024,
  /** Body of one bulk request. @format bytes */
  bulkBytes: 64 * 1024 * 1024,
  /** One line of a bulk request: one job, and its keys. @format bytes */
  bulkLineBytes: 2 * 1024 * 1024,
  /** Job ids and idempotency keys, in UTF-8: what Temporal's stores are sure to take. @format bytes */
  idBytes: 255,
  /** Levels of lists and objects in a job's arguments. */
  nesting: 500,
  /** Jobs that share a workflow. */
  groupItems: 500,
  maxAttempts: 1_000,
  /** Of one attempt. @format milliseconds */
  timeoutMs: 30 * day,
  retryDelays: 100,
  /** Longest delay, and farthest due time from now. @format milliseconds */
  delayMs: 3_650 * day,
  /** Attempts that a job's view lists; older ones are dropped from it. */
  attemptsShown: 100,
  /** Actions that a job's view lists; older ones stand in its history. */
  actionsShown: 10,
} as const;
