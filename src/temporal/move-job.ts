/**
 * Moves a job. With a worker, a move is an update: checked by the job itself and answered with its new view. With none, the same
 * move goes as a signal, which Temporal keeps until a worker is back.
 */
import { WorkflowUpdateFailedError, WorkflowUpdateRPCTimeoutOrCancelledError, type Client } from '@temporalio/client';
import { ApplicationFailure } from '@temporalio/common';
import { FAILURE } from '../contract/failures.ts';
import type { JobView } from '../contract/job.ts';
import type { JobState } from '../contract/job-states.ts';
import { SIGNALS, UPDATES } from '../contract/messages.ts';
import { call, isNotFound } from './calls.ts';
import { IllegalMoveError, InvalidMoveError, JobNotFoundError, TemporalUnreachableError } from './errors.ts';
import type { AskedMove, MovedJob } from './jobs.ts';
import { readJob, type ReadDependencies } from './read-job.ts';

/** A job that does not answer its update within this time has no worker, or one that is busy. @format milliseconds */
const ANSWER_WITHIN_MS = 2_000;
/** A running attempt learns of its cancellation with its next heartbeat. @format milliseconds */
const CANCELLED_WITHIN_MS = 2_000;

/** @throws {JobNotFoundError} @throws {IllegalMoveError} @throws {InvalidMoveError} */
export async function moveJob(deps: ReadDependencies, jobId: string, move: AskedMove): Promise<MovedJob> {
  const before = await readJob(deps, jobId);
  if (!before.moves.includes(move.type)) throw new IllegalMoveError(jobId, move.type, before.job.state);
  if (move.type === 'cancel') return cancel(deps, jobId, before.workers === 'none');
  if (before.workers !== 'none') {
    const job = await update(deps.client, jobId, move);
    if (job) return { job, applied: 'now' };
  }
  await signal(deps.client, jobId, move);
  return { job: (await readJob(deps, jobId)).job, applied: 'whenAWorkerIsBack' };
}

type Message = Exclude<AskedMove, { type: 'cancel' }>;

/** @returns the job's new view, or `undefined` when no worker answered in time */
async function update(client: Client, jobId: string, move: Message): Promise<JobView | undefined> {
  const handle = client.workflow.getHandle(jobId);
  const ask = async (): Promise<JobView> => {
    if (move.type === 'reschedule') return handle.executeUpdate(UPDATES.reschedule, { args: [move.dueAt] });
    if (move.type === 'edit') return handle.executeUpdate(UPDATES.edit, { args: [move.changes] });
    return handle.executeUpdate(UPDATES[move.type]);
  };
  try {
    return await call(client, ask, { timeoutMs: ANSWER_WITHIN_MS });
  } catch (error) {
    if (error instanceof WorkflowUpdateRPCTimeoutOrCancelledError || error instanceof TemporalUnreachableError)
      return undefined;
    throw refusal(jobId, move, error);
  }
}

async function signal(client: Client, jobId: string, move: Message): Promise<void> {
  const handle = client.workflow.getHandle(jobId);
  await call(
    client,
    async () => {
      if (move.type === 'reschedule') return handle.signal(SIGNALS.reschedule, move.dueAt);
      if (move.type === 'edit') return handle.signal(SIGNALS.edit, move.changes);
      return handle.signal(SIGNALS[move.type]);
    },
    { jobId },
  );
}

/** Temporal keeps the request itself, so nothing is lost without a worker. */
async function cancel(deps: ReadDependencies, jobId: string, isLater: boolean): Promise<MovedJob> {
  await call(deps.client, () => deps.client.workflow.getHandle(jobId).cancel(), { jobId });
  const deadline = Date.now() + (isLater ? 0 : CANCELLED_WITHIN_MS);
  for (;;) {
    const { job } = await readJob(deps, jobId);
    if (job.endedAt !== null) return { job, applied: 'now' };
    if (Date.now() >= deadline) return { job, applied: 'whenAWorkerIsBack' };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function refusal(jobId: string, move: AskedMove, error: unknown): unknown {
  const cause = error instanceof WorkflowUpdateFailedError ? error.cause : undefined;
  if (cause instanceof ApplicationFailure) {
    if (cause.type === FAILURE.moveIllegal)
      return new IllegalMoveError(jobId, move.type, (cause.details?.[0] ?? 'unknown') as JobState);
    if (cause.type === FAILURE.moveInvalid) return new InvalidMoveError(cause.message);
  }
  return isNotFound(error) ? new JobNotFoundError(jobId) : error;
}
