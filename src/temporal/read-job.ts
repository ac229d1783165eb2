/** One job, read from its history and its description. Asks no worker, so it is right while none runs. */
import type { Client } from '@temporalio/client';
import { decodeFromPayloadsAtIndex } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { tsToMs } from '@temporalio/common/lib/time.js';
import type { temporal } from '@temporalio/proto';
import { asReport } from '../contract/attempt-end.ts';
import type { AttemptReport, JobView } from '../contract/job.ts';
import { legalMoves, type MoveName } from '../contract/job-states.ts';
import { viewJob } from '../contract/job-view.ts';
import { takenAttempt } from '../contract/pending-attempt.ts';
import { WORKFLOW_TASK_QUEUE } from '../contract/queues.ts';
import { call } from './calls.ts';
import { JobNotFoundError } from './errors.ts';
import { foldHistory, type JobHistory } from './fold-history.ts';
import { readSteps } from './history-steps.ts';
import type { JobSnapshot, PendingMove } from './jobs.ts';
import type { WorkerWatch } from './worker-presence.ts';

type HistoryEvent = temporal.api.history.v1.IHistoryEvent;

export interface ReadDependencies {
  readonly client: Client;
  readonly workers: WorkerWatch;
}

/** @throws {JobNotFoundError} */
export async function readJob(deps: ReadDependencies, jobId: string): Promise<JobSnapshot> {
  const events = await fetchEvents(deps.client, jobId);
  return snapshot(deps, jobId, await foldEvents(deps.client, jobId, events));
}

/** The whole history of a job's newest run. */
export async function fetchEvents(client: Client, jobId: string): Promise<HistoryEvent[]> {
  const history = await call(client, () => client.workflow.getHandle(jobId).fetchHistory(), { jobId });
  return history.events ?? [];
}

/** @throws {JobNotFoundError} when the history is no job's */
export async function foldEvents(client: Client, jobId: string, events: readonly HistoryEvent[]): Promise<JobHistory> {
  const history = foldHistory(jobId, await readSteps(events, client.options.loadedDataConverter));
  if (!history) throw new JobNotFoundError(jobId);
  return history;
}

/** Adds what the history does not tell: whether a worker has the attempt, and whether there are workers. */
export async function snapshot(deps: ReadDependencies, jobId: string, history: JobHistory): Promise<JobSnapshot> {
  const { record } = history;
  const [{ runId, running }, workers, queueWorkers] = await Promise.all([
    describeAttempt(deps.client, jobId),
    deps.workers.presence(WORKFLOW_TASK_QUEUE),
    deps.workers.presence(record.queue),
  ]);
  const job = viewJob(record, running);
  return {
    job,
    args: record.args,
    runId,
    moves: possibleMoves(job, record.paused),
    workers,
    queueWorkers,
    pendingMoves: history.unseen.flatMap(pendingMove),
    stale: false,
  };
}

async function describeAttempt(client: Client, jobId: string): Promise<{ runId: string; running?: AttemptReport }> {
  const { raw, runId } = await call(client, () => client.workflow.getHandle(jobId).describe(), { jobId });
  const pending = takenAttempt(raw.pendingActivities);
  if (!pending) return { runId };
  const payloads = pending.heartbeatDetails?.payloads;
  const reported = payloads?.length
    ? asReport(await decodeFromPayloadsAtIndex(client.options.loadedDataConverter, 0, payloads))
    : undefined;
  // Before its first heartbeat the server knows no more than this.
  const taken = { startedAt: tsToMs(pending.lastStartedTime), worker: pending.lastWorkerIdentity ?? 'unknown' };
  return { runId, running: reported ?? taken };
}

/** A running job can be paused or resumed, whichever it is not. */
function possibleMoves(job: JobView, paused: boolean): MoveName[] {
  const moves = legalMoves(job.state);
  return job.state === 'running' ? moves.filter((move) => move !== (paused ? 'pause' : 'resume')) : moves;
}

function pendingMove({ event, at }: JobHistory['unseen'][number]): PendingMove[] {
  const askedAt = new Date(at).toISOString();
  if (event.type === 'cancelRequested') return [{ move: 'cancel', askedAt }];
  if (event.type !== 'moved') return [];
  const { move } = event;
  if (move.type !== 'reschedule') return [{ move: move.type, askedAt }];
  return [{ move: move.type, askedAt, dueAt: new Date(move.dueAt).toISOString() }];
}
