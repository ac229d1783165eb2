/**
 * Acts on a job. With a worker, the workflow is asked at once, checks the action itself and answers with the job's new view. With none, the
 * same action goes as a signal, which Temporal keeps until a worker is back; what the job's state allows is then read out of its history.
 */
import { FAILURE } from '../../contract/failures.ts';
import { itemAddress } from '../../job/group/groups.ts';
import type { JobView } from '../../job/job.ts';
import type { JobState } from '../../job/job-states.ts';
import {
  IllegalActionError,
  InvalidActionError,
  JobNotFoundError,
  TemporalRefusalError,
  TooManyActionsError,
} from '../errors.ts';
import { readJob } from '../history/find-job.ts';
import type { ReadDependencies } from '../history/read-job.ts';
import type { ActionAnswer, ActionRequest, JobSnapshot } from '../jobs.ts';
import { isNotFound } from '../rpc.ts';
import {
  argumentsOf,
  askForAction,
  checkInput,
  refusalIn,
  requestCancel,
  type ActionAddress,
} from './ask-for-action.ts';
import type { SignalledActions } from './signalled-actions.ts';

/** A running attempt learns of its cancellation with its next heartbeat. @format milliseconds */
const CANCELLED_WITHIN_MS = 2_000;
const LOOK_AGAIN_AFTER_MS = 50;
/** It leaves its group, and it ends: nothing else takes a job from where it was found. */
const FOLLOWED_TIMES = 3;

export interface ActionDependencies extends ReadDependencies {
  readonly signalled: SignalledActions;
}

/** @throws {JobNotFoundError} @throws {IllegalActionError} @throws {InvalidActionError} @throws {TooManyActionsError} */
export async function actOnJob(deps: ActionDependencies, jobId: string, action: ActionRequest): Promise<ActionAnswer> {
  const isServed = (await deps.workers.presence(deps.taskQueue)) !== 'none';
  if (action.type === 'cancel' && !itemAddress(jobId)) return cancelOwn(deps, jobId, action, isServed);
  const answer = isServed ? await ask(deps, jobId, action) : undefined;
  if (!answer) return leaveForWorker(deps, jobId, action);
  return action.type === 'cancel' ? untilCancelled(deps, jobId, CANCELLED_WITHIN_MS) : told(deps, jobId, answer);
}

/** @returns `undefined` when no worker answered in time */
async function ask(deps: ActionDependencies, jobId: string, action: ActionRequest): Promise<JobView | undefined> {
  let address: ActionAddress = firstAddress(jobId);
  for (let times = 1; ; times += 1)
    try {
      return await askForAction<JobView>(deps.client, address, action);
    } catch (error) {
      // It has left its group meanwhile, or has ended there: its history tells.
      if (times === FOLLOWED_TIMES || !hasMovedOn(error))
        throw await asSeen(deps, refusal(jobId, action, error), action);
      const found = await readJob(deps, jobId);
      if (!found.actions.includes(action.type)) throw new IllegalActionError(jobId, action.type, found.job.state);
      // A job that has left its group is cancelled as one of its own.
      if (action.type === 'cancel' && found.item === undefined) {
        await requestCancel(deps.client, found.workflowId, action.actor);
        return found.job;
      }
      address = found;
    }
}

/** A workflow is told nothing of an attempt between handing it out and its end, so to it a job that runs is queued. */
async function asSeen(deps: ActionDependencies, refused: unknown, { type }: ActionRequest): Promise<unknown> {
  if (!(refused instanceof IllegalActionError) || refused.state !== 'queued') return refused;
  const { job } = await readJob(deps, refused.jobId);
  return job.state === 'running' ? new IllegalActionError(job.id, type, job.state) : refused;
}

async function cancelOwn(
  deps: ActionDependencies,
  jobId: string,
  { type, actor }: ActionRequest,
  isServed: boolean,
): Promise<ActionAnswer> {
  // Temporal takes the request of a workflow that has ended as well.
  const { actions, job: found } = await readJob(deps, jobId);
  if (!actions.includes(type)) throw new IllegalActionError(jobId, type, found.state);
  try {
    await requestCancel(deps.client, jobId, actor);
  } catch (error) {
    if (!hasMovedOn(error)) throw error;
    // Temporal tells no ended workflow from one that never was.
    const { job } = await readJob(deps, jobId);
    throw new IllegalActionError(jobId, type, job.state);
  }
  return untilCancelled(deps, jobId, isServed ? CANCELLED_WITHIN_MS : 0);
}

/** Where a job with this id began. */
function firstAddress(jobId: string): ActionAddress {
  const group = itemAddress(jobId);
  return group ? { workflowId: group.groupId, item: group.item } : { workflowId: jobId };
}

async function leaveForWorker(deps: ActionDependencies, jobId: string, action: ActionRequest): Promise<ActionAnswer> {
  const { actions, job, workflowId, item }: JobSnapshot = await readJob(deps, jobId);
  if (!actions.includes(action.type)) throw new IllegalActionError(jobId, action.type, job.state);
  checkInput(action);
  if (action.type === 'cancel' && item === undefined) await requestCancel(deps.client, workflowId, action.actor);
  else await deps.signalled.send({ jobId, workflowId, name: action.type, args: argumentsOf(action, item) });
  return { job: (await readJob(deps, jobId)).job, applied: 'whenAWorkerIsBack' };
}

/** Answers stand in the history, so they tell of the newest attempt and action only: those before it are read. */
async function told(deps: ActionDependencies, jobId: string, answer: JobView): Promise<ActionAnswer> {
  const [newest] = answer.attempts;
  const hasAll = (newest?.number ?? 0) <= 1 && answer.actionsTaken.length === 0;
  if (hasAll) return { job: answer, applied: 'now' };
  const { job } = await readJob(deps, jobId);
  // To its workflow it is queued: see `asSeen`.
  if (answer.state === 'queued' && job.state === 'running') return { job, applied: 'now' };
  const earlier = job.attempts.filter(({ number }) => newest !== undefined && number < newest.number);
  return {
    job: { ...answer, attempts: [...earlier, ...answer.attempts], actionsTaken: job.actionsTaken },
    applied: 'now',
  };
}

/** A running attempt ends by itself, so its job is asked until it has. */
async function untilCancelled(deps: ActionDependencies, jobId: string, withinMs: number): Promise<ActionAnswer> {
  const deadline = Date.now() + withinMs;
  for (;;) {
    const { job } = await readJob(deps, jobId);
    if (job.endedAt !== null) return { job, applied: 'now' };
    if (Date.now() >= deadline) return { job, applied: 'whenAWorkerIsBack' };
    await new Promise((resolve) => setTimeout(resolve, LOOK_AGAIN_AFTER_MS));
  }
}

function hasMovedOn(error: unknown): boolean {
  const type = refusalIn(error)?.type;
  return (
    type === FAILURE.leftGroup || type === FAILURE.notInGroup || error instanceof JobNotFoundError || isNotFound(error)
  );
}

function refusal(jobId: string, action: ActionRequest, error: unknown): unknown {
  const cause = refusalIn(error);
  switch (cause?.type) {
    case FAILURE.actionIllegal:
      return new IllegalActionError(jobId, action.type, (cause.details?.[0] ?? 'unknown') as JobState);
    case FAILURE.actionInvalid:
      return new InvalidActionError(cause.message);
    case FAILURE.busy:
      return new TooManyActionsError(cause.message);
    case FAILURE.needsNewer:
      return new TemporalRefusalError('busy', cause.message, error);
    default:
      return isNotFound(error) ? new JobNotFoundError(jobId) : error;
  }
}
