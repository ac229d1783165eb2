/** What a handler gets of the attempt that it runs. */
import type { Logger } from 'pino';
import type { JobArgs, JobKind, JobResult } from '../contract/job-kinds.ts';
import type { ChunkReport } from '../contract/chunks.ts';
import type { AttemptInput, AttemptReport } from '../contract/job.ts';
import type { Slots } from './slots.ts';

export interface Attempt<K extends JobKind = JobKind> extends AttemptInput<K> {
  /** Aborted when the job is cancelled or the worker stops: end soon, or throw its `reason`. */
  readonly signal: AbortSignal;
  /** Knows the job's id, kind and attempt. Never log arguments with it that may be secret. */
  readonly log: Logger;
  /** Says how far the work is, and what the next attempt needs in order to go on from there. Cheap: call it as often as you like. */
  progress(done: number, total: number, checkpoint?: unknown): void;
}

/** The work of a kind. Throws `discardJob`, `retryLater` or any error, which means the next rung of the ladder. */
export type Handler<K extends JobKind> = (args: JobArgs<K>, attempt: Attempt<K>) => Promise<JobResult<K>>;

/** The work of every kind; one without a handler does not compile. */
export type Handlers = { readonly [K in JobKind]: Handler<K> };

/** What a worker says of an activity that it has in hand: one attempt, or a chunk of them. */
export type ReportInHand = AttemptReport | ChunkReport;

/** Told of every attempt in this process, so that its keeper knows what dies with it. */
export interface AttemptObserver {
  started(taskToken: string, report: ReportInHand): void;
  progressed(taskToken: string, report: ReportInHand): void;
  ended(taskToken: string): void;
}

export interface ActivityDependencies {
  readonly log: Logger;
  /** Folder that reports are written to; absolute. */
  readonly reportsFolder: string;
  /** Identity of this worker process, as attempts show it. */
  readonly worker: string;
  readonly observer?: AttemptObserver;
  /** Of a queue: bounds the handlers that run at the same time. @default no bound */
  readonly slots?: (queue: string) => Slots;
  /** Whether a queue is paused or has a rate limit just now. @default never */
  readonly isPaced?: (queue: string) => boolean;
  /** Aborted when the worker begins to stop: running attempts have their grace time, no other begins. */
  readonly stopping?: AbortSignal;
  /** Aborted when that grace time is over. Temporal tells an activity of one cancellation only, and a chunk may have been called back before. */
  readonly graceOver?: AbortSignal;
}
