/**
 * What is settled of a job when it is enqueued, and stands in its workflow's input from then on: what its definition says later changes
 * only jobs that are enqueued later. A job that was started by other means, such as Temporal's CLI, may leave any of it out.
 */
import { DEFAULT_MAX_ATTEMPTS, DEFAULT_RETRY_DELAYS_MS } from './retry-delays.ts';

export interface JobOptions {
  /** Attempts that it may spend before it is dead. */
  readonly maxAttempts: number;
  /** Delays between attempts; the last one repeats. @format milliseconds */
  readonly retryDelaysMs: readonly number[];
  /** Longest that one attempt may take. @format milliseconds */
  readonly timeoutMs: number;
  /** `inGroups`: jobs that are enqueued at the same time share a workflow, which is fast and leaves room for small results only. */
  readonly travels: 'inGroups' | 'alone';
}

/** Of a job whose input does not say. Histories are replayed with these, so they stay as they are. */
export const DEFAULT_JOB_OPTIONS: JobOptions = {
  maxAttempts: DEFAULT_MAX_ATTEMPTS,
  retryDelaysMs: DEFAULT_RETRY_DELAYS_MS,
  timeoutMs: 60 * 60_000,
  travels: 'alone',
};
