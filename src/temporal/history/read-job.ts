/** A job with a workflow of its own, read from its history and its description. Asks no worker, so it is right while none runs. */
import type { Client } from '@temporalio/client';
import type { temporal } from '@temporalio/proto';
import type { AttemptReport, JobView } from '../../job/job.ts';
import { isoTime } from '../../contract/iso-time.ts';
import type { ActionName } from '../../job/actions.ts';
import { legalActions } from '../../job/job-states.ts';
import { viewJob } from '../../job/job-view.ts';
import { call } from '../rpc.ts';
import { describeJob, type Description } from './describe-job.ts';
import { JobNotFoundError } from '../errors.ts';
import { foldHistory, type JobHistory } from './fold-history.ts';
import { readSteps } from './history-steps.ts';
import type { JobSnapshot, PendingAction } from '../jobs.ts';
import { lastTaskFailure, whyStuck } from '../stuck.ts';
import type { WorkerWatch } from '../worker-presence.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

export interface ReadDependencies {
  readonly client: Client;
  readonly workers: WorkerWatch;
  /** Of workflows. */
  readonly taskQueue: string;
}

/** A job with a workflow of its own. @throws {JobNotFoundError} */
export async function readOwn(deps: ReadDependencies, jobId: string): Promise<JobSnapshot> {
  const events = await fetchEvents(deps.client, jobId);
  return snapshotOfOwn(deps, jobId, await foldEvents(deps.client, jobId, events));
}

/** The whole history of a workflow's newest run, or of the given one. @throws {JobNotFoundError} */
export async function fetchEvents(client: Client, workflowId: string, runId?: string): Promise<HistoryEvent[]> {
  const handle = client.workflow.getHandle(workflowId, runId);
  const history = await call(client, () => handle.fetchHistory(), { jobId: workflowId });
  return history.events ?? [];
}

/** @throws {JobNotFoundError} when the history is no job's */
export async function foldEvents(client: Client, jobId: string, events: readonly HistoryEvent[]): Promise<JobHistory> {
  const history = foldHistory(jobId, await readSteps(events, client.options.loadedDataConverter));
  if (!history) throw new JobNotFoundError(jobId);
  return { ...history, taskFailure: lastTaskFailure(events) };
}

/** Adds what the history does not tell of a job with a workflow of its own: whether a worker has the attempt. */
export async function snapshotOfOwn(deps: ReadDependencies, jobId: string, history: JobHistory): Promise<JobSnapshot> {
  const { runId, taskTries, running } = await describeJob(deps.client, jobId);
  return snapshot(deps, history, { workflowId: jobId, runId, item: undefined, taskTries }, running);
}

/** Adds whether there are workers. */
export async function snapshot(
  deps: ReadDependencies,
  { record, unseen, taskFailure }: JobHistory,
  { taskTries, ...where }: Pick<JobSnapshot, 'workflowId' | 'runId' | 'item'> & Pick<Description, 'taskTries'>,
  running?: AttemptReport,
): Promise<JobSnapshot> {
  const [workers, queueWorkers] = await Promise.all([
    deps.workers.presence(deps.taskQueue),
    deps.workers.presence(record.queue),
  ]);
  const job = viewJob(record, running);
  return {
    job,
    args: record.args,
    ...where,
    actions: possibleActions(job, record.paused),
    workers,
    queueWorkers,
    pendingActions: unseen.flatMap(pendingAction),
    cannotGoOn: whyStuck(taskTries, taskFailure),
    stale: false,
  };
}

/** A running job can be paused or resumed, whichever it is not. */
function possibleActions(job: JobView, paused: boolean): ActionName[] {
  // A job that was dead too long is dead for good.
  const actions = job.endedAt === null ? legalActions(job.state) : [];
  return job.state === 'running' ? actions.filter((action) => action !== (paused ? 'pause' : 'resume')) : actions;
}

function pendingAction({ event, at }: JobHistory['unseen'][number]): PendingAction[] {
  const askedAt = isoTime(at);
  if (event.type === 'cancelRequested') return [{ action: 'cancel', askedAt }];
  if (event.type !== 'actionTaken') return [];
  const { action } = event;
  if (action.type !== 'reschedule') return [{ action: action.type, askedAt }];
  return [{ action: action.type, askedAt, dueAt: isoTime(action.dueAt) }];
}
