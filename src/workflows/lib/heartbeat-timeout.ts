/** Longest silence of a worker before what it has in hand counts as crashed. Workers heartbeat every second. */
export const HEARTBEAT_TIMEOUT = '4s';
