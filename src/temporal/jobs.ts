/** The client side of Holdfast: everything that the web, and later the console, asks of jobs. */
import type { JobChanges } from '../contract/job-events.ts';
import type { JobView } from '../contract/job.ts';
import type { JobState, MoveName } from '../contract/job-states.ts';
import type { JobRequest } from '../contract/schemas/job-request.ts';

/** A move as a caller asks for it. Cancelling reaches a running attempt too. */
export type AskedMove =
  | { readonly type: 'reschedule'; /** ISO 8601 */ readonly dueAt: string }
  | { readonly type: 'edit'; readonly changes: JobChanges }
  | { readonly type: 'runNow' | 'pause' | 'resume' | 'retry' | 'discard' }
  | { readonly type: 'cancel' };

/** `none`: nothing serves it now. `unknown`: the server does not say. */
export type WorkerPresence = 'present' | 'none' | 'unknown';

/** A job and what surrounds it right now. */
export interface JobSnapshot {
  readonly job: JobView;
  readonly args: unknown;
  readonly runId: string;
  /** What may be asked of it now. */
  readonly moves: readonly MoveName[];
  /** Workers of its own queue, which run its attempts. */
  readonly queueWorkers: WorkerPresence;
  /** Workers of the workflow task queue, which move it along. */
  readonly workers: WorkerPresence;
  /** Moves that Temporal keeps until a worker is back, oldest first. */
  readonly pendingMoves: readonly PendingMove[];
  /** Temporal does not answer just now: this is how the job was when it last did. Only `watch` says so. */
  readonly stale: boolean;
}

export interface PendingMove {
  readonly move: MoveName;
  /** ISO 8601 */
  readonly askedAt: string;
  /** Only of a reschedule; ISO 8601. */
  readonly dueAt?: string;
}

/** A row of a list, out of visibility: a little behind, and without what only the history tells. */
export interface JobListItem {
  readonly id: string;
  readonly kind: string;
  readonly queue: string;
  /** `unknown` for what this version cannot tell. `queued` may be running. */
  readonly state: JobState | 'unknown';
  readonly createdAt: string;
  readonly dueAt: string | null;
  readonly endedAt: string | null;
}

export interface StartedJob {
  readonly job: JobView;
  /** Whether this call started it; `false` when the idempotency key had already. */
  readonly created: boolean;
}

export interface MovedJob {
  readonly job: JobView;
  /** `whenAWorkerIsBack`: no worker answered, so Temporal keeps the move until one does. */
  readonly applied: 'now' | 'whenAWorkerIsBack';
}

/** Every method ends within 3 s, `watch` excepted. @throws {TemporalUnreachableError} see `errors.ts` for all */
export interface Jobs {
  /** @throws {KeyReusedError} when `key` belongs to a job with other contents */
  start(request: JobRequest, key?: string): Promise<StartedJob>;
  /** @throws {JobNotFoundError} */
  read(id: string): Promise<JobSnapshot>;
  /** The job now and after every change, until it has ended or `signal` aborts. @throws {JobNotFoundError} */
  watch(id: string, signal: AbortSignal): AsyncIterable<JobSnapshot>;
  /** @throws {JobNotFoundError} @throws {IllegalMoveError} @throws {InvalidMoveError} */
  move(id: string, move: AskedMove): Promise<MovedJob>;
  /** Newest first. */
  latest(limit: number): Promise<JobListItem[]>;
  /** Whether Temporal answers and any worker runs. */
  health(): Promise<{ readonly workers: WorkerPresence }>;
}
