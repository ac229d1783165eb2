/** What Temporal is told of how long attempts may take. */

/** Longest silence of a worker before what it has in hand counts as crashed. Workers heartbeat every second. */
export const HEARTBEAT_TIMEOUT = '4s';

/**
 * Workers end what takes longer than its kind allows, and do not count the time in which its process computes for another. Temporal,
 * which does not know of that, ends it this much later. @format milliseconds
 */
export const ATTEMPT_BACKSTOP_MS = 60 * 60_000;
