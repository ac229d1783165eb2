/** A job with a workflow of its own, read from its history and its description. Asks no worker, so it is right while none runs. */
import type { Client } from '@temporalio/client';
import type { AttemptReport, JobView } from '../../job/job.ts';
import { isoTime } from '../../contract/iso-time.ts';
import type { ActionName } from '../../job/actions.ts';
import { legalActions } from '../../job/job-states.ts';
import { viewJob } from '../../job/job-view.ts';
import { describeJob, type Description } from './describe-job.ts';
import type { JobHistory } from './fold-history.ts';
import { OwnRun } from './folded-runs.ts';
import { readRun } from './run-history.ts';
import type { JobSnapshot, PendingAction } from '../jobs.ts';
import { whyStuck } from '../stuck.ts';
import type { WorkerWatch } from '../worker-presence.ts';

export interface ReadDependencies {
  readonly client: Client;
  readonly workers: WorkerWatch;
  /** Of workflows. */
  readonly taskQueue: string;
}

/** A job with a workflow of its own. @throws {JobNotFoundError} */
export async function readOwn(deps: ReadDependencies, jobId: string): Promise<JobSnapshot> {
  return snapshotOfOwn(deps, jobId, await ownHistory(deps.client, jobId));
}

/** The newest run of a job's own workflow. @throws {JobNotFoundError} */
export async function ownHistory(client: Client, jobId: string): Promise<JobHistory> {
  const run = await readRun(client, jobId, new OwnRun(jobId, client.options.loadedDataConverter));
  return run.history();
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
