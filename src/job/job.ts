/** What a job is: the input that starts it, what its attempts are told and report, and the view that everybody reads. */
import type { ActionName } from './actions.ts';
import type { JobOptions } from './job-options.ts';
import type { JobState } from './job-states.ts';

/** Arguments as they stand in a history: what a caller gave, which the kind's own schema has found good. */
export type JobArgs = Readonly<Record<string, unknown>>;

/** Input of the activity that runs an attempt. */
export interface AttemptInput extends Pick<JobOptions, 'timeoutMs' | 'travels'> {
  readonly jobId: string;
  readonly kind: string;
  readonly queue: string;
  /** Counts every attempt of the job, crashed ones included, from 1. */
  readonly number: number;
  /** When the attempt was due. @format milliseconds since 1970 */
  readonly dueAt: number;
  readonly args: JobArgs;
  /** What the last attempt saved, if it saved anything. */
  readonly checkpoint?: unknown;
  /** Of a job that may have run before: since when. @format milliseconds since 1970 */
  readonly ranSince?: number;
  /** Whether it may only run in a process of its own: processes have died with it. @default false */
  readonly isSuspect?: boolean;
}

export interface Progress {
  readonly done: number;
  readonly total: number;
}

/** What an attempt says about itself: in heartbeats, in its result and in the details of its failure. */
export interface AttemptReport {
  /** @format milliseconds since 1970 */
  readonly startedAt: number;
  /** Only once it has ended. @format milliseconds since 1970 */
  readonly endedAt?: number;
  /** Identity of the worker process. */
  readonly worker: string;
  readonly progress?: Progress;
  readonly checkpoint?: unknown;
  /** An error that got past the work while the attempt ran, such as a rejection that nobody awaited. A hint: it may be another job's. */
  readonly stray?: string;
}

/** Result of the activity that runs an attempt. */
export interface AttemptSuccess extends AttemptReport {
  /** `null` where the work returned nothing, or what no history can keep. */
  readonly result: unknown;
  /** Why the result was left out. The work is done all the same, and must not be done again. */
  readonly note?: string;
}

export interface JobErrorView {
  readonly type: string;
  readonly message: string;
  /** Where it was thrown, and what caused it; a few lines. Only of a job's newest error. */
  readonly stack?: string;
}

/** How sure it is that the attempt itself ended the process it ran in. */
export type LossEvidence =
  /** It ran alone, in a process that had run nothing before. */
  | 'alone'
  /** Others ran in that process, or had. */
  | 'shared'
  /** Its process was killed by us or with its worker, or heartbeats stopped: nobody is known to be guilty. */
  | 'none';

/** Workers of its queue that cannot run a job, and leave it to others. It waits, and a pause grows between the tries. */
export interface GivenBack {
  /** `unknownKind`: they have no work of this kind. `olderVersion`: a newer Holdfast wrote what they were to run. */
  readonly why: 'unknownKind' | 'olderVersion';
  /** In a row. */
  readonly times: number;
  /** The last of them. */
  readonly worker: string;
}

/** `interrupted`: its worker was stopped and the job runs again at once, as after a crash, but nobody is to blame. */
export type AttemptOutcome = 'done' | 'failed' | 'discarded' | 'crashed' | 'interrupted' | 'cancelled';

export interface AttemptView {
  readonly number: number;
  /** Absent while the attempt waits in its queue. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  /** `null` while it runs or waits. */
  readonly outcome: AttemptOutcome | null;
  readonly worker: string | null;
  readonly error: JobErrorView | null;
  /** Only of a crash. */
  readonly evidence: LossEvidence | null;
  /** An error that got past the work while this attempt ran. A hint: it may be another job's. */
  readonly stray: string | null;
}

/** An action that a job took. */
export interface ActionTaken {
  readonly action: ActionName;
  readonly at: string;
  /** `null` where nobody said: as when Temporal's own tools are used. */
  readonly by: string | null;
}

/** A job as everybody sees it: pages, API, CLI. Times are ISO 8601 with milliseconds. */
export interface JobView {
  readonly id: string;
  readonly kind: string;
  readonly queue: string;
  readonly state: JobState;
  /** When the next attempt may start; for a job that is under way or ended, when its last one might. */
  readonly dueAt: string;
  /** Attempts spent or under way, out of `maxAttempts`; crashes are counted apart. A retry of a dead job starts again at 0. */
  readonly attempt: number;
  readonly maxAttempts: number;
  readonly crashes: number;
  /** Set while workers give it back, because they cannot run it. */
  readonly givenBack: GivenBack | null;
  /** Whether it runs in a process of its own, because processes died with it. */
  readonly suspect: boolean;
  readonly createdAt: string;
  /** When its newest attempt started. */
  readonly startedAt: string | null;
  readonly endedAt: string | null;
  readonly progress: Progress | null;
  readonly result: unknown;
  /** Why the result of a job that is done was left out. */
  readonly note: string | null;
  readonly error: JobErrorView | null;
  /** Oldest first. */
  readonly attempts: readonly AttemptView[];
  /** What people have made of it; the newest few, oldest first. */
  readonly actionsTaken: readonly ActionTaken[];
}
