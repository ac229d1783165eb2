/**
 * Moves a job. With a worker, a move is an update: checked by the job itself and answered with its new view. With none, the same
 * move goes as a signal, which Temporal keeps until a worker is back.
 */
import type { Client } from '@temporalio/client';
import { FAILURE } from '../contract/failures.ts';
import type { JobView } from '../contract/job.ts';
import type { JobState } from '../contract/job-states.ts';
import { call, isNotFound } from './calls.ts';
import { IllegalMoveError, InvalidMoveError, JobNotFoundError } from './errors.ts';
import type { AskedMove, MovedJob } from './jobs.ts';
import { readJob } from './find-job.ts';
import type { ReadDependencies } from './read-job.ts';
import { ANSWER_WITHIN_MS, isSilence, refusalIn } from './updates.ts';

/** A running attempt learns of its cancellation with its next heartbeat. @format milliseconds */
const CANCELLED_WITHIN_MS = 2_000;

/** @throws {JobNotFoundError} @throws {IllegalMoveError} @throws {InvalidMoveError} */
export async function moveJob(deps: ReadDependencies, jobId: string, move: AskedMove): Promise<MovedJob> {
  const before = await readJob(deps, jobId);
  if (!before.moves.includes(move.type)) throw new IllegalMoveError(jobId, move.type, before.job.state);
  const target = { jobId, workflowId: before.workflowId, item: before.item };
  if (move.type === 'cancel') return cancel(deps, target, before.workers === 'none');
  if (before.workers !== 'none') {
    const job = await update(deps.client, target, move);
    // It left its group meanwhile, so somebody else answers for it.
    if (job === 'moved on') return moveJob(deps, jobId, move);
    if (job) return { job, applied: 'now' };
  }
  await signal(deps.client, target, move);
  return { job: (await readJob(deps, jobId)).job, applied: 'whenAWorkerIsBack' };
}

type Message = Exclude<AskedMove, { type: 'cancel' }>;

interface Target {
  readonly jobId: string;
  readonly workflowId: string;
  readonly item: number | undefined;
}

/** @returns the job's new view, or `undefined` when no worker answered in time */
async function update(client: Client, target: Target, move: Message): Promise<JobView | 'moved on' | undefined> {
  const handle = client.workflow.getHandle(target.workflowId);
  try {
    // The typings tell no arguments from some; each update answers with the view of the one job that it was for.
    const args = argumentsOf(target, move) as [unknown, ...unknown[]];
    const ask = async (): Promise<JobView> => handle.executeUpdate(move.type, { args });
    return await call(client, ask, { timeoutMs: ANSWER_WITHIN_MS });
  } catch (error) {
    if (isSilence(error)) return undefined;
    if (target.item !== undefined && hasMovedOn(error)) return 'moved on';
    throw refusal(target.jobId, move, error);
  }
}

async function signal(client: Client, target: Target, move: Message): Promise<void> {
  const handle = client.workflow.getHandle(target.workflowId);
  await call(client, () => handle.signal(move.type, ...argumentsOf(target, move)), { jobId: target.jobId });
}

/** A group wants to know which of its jobs is meant. */
function argumentsOf({ item }: Pick<Target, 'item'>, move: Message): unknown[] {
  const of = item === undefined ? [] : [item];
  if (move.type === 'reschedule') return [...of, move.dueAt];
  return move.type === 'edit' ? [...of, move.changes] : of;
}

/** Temporal keeps the request itself, so nothing is lost without a worker. */
async function cancel(deps: ReadDependencies, target: Target, isLater: boolean): Promise<MovedJob> {
  const { jobId, workflowId, item } = target;
  const handle = deps.client.workflow.getHandle(workflowId);
  const ask = async (): Promise<unknown> => (item === undefined ? handle.cancel() : handle.signal('cancel', item));
  await call(deps.client, ask, { jobId });
  const deadline = Date.now() + (isLater ? 0 : CANCELLED_WITHIN_MS);
  for (;;) {
    const { job } = await readJob(deps, jobId);
    if (job.endedAt !== null) return { job, applied: 'now' };
    if (Date.now() >= deadline) return { job, applied: 'whenAWorkerIsBack' };
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

function hasMovedOn(error: unknown): boolean {
  const type = refusalIn(error)?.type;
  return type === FAILURE.leftGroup || type === FAILURE.notInGroup;
}

function refusal(jobId: string, move: AskedMove, error: unknown): unknown {
  const cause = refusalIn(error);
  if (cause?.type === FAILURE.moveIllegal)
    return new IllegalMoveError(jobId, move.type, (cause.details?.[0] ?? 'unknown') as JobState);
  if (cause?.type === FAILURE.moveInvalid) return new InvalidMoveError(cause.message);
  return isNotFound(error) ? new JobNotFoundError(jobId) : error;
}
