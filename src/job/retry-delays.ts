/** How long a job waits between attempts: the list of retry delays, and what may be asked of it. */

const second = 1_000;
const minute = 60 * second;
const hour = 60 * minute;

/** Delays after the 1st, 2nd, … failed attempt. The last delay repeats: once every 24 h. @format milliseconds */
export const DEFAULT_RETRY_DELAYS_MS: readonly number[] = [
  3 * second,
  30 * second,
  90 * second,
  4 * minute,
  10 * minute,
  20 * minute,
  40 * minute,
  1 * hour,
  2 * hour,
  3 * hour,
  4 * hour,
  6 * hour,
  8 * hour,
  10 * hour,
  14 * hour,
  18 * hour,
  24 * hour,
];

/** Attempts that a job may spend before it is dead. Crashes do not count. */
export const DEFAULT_MAX_ATTEMPTS = 25;

/** How long a dead job waits for a person before it fails for good. @format milliseconds */
export const DEAD_RETENTION_MS = 30 * 24 * hour;

/** Delay after the `failures`-th failed attempt, counted from 1. */
export function retryDelayMs(retryDelaysMs: readonly number[], failures: number): number {
  return retryDelaysMs[Math.min(failures, retryDelaysMs.length) - 1] ?? 0;
}

/** Longest pause of a job that workers give back because they cannot run it. @format milliseconds */
const LONGEST_GIVEN_BACK_PAUSE_MS = minute;

/** Until a job goes out again that workers have given back so often in a row: a second, then twice as long each time. @format milliseconds */
export function givenBackPauseMs(times: number): number {
  return Math.min(second * 2 ** (times - 1), LONGEST_GIVEN_BACK_PAUSE_MS);
}
