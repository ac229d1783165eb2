/** What the work of a kind is, and what it gets of the attempt that it runs in. */
import type { Logger } from 'pino';
import type { JobArgs, JobKind, JobResult } from '../contract/job-kinds.ts';
import type { AttemptInput } from '../job/job.ts';

export interface Attempt<K extends JobKind = JobKind> extends AttemptInput<K> {
  /** Aborted when the job is cancelled, its time is up or the worker stops: end soon, or throw its `reason`. */
  readonly signal: AbortSignal;
  /** Knows the job's id, kind and attempt. Never log arguments with it that may be secret. */
  readonly log: Logger;
  /**
   * Says how far the work is, and what the next attempt needs in order to go on from there. Both are copied at once, so each call
   * costs what it takes to write the checkpoint as JSON; the newest is told ten times a second.
   * @param checkpoint without one, the last one stays
   * @throws {TypeError} when a number is not finite, or the checkpoint is no JSON or too large
   */
  readonly progress: (done: number, total: number, checkpoint?: unknown) => void;
}

/** The work of a kind. Throws `discardJob`, `retryLater` or any error, which means the next retry delay. */
export type Handler<K extends JobKind> = (args: JobArgs<K>, attempt: Attempt<K>) => Promise<JobResult<K>>;

/** The work of every kind; one without a handler does not compile. */
export type Handlers = { readonly [K in JobKind]: Handler<K> };
