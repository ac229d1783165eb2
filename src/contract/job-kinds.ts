/**
 * The catalogue: every kind of job, and what a job of that kind gets when its request does not say.
 * A new kind is a row here, a schema of its arguments, a handler and a workflow; whatever is missing fails to compile.
 */
import type { z } from 'zod';
import { DEFAULT_RETRY_DELAYS_MS, DEFAULT_MAX_ATTEMPTS } from '../job/retry-delays.ts';
import { DEFAULT_QUEUE } from './queues.ts';
import type { JOB_ARGS } from './schemas/job-args.ts';

interface JobKindDefinition {
  readonly summary: string;
  readonly queue: string;
  /** `inGroups`: jobs that are enqueued at the same time share a workflow, which is fast. `alone`: for work that takes minutes. */
  readonly travels: 'inGroups' | 'alone';
  /** Longest that one attempt may take; longer is a failure. Too low kills healthy work. @format milliseconds */
  readonly attemptTimeoutMs: number;
  /** Whether each attempt runs in a process of its own, which costs its start: for work that is known to kill its process. @default false */
  readonly isolated?: boolean;
  /** How long its work may compute without a pause. @default the worker's. @format milliseconds */
  readonly maxBusyMs?: number;
  readonly maxAttempts: number;
  /** @format milliseconds */
  readonly retryDelaysMs: readonly number[];
}

export const JOB_KINDS = {
  NameWorkflow: {
    summary: 'Logs a greeting.',
    queue: DEFAULT_QUEUE,
    travels: 'inGroups',
    attemptTimeoutMs: 60_000,
    maxAttempts: DEFAULT_MAX_ATTEMPTS,
    retryDelaysMs: DEFAULT_RETRY_DELAYS_MS,
  },
  ReportWorkflow: {
    summary: 'Writes a CSV report row by row; goes on from its last checkpoint after a crash.',
    queue: DEFAULT_QUEUE,
    travels: 'alone',
    attemptTimeoutMs: 24 * 60 * 60_000,
    maxAttempts: DEFAULT_MAX_ATTEMPTS,
    retryDelaysMs: DEFAULT_RETRY_DELAYS_MS,
  },
} as const satisfies Readonly<Record<keyof typeof JOB_ARGS, JobKindDefinition>>;

export type JobKind = keyof typeof JOB_KINDS;

export type JobArgs<K extends JobKind = JobKind> = { [P in K]: z.infer<(typeof JOB_ARGS)[P]> }[K];

interface JobResults {
  /** The greeting. */
  NameWorkflow: string;
  ReportWorkflow: { readonly file: string; readonly rows: number };
}

export type JobResult<K extends JobKind = JobKind> = JobResults[K];

export function isJobKind(kind: string): kind is JobKind {
  return Object.hasOwn(JOB_KINDS, kind);
}

/** Of kinds that this version does not know. @format milliseconds */
const UNKNOWN_KIND_TIMEOUT_MS = 60 * 60_000;

/** How long one attempt may take. @format milliseconds */
export function attemptTimeoutMs(kind: string): number {
  return jobKind(kind)?.attemptTimeoutMs ?? UNKNOWN_KIND_TIMEOUT_MS;
}

/** A catalogue row, `undefined` for kinds that this version does not know. */
export function jobKind(kind: string): JobKindDefinition | undefined {
  return isJobKind(kind) ? JOB_KINDS[kind] : undefined;
}
