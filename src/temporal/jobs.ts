/** The client side of Holdfast: everything that the web, and later the console, asks of jobs. */
import type { JobChanges } from '../job/job-events.ts';
import type { JobView } from '../job/job.ts';
import type { ActionName, GroupActionName, SimpleAction } from '../job/actions.ts';
import type { JobState } from '../job/job-states.ts';
import type { StuckJobs } from './stuck.ts';
import type { JobRequest } from '../job/job-request.ts';

/** An action as a caller asks for it. `actor`: who that is, which the job's history keeps. Cancelling reaches a running attempt too. */
export type ActionRequest = { readonly actor?: string } & (
  | { readonly type: 'reschedule'; /** ISO 8601 */ readonly dueAt: string }
  | { readonly type: 'edit'; readonly changes: JobChanges }
  | { readonly type: SimpleAction }
);

/** `none`: nothing serves it now. `unknown`: the server does not say. */
export type WorkerPresence = 'present' | 'none' | 'unknown';

/** A job and what surrounds it right now. */
export interface JobSnapshot {
  readonly job: JobView;
  readonly args: unknown;
  /** The workflow that answers for it now. */
  readonly workflowId: string;
  readonly runId: string;
  /** Its number in that workflow, while it is in a group. */
  readonly item: number | undefined;
  /** What may be asked of it now. */
  readonly actions: readonly ActionName[];
  /** Workers of its own queue, which run its attempts. */
  readonly queueWorkers: WorkerPresence;
  /** Workers of the workflow task queue, which move it along. */
  readonly workers: WorkerPresence;
  /** Actions that Temporal keeps until a worker is back, oldest first. */
  readonly pendingActions: readonly PendingAction[];
  /** Why its workflow cannot go on: its tasks fail again and again, until somebody mends what fails them. Nothing is lost. */
  readonly cannotGoOn: string | null;
  /** Temporal does not answer just now: this is how the job was when it last did. Only `watch` says so. */
  readonly stale: boolean;
}

export interface PendingAction {
  readonly action: ActionName;
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
  /** Set when this row is a group: how many jobs came in it. Its kind and state are then the group's own. */
  readonly group: { readonly jobs: number } | null;
  /** Whether its workflow's tasks fail again and again. */
  readonly cannotGoOn: boolean;
}

export interface Health {
  readonly workers: WorkerPresence;
  /** `false` after several starts in a row failed, and for a while only. */
  readonly takesJobs: boolean;
  /** Jobs and groups that cannot go on, until somebody mends what fails their workflows. */
  readonly stuck: StuckJobs;
}

/** By what a repeated start finds its first job. */
export interface StartKeys {
  /** Chosen by the caller: the job's id, for as long as Temporal keeps it. Such a job travels alone. */
  readonly idempotencyKey?: string;
  /** Makes a repeat of this very request harmless, within ten minutes. Such a job may travel in a group. */
  readonly requestKey?: string;
  /** When the request was first sent, if this one repeats it. @format milliseconds since 1970 */
  readonly firstSentAt?: number;
}

export interface JobToStart {
  readonly request: JobRequest;
  readonly keys?: StartKeys;
}

export interface StartedJob {
  readonly job: JobView;
  /** Whether this call started it; `false` when one with the same key had already. */
  readonly created: boolean;
}

/** A group: jobs that were acknowledged together. */
export interface GroupSnapshot {
  readonly id: string;
  readonly queue: string;
  readonly createdAt: string;
  /** When the group had nothing more to do; jobs that left it may still be under way. */
  readonly endedAt: string | null;
  /** Jobs by their state, those that left the group among them. */
  readonly counts: Readonly<Partial<Record<JobState, number>>>;
  /** Every job that came in this group, by its number. */
  readonly jobs: readonly JobView[];
  /** As of a job: why its workflow cannot go on. */
  readonly cannotGoOn: string | null;
  /** What may be asked of all its jobs at once now: each takes it as far as its state allows. */
  readonly actions: readonly GroupActionName[];
  readonly queueWorkers: WorkerPresence;
  readonly workers: WorkerPresence;
}

/** An action of all jobs that are still in the group. */
export type GroupActionRequest = { readonly actor?: string } & (
  | { readonly type: 'reschedule'; /** ISO 8601 */ readonly dueAt: string }
  | { readonly type: Exclude<GroupActionName, 'reschedule'> }
);

export interface ActionAnswer {
  readonly job: JobView;
  /** `whenAWorkerIsBack`: no worker answered, so Temporal keeps the action until one does. */
  readonly applied: 'now' | 'whenAWorkerIsBack';
}

/**
 * Every method ends within 3 s, but for `watch`, `startAll`, which takes as long as its groups do, and a repeat that has to be looked for.
 * @throws {TemporalUnreachableError} @throws {TemporalRefusalError} see `errors.ts` for all
 */
export interface Jobs {
  /** @throws {KeyReusedError} when a key belongs to a job with other contents @throws {JobTooLargeError} */
  start(request: JobRequest, keys?: StartKeys): Promise<StartedJob>;
  /** Many at once, for as little as a few. One outcome for each, in their order; one that fails takes no other along. */
  startAll(jobs: readonly JobToStart[]): Promise<PromiseSettledResult<StartedJob>[]>;
  /** @throws {JobNotFoundError} */
  read(id: string): Promise<JobSnapshot>;
  /** The job now and after every change, until it has ended or `signal` aborts. @throws {JobNotFoundError} */
  watch(id: string, signal: AbortSignal): AsyncIterable<JobSnapshot>;
  /** @throws {JobNotFoundError} @throws {IllegalActionError} @throws {InvalidActionError} @throws {TooManyActionsError} */
  act(id: string, action: ActionRequest): Promise<ActionAnswer>;
  /** @throws {JobNotFoundError} */
  readGroup(id: string): Promise<GroupSnapshot>;
  /** Answers at once: what a worker has in hand takes the action when that is over. @throws {JobNotFoundError} @throws {InvalidActionError} @throws {TooManyActionsError} */
  actOnGroup(id: string, action: GroupActionRequest): Promise<GroupSnapshot>;
  /** Newest first. A group is one row. */
  latest(limit: number): Promise<JobListItem[]>;
  /** Rejects when Temporal or its database does not answer. */
  health(): Promise<Health>;
}
